//! Certificates that platform operators request from the cluster's own signer
//! (openshift/library-go: `pkg/operator/csr/cert_controller.go`): renewed when a random 20 to 25 %
//! of the validity is left.

use super::index::Index;
use super::{Manager, Remedy, Rotation};
use crate::certificate::Certificate;
use crate::facts::Holder;
use crate::object::Mark;

/// The secrets that had no annotations before June 2025 (openshift/cluster-authentication-operator:
/// pkg/operator/starter.go; openshift/cluster-monitoring-operator: pkg/operator/operator.go).
const KNOWN: [(&str, &str); 4] = [
    ("openshift-oauth-apiserver", "openshift-authenticator-certs"),
    ("openshift-monitoring", "metrics-client-certs"),
    ("openshift-monitoring", "federate-client-certs"),
    ("openshift-monitoring", "metrics-server-client-certs"),
];

pub(super) const SHOW_REQUESTS: Remedy = Remedy::ShowElsewhere("get certificatesigningrequests");

pub(super) fn judge(_: &Index<'_>, holder: &Holder) -> Option<Rotation> {
    let (marks, leaf) = (&holder.meta.marks, holder.leaf());
    let is_marked = marks.get(Mark::CertificateNotBefore).is_some()
        && marks.get(Mark::CertificateNotAfter).is_some();
    let is_signed =
        || leaf.is_some_and(|leaf| leaf.issuer_common_name().starts_with("kube-csr-signer_@"));
    if !is_marked && !KNOWN.contains(&holder.object.place()) && !is_signed() {
        return None;
    }
    let validity = leaf.and_then(Certificate::validity);
    let due = validity.map(|validity| validity.until - validity.fraction(15, 100));
    Some(Rotation::by(Manager::Csr, due, SHOW_REQUESTS))
}
