//! certrotation: how the platform's operators renew what they sign themselves, signers and targets.
//!
//! It decides by annotations, not by the certificate, once a minute: at the refresh period or at 80 % of the
//! validity, whichever comes first (openshift/library-go: pkg/operator/certrotation/signer.go,
//! `needNewSigningCertKeyPair`; target.go, `needNewTargetCertKeyPairForTime`).

use jiff::{SignedDuration, Timestamp};

use super::index::Index;
use super::{Evidence, Manager, Remedy, Rotation};
use crate::certificate::Certificate;
use crate::facts::{Secret, mark};

/// What an operator that is upgraded, moved or elected anew may be late.
const SLACK: i64 = 2 * 3600;

/// When a certificate begins and ends (Unix seconds).
type Life = (i64, i64);

pub(super) fn judge(_: &Index<'_>, secret: &Secret) -> Option<Rotation> {
    if !is_rotated(secret) {
        return None;
    }
    let leaf = secret.leaf();
    let is_signer = match secret.marks.get(mark::CERTIFICATE_TYPE) {
        Some(kind) => kind == "signer",
        None => leaf.is_some_and(|it| it.self_issued),
    };
    let remedy = if is_signer {
        Remedy::ShowClusterOperators
    } else {
        Remedy::RegenerateLeaf
    };
    let real = leaf.and_then(|it| Some((it.not_before?, it.not_after?)));
    let annotated = annotated(secret);
    let due = annotated
        .or(real)
        .and_then(|life| due(secret, life, is_signer));
    let rotation = Rotation::by(Manager::CertRotation, due, remedy.clone());
    // Annotations that cannot be read make it renew at once; those of another certificate, too late.
    let contradicts = || {
        let ((_, told), (_, end)) = (annotated?, real?);
        Some(told != end && due? > end)
    };
    Some(match contradicts() {
        Some(true) => rotation.lost(Evidence::AnnotationsContradict, remedy),
        _ => rotation,
    })
}

/// As `oc` recognises them (openshift/oc: pkg/cli/admin/ocpcertificates/certregen, `IsPlatformCertSecret`), or by the
/// name that certrotation gives to signers: `<namespace>_<secret>@<unix time>`.
fn is_rotated(secret: &Secret) -> bool {
    let marks = &secret.marks;
    let is_marked = || {
        marks.get(mark::CERTIFICATE_ISSUER).is_some()
            && marks.get(mark::CERTIFICATE_NOT_BEFORE).is_some()
    };
    is_marked() || secret.leaf().is_some_and(is_signed)
}

fn is_signed(leaf: &Certificate) -> bool {
    let Some((signer, time)) = leaf.issuer_common_name().split_once('@') else {
        return false;
    };
    let is_time = !time.is_empty() && time.bytes().all(|it| it.is_ascii_digit());
    is_time && signer.contains('_') && signer != "kube-csr-signer_"
}

/// What its annotations say; nothing if one is absent or no time: `oc` writes `force-regeneration` there.
fn annotated(secret: &Secret) -> Option<Life> {
    let time = |name| secret.marks.get(name)?.parse::<Timestamp>().ok();
    let from = time(mark::CERTIFICATE_NOT_BEFORE)?.as_second();
    let until = time(mark::CERTIFICATE_NOT_AFTER)?.as_second();
    (from < until).then_some((from, until))
}

fn due(secret: &Secret, (from, until): Life, is_signer: bool) -> Option<i64> {
    let most = until.checked_sub(from)? / 5 * 4;
    let refresh = secret.marks.get(mark::REFRESH_PERIOD);
    let refresh = refresh.and_then(|it| it.parse::<SignedDuration>().ok());
    let refresh = refresh
        .map(|it| it.as_secs())
        .filter(|it| (1..most).contains(it));
    let age = refresh.unwrap_or(most);
    // A target waits until its signer has been known for a tenth of the period.
    let slack = if is_signer {
        SLACK
    } else {
        SLACK.max(age / 10)
    };
    from.checked_add(age)?.checked_add(slack)
}
