//! Secrets that OpenShift's own operators rotate: signed by another such secret, or requested with
//! a CSR.

use notafter_simulator::certificate::{Draft, Pair};
use serde_json::{Value, json};

use super::rfc3339;
use crate::world::{DAY, THEN, tls};

/// The secret of a signer of the platform.
pub(crate) const SIGNER: &str = "openshift-kube-apiserver-operator/aggregator-client-signer";
/// The secret of a certificate that this signer signs.
pub(crate) const TARGET: &str = "openshift-kube-apiserver/aggregator-client";

/// The secret of [`SIGNER`] or [`TARGET`], renewed when the certificate reaches the age `refresh`.
pub(crate) fn rotated(place: &str, (from, until): (i64, i64), refresh: &str) -> Value {
    let (pair, kind) = if place == SIGNER {
        (signer().valid(from, until).authority().pair, "signer")
    } else {
        let leaf = Draft::of("system:masters", "system:openshift-aggregator");
        let authority = signer().valid(from, until).authority();
        (leaf.valid(from, until).signed_by(&authority), "target")
    };
    let mut secret = placed(place, &pair);
    secret["metadata"]["labels"] = json!({"auth.openshift.io/managed-certificate-type": kind});
    secret["metadata"]["annotations"] = json!({
        "auth.openshift.io/certificate-issuer": signers_name(),
        "auth.openshift.io/certificate-not-before": rfc3339(from),
        "auth.openshift.io/certificate-not-after": rfc3339(until),
        "certificates.openshift.io/refresh-period": refresh,
        "openshift.io/owning-component": "kube-apiserver",
    });
    secret
}

/// The peer certificate of one of etcd's nodes.
pub(crate) fn etcd_peer(node: &str) -> Value {
    let (from, until) = (THEN, THEN + 3 * 365 * DAY);
    rotated(
        &format!("openshift-etcd/etcd-peer-{node}"),
        (from, until),
        "",
    )
}

/// A secret whose certificate was requested from the cluster's CSR signer, in the form used since
/// June 2025.
pub(crate) fn requested(place: &str, (from, until): (i64, i64)) -> Value {
    let signer = Draft::named(&format!("kube-csr-signer_@{THEN}")).valid(from, until);
    let leaf = Draft::named("system:serviceaccount:openshift-monitoring:metrics-server");
    let pair = leaf.valid(from, until).signed_by(&signer.authority());
    let mut secret = placed(place, &pair);
    secret["metadata"]["annotations"] = json!({
        "auth.openshift.io/certificate-not-before": rfc3339(from),
        "auth.openshift.io/certificate-not-after": rfc3339(until),
    });
    secret
}

fn placed(place: &str, pair: &Pair) -> Value {
    let (namespace, name) = place.split_once('/').unwrap();
    tls(namespace, name, pair)
}

fn signer() -> Draft {
    Draft::named(&signers_name())
}

fn signers_name() -> String {
    format!("{}@{THEN}", SIGNER.replace('/', "_"))
}
