//! cert-manager: renews at the time that its Certificate names (cert-manager/cert-manager:
//! pkg/util/pki/renewaltime.go). The secret alone does not tell that time, and an overdue
//! Certificate stays `Ready=True` until it expires.

use super::index::Index;
use super::{Evidence, Manager, Remedy, Rotation};
use crate::facts::{Holder, ISSUANCES, Issuance};
use crate::object::Mark;

/// The time from the renewal time to the renewed certificate, but no more than half of what is left
/// then. cert-manager starts in the second it has named; this allows for a slow issuer, and one
/// failure.
const SLACK: i64 = 3600;

/// The pods of cert-manager, as its own manifests, its chart and OpenShift's operator label them.
pub(super) const SHOW_CONTROLLER: Remedy = Remedy::ShowElsewhere(
    "get pods --all-namespaces --selector=app.kubernetes.io/instance=cert-manager",
);

const SHOW_CERTIFICATES: Remedy = Remedy::show("get certificates.cert-manager.io");

/// The CA has a Certificate of its own, wherever that is; it is renewed before what it has issued.
const SHOW_ALL_CERTIFICATES: Remedy =
    Remedy::ShowElsewhere("get certificates.cert-manager.io --all-namespaces");

pub(super) fn judge(index: &Index<'_>, holder: &Holder) -> Option<Rotation> {
    let marks = &holder.meta.marks;
    let issuances = index.issuances(holder.object.place());
    let is_marked =
        || marks.get(Mark::CertificateName).is_some() || marks.get(Mark::IssuedSecret).is_some();
    if issuances.is_empty() && !is_marked() {
        return None;
    }
    let Some(issuance) = chosen(holder, issuances) else {
        let rotation = Rotation::by(Manager::CertManager, None, SHOW_CERTIFICATES);
        let is_gone = index.facts.knows(ISSUANCES, &holder.object.namespace);
        return Some(if is_gone {
            rotation.blocked(Evidence::CertificateGone, SHOW_CERTIFICATES)
        } else {
            rotation
        });
    };
    let name = &issuance.object.name;
    let describe = Remedy::describe("certificate.cert-manager.io", name);
    let due = issuance.renewal.map(|renewal| due(holder, renewal));
    let rotation = Rotation::by(Manager::CertManager, due, describe);
    Some(if issuance.is_disabled {
        let namespace = &holder.object.namespace;
        let renew = Remedy::RunBy(format!("cmctl renew -n {namespace} {name}").into());
        rotation.lost(Evidence::RenewalDisabled, renew)
    } else if is_of_expired_ca(holder) {
        rotation.blocked(Evidence::ExpiredCa, SHOW_ALL_CERTIFICATES)
    } else {
        rotation
    })
}

fn due(holder: &Holder, renewal: i64) -> i64 {
    let expiry = holder.leaf().and_then(|leaf| leaf.not_after);
    let left = expiry.map(|expiry| expiry.saturating_sub(renewal).max(0) / 2);
    renewal.saturating_add(left.map_or(SLACK, |left| left.min(SLACK)))
}

/// Returns the Certificate that the secret was issued for, else the first: of two for one secret,
/// that one goes on renewing.
fn chosen<'a>(holder: &Holder, issuances: &[&'a Issuance]) -> Option<&'a Issuance> {
    let name = holder.meta.marks.get(Mark::CertificateName);
    let mut all = issuances.iter();
    let named = all.find(|issuance| Some(&*issuance.object.name) == name);
    named.or(issuances.first()).copied()
}

/// Returns whether the CA had expired when it issued the certificate: a CA issuer with an expired
/// certificate stays ready and continues to issue, and only `ca.crt` tells.
fn is_of_expired_ca(holder: &Holder) -> bool {
    let (Some(leaf), Some(ca)) = (holder.leaf(), holder.first("ca.crt")) else {
        return false;
    };
    let is_issuer = ca.subject == leaf.issuer && !leaf.self_issued;
    let expiry_and_issue = ca.not_after.zip(leaf.not_before);
    is_issuer && expiry_and_issue.is_some_and(|(expiry, issue)| expiry < issue)
}
