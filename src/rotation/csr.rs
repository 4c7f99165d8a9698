//! Certificates that platform operators request from the cluster's own signer (openshift/library-go:
//! `pkg/operator/csr/cert_controller.go`): renewed when a random 20 to 25 % of the life is left.

use super::index::Index;
use super::{Manager, Remedy, Rotation};
use crate::facts::{Secret, mark};

/// The secrets that have had no annotations before June 2025 (openshift/cluster-authentication-operator:
/// pkg/operator/starter.go; openshift/cluster-monitoring-operator: pkg/operator/operator.go).
const KNOWN: [(&str, &str); 4] = [
    ("openshift-oauth-apiserver", "openshift-authenticator-certs"),
    ("openshift-monitoring", "metrics-client-certs"),
    ("openshift-monitoring", "federate-client-certs"),
    ("openshift-monitoring", "metrics-server-client-certs"),
];

pub(super) fn judge(_: &Index<'_>, secret: &Secret) -> Option<Rotation> {
    let marks = &secret.marks;
    let is_marked = marks.get(mark::CERTIFICATE_NOT_BEFORE).is_some()
        && marks.get(mark::CERTIFICATE_NOT_AFTER).is_some();
    let leaf = secret.leaf();
    let is_signed =
        || leaf.is_some_and(|it| it.issuer_common_name().starts_with("kube-csr-signer_@"));
    let is_known = KNOWN.contains(&(&*secret.namespace, &*secret.name));
    if !is_marked && !is_known && !is_signed() {
        return None;
    }
    let due = leaf.and_then(|it| {
        let (from, until) = (it.not_before?, it.not_after?);
        Some(until - until.checked_sub(from)?.max(0) / 100 * 15)
    });
    Some(Rotation::by(Manager::Csr, due, Remedy::ShowSigningRequests))
}
