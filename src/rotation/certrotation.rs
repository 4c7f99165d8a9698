//! certrotation: the platform operators' renewal of certificates that they sign themselves, signers
//! and targets.
//!
//! The operators decide by annotations, not by the certificate, once a minute: at the refresh period or at 80
//! % of the validity, whichever comes first (openshift/library-go:
//! pkg/operator/certrotation/signer.go, `needNewSigningCertKeyPair`; target.go,
//! `needNewTargetCertKeyPairForTime`).

use jiff::{SignedDuration, Timestamp};

use super::index::Index;
use super::{Evidence, Manager, Remedy, Rotation};
use crate::certificate::{Certificate, Validity};
use crate::facts::Holder;
use crate::object::Mark;

/// The usual delay of an operator that is upgraded, moved or elected again.
const SLACK: i64 = 2 * 3600;

/// The time that a target takes once its signer has been known for long enough: the operator's
/// minute, and its retries.
const TARGET_SLACK: i64 = 600;

/// The operators that renew; late without evidence means that one of them does not run.
pub(super) const SHOW_OPERATORS: Remedy = Remedy::ShowElsewhere("get clusteroperators");

pub(super) fn judge(index: &Index<'_>, holder: &Holder) -> Option<Rotation> {
    if !is_rotated(holder) {
        return None;
    }
    let leaf = holder.leaf();
    let is_signer = match holder.meta.marks.get(Mark::CertificateType) {
        Some(kind) => kind == "signer",
        None => leaf.is_some_and(|leaf| leaf.self_issued),
    };
    let real = leaf.and_then(Certificate::validity);
    let annotated = annotated(holder);
    let due = annotated
        .or(real)
        .and_then(|validity| due(holder, validity, is_signer));
    let rotation = Rotation::by(Manager::CertRotation, due, SHOW_OPERATORS);
    // Unreadable annotations cause a renewal at once; those of another certificate, one that is too
    // late.
    let contradicts = || {
        let (annotated, real) = (annotated?, real?);
        Some(annotated.until != real.until && due? > real.until)
    };
    Some(match contradicts() {
        Some(true) => rotation.lost(
            Evidence::AnnotationsContradict,
            regenerate(index, holder, is_signer),
        ),
        _ => rotation,
    })
}

/// Returns whether `oc` would recognise it (openshift/oc: pkg/cli/admin/ocpcertificates/certregen,
/// `IsPlatformCertSecret`), or its issuer has the name that certrotation gives to signers:
/// `<namespace>_<secret>@<unix time>`.
fn is_rotated(holder: &Holder) -> bool {
    let marks = &holder.meta.marks;
    let is_marked = || {
        marks.get(Mark::CertificateIssuer).is_some()
            && marks.get(Mark::CertificateNotBefore).is_some()
    };
    is_marked() || holder.leaf().is_some_and(is_signed)
}

fn is_signed(leaf: &Certificate) -> bool {
    let Some((signer, time)) = leaf.issuer_common_name().split_once('@') else {
        return false;
    };
    let is_time = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
    is_time && signer.contains('_') && signer != "kube-csr-signer_"
}

/// Returns the validity in the annotations; nothing if one is absent or not a time: `oc` writes
/// `force-regeneration` there.
fn annotated(holder: &Holder) -> Option<Validity> {
    let time = |mark| holder.meta.marks.get(mark)?.parse::<Timestamp>().ok();
    let from = time(Mark::CertificateNotBefore)?.as_second();
    Validity::new(from, time(Mark::CertificateNotAfter)?.as_second())
}

/// Returns the time by which a healthy operator has renewed it.
///
/// The refresh period is written when a certificate is issued and never again, so it may be that of
/// an older version: kube-apiserver-to-kubelet-signer had 30 days of 365 until 4.21, and 292 since.
/// One that is much shorter than half of the validity does not count.
fn due(holder: &Holder, validity: Validity, is_signer: bool) -> Option<i64> {
    let latest = validity.fraction(4, 5);
    let refresh = holder.meta.marks.get(Mark::RefreshPeriod);
    let refresh = refresh.and_then(|period| period.parse::<SignedDuration>().ok());
    let refresh = refresh.map(|period| period.as_secs());
    let age = refresh
        .filter(|age| (validity.fraction(2, 5)..latest).contains(age))
        .unwrap_or(latest);
    // A target waits until its signer has been known for a tenth of the period.
    let slack = if is_signer {
        SLACK
    } else {
        SLACK.max(age / 10 + TARGET_SLACK)
    };
    let left = validity.until - validity.from - age;
    validity
        .from
        .checked_add(age)?
        .checked_add(slack.min(left / 2))
}

/// Has the certificate reissued; experimental, according to `oc` (openshift/oc:
/// pkg/cli/admin/ocpcertificates). The operator then rolls it out, static pods included.
///
/// Only OpenShift has the command. It does nothing for the CSR signer, whose operator takes any text
/// that is not a time as a reason to renew (openshift/cluster-kube-controller-manager-operator).
fn regenerate(index: &Index<'_>, holder: &Holder, is_signer: bool) -> Remedy {
    let (namespace, name) = holder.object.place();
    if !index.facts.is_openshift {
        return Remedy::DescribeSecret;
    }
    if name == "csr-signer" {
        let not_after = "auth.openshift.io/certificate-not-after=force-regeneration";
        return Remedy::Run(format!("annotate secret {name} --overwrite {not_after}").into());
    }
    let what = if is_signer { "top-level" } else { "leaf" };
    let command = format!("oc adm ocp-certificates regenerate-{what} -n {namespace} secret/{name}");
    Remedy::RunBy(command.into())
}
