//! cert-manager: renews at the time that its Certificate names (cert-manager/cert-manager:
//! pkg/util/pki/renewaltime.go). From the secret alone that cannot be known, and a Certificate that is late stays
//! `Ready=True` until its end.

use super::index::Index;
use super::{Evidence, Manager, Remedy, Rotation};
use crate::facts::{ISSUED, Issued, Secret, mark};

/// It renews in the second that it has named; this is for an issuer that takes its time, and one failure.
const SLACK: i64 = 3600;

pub(super) fn judge(index: &Index<'_>, secret: &Secret) -> Option<Rotation> {
    let marks = &secret.marks;
    let wanted_by = index.issued(&secret.namespace, &secret.name);
    let is_marked =
        || marks.get(mark::CERTIFICATE_NAME).is_some() || marks.get(mark::ISSUED_SECRET).is_some();
    if wanted_by.is_empty() && !is_marked() {
        return None;
    }
    let Some(issued) = chosen(secret, wanted_by) else {
        let rotation = Rotation::by(Manager::CertManager, None, Remedy::ShowCertificates);
        let is_gone = index.facts.knows(ISSUED, &secret.namespace);
        return Some(if is_gone {
            rotation.blocked(Evidence::CertificateGone, Remedy::ShowCertificates)
        } else {
            rotation
        });
    };
    let describe = Remedy::DescribeCertificate(issued.name.clone());
    let due = issued.renewal.map(|time| time.saturating_add(SLACK));
    let rotation = Rotation::by(Manager::CertManager, due, describe.clone());
    Some(if issued.is_disabled {
        let renew = Remedy::RenewCertificate(issued.name.clone());
        rotation.lost(Evidence::RenewalDisabled, renew)
    } else if wanted_by.len() > 1 {
        // Once it is overdue, the one that it was issued for has more to say.
        let contested = rotation.blocked(Evidence::Contested, Remedy::ShowCertificates);
        Rotation {
            remedy: describe,
            ..contested
        }
    } else if is_of_expired_ca(secret) {
        rotation.blocked(Evidence::ExpiredCa, describe)
    } else {
        rotation
    })
}

/// The one that the secret was issued for, else the first.
fn chosen<'a>(secret: &Secret, wanted_by: &[&'a Issued]) -> Option<&'a Issued> {
    let name = secret.marks.get(mark::CERTIFICATE_NAME);
    let named = wanted_by.iter().find(|it| Some(&*it.name) == name);
    named.or(wanted_by.first()).copied()
}

/// A CA issuer whose certificate has ended stays ready and issues on; only `ca.crt` tells.
fn is_of_expired_ca(secret: &Secret) -> bool {
    let (Some(leaf), Some(ca)) = (secret.leaf(), secret.first("ca.crt")) else {
        return false;
    };
    let is_its = ca.subject == leaf.issuer && !leaf.self_issued;
    is_its
        && ca
            .not_after
            .zip(leaf.not_before)
            .is_some_and(|(end, issued)| end < issued)
}
