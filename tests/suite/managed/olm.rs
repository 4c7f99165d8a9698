//! Objects of OLM: the secret of an operator's deployment, and the ClusterServiceVersion that
//! records its rotation.

use notafter::certificate::hexadecimal;
use notafter_simulator::certificate::{Authority, Draft};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{annotated, labelled, owned, rfc3339};
use crate::world::{DAY, THEN, secret};

const NAMESPACE: &str = "widget-operator";
const DEPLOYMENT: &str = "widgets-controller";
/// The name of the operator's ClusterServiceVersion.
pub(crate) const CSV: &str = "widgets.v1.4.2";
/// The secret of the operator's deployment.
pub(crate) const WIDGETS: &str = "widget-operator/widgets-controller-service-cert";
/// The expiry of the certificates that OLM created at [`THEN`].
pub(crate) const END: i64 = THEN + 730 * DAY;
/// The phase and reason of a healthy operator.
pub(crate) const WELL: (&str, &str) = ("Succeeded", "InstallSucceeded");

/// The suffixes of the DNS names in a certificate of OLM before v0.29.0.
pub(crate) const UNFIXED: &[&str] = &["", ".svc"];
/// The suffixes of the DNS names in a certificate of OLM v0.29.0 and later.
pub(crate) const FIXED: &[&str] = &["", ".svc", ".svc.cluster.local"];

/// The secret of the widgets operator, whose certificates expire at `end`.
pub(crate) fn olm_secret(names: &[&str], end: i64) -> Value {
    olm_secret_under(&authority(end), names, end)
}

/// The secret of the widgets operator, with a CA that may expire at another time.
pub(crate) fn olm_secret_under(authority: &Authority, names: &[&str], end: i64) -> Value {
    let host = format!("{DEPLOYMENT}-service.{NAMESPACE}");
    let hosts: Vec<String> = names
        .iter()
        .map(|suffix| format!("{host}{suffix}"))
        .collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let leaf = Draft::of("Red Hat, Inc.", &host).hosts(&hosts).serving();
    let pair = leaf.valid(THEN, end).signed_by(authority);
    let ca = authority.pair.certificate.as_bytes();
    let data = [
        ("olmCAKey", ca),
        ("tls.crt", pair.certificate.as_bytes()),
        ("tls.key", pair.key.as_bytes()),
    ];
    let secret = secret(NAMESPACE, &format!("{DEPLOYMENT}-service-cert"), &data);
    let hash = hexadecimal(&Sha256::digest(ca));
    let secret = annotated(secret, "olmcahash", &hash);
    owned(
        labelled(secret, "olm.managed", "true"),
        "ClusterServiceVersion",
        CSV,
    )
}

/// The CA that OLM creates for one certificate, without keeping its key.
fn authority(end: i64) -> Authority {
    let draft = Draft::of("Red Hat, Inc.", "olm-selfsigned-3e7de0b108d66684");
    draft.valid(THEN, end).authority()
}

/// The widgets operator with a phase and a reason: it owns webhooks only, and its status has no
/// rotation times.
pub(crate) fn csv((phase, reason): (&str, &str)) -> Value {
    json!({
        "apiVersion": "operators.coreos.com/v1alpha1", "kind": "ClusterServiceVersion",
        "metadata": {"namespace": NAMESPACE, "name": CSV},
        "spec": {"version": "1.4.2", "webhookdefinitions": [
            {"deploymentName": DEPLOYMENT, "generateName": "vwidgets.example.com",
             "type": "ValidatingAdmissionWebhook", "containerPort": 9443},
            {"deploymentName": DEPLOYMENT, "generateName": "cwidgets.example.com",
             "type": "ConversionWebhook", "containerPort": 9443},
        ]},
        "status": {"phase": phase, "reason": reason, "lastTransitionTime": rfc3339(THEN)},
    })
}

/// Returns the operator with a status that schedules the rotation of its certificates.
pub(crate) fn remembering(mut csv: Value, rotate_at: i64) -> Value {
    csv["status"]["certsLastUpdated"] = rfc3339(THEN).into();
    csv["status"]["certsRotateAt"] = rfc3339(rotate_at).into();
    csv
}

/// The healthy packageserver operator of OLM itself, as package-server-manager maintains it.
pub(crate) fn packageserver() -> Value {
    let mut csv = csv(WELL);
    csv["metadata"] = json!({
        "namespace": "openshift-operator-lifecycle-manager", "name": "packageserver",
        "labels": {"olm.clusteroperator.name": "operator-lifecycle-manager-packageserver"},
    });
    csv["spec"] = json!({"version": "0.28.0", "apiservicedefinitions": {"owned": [
        {"name": "v1.packages.operators.coreos.com", "group": "packages.operators.coreos.com",
         "version": "v1", "kind": "PackageManifest", "deploymentName": "packageserver", "containerPort": 5443},
    ]}});
    csv
}
