//! Objects of cert-manager: Certificates, and the secrets that are issued for them.

use notafter_simulator::certificate::{Authority, Draft};
use serde_json::{Value, json};

use super::rfc3339;
use crate::world::{DAY, THEN, secret};

/// The time at which cert-manager renews a certificate issued at [`THEN`] for 90 days.
pub(crate) const RENEWAL: i64 = THEN + 60 * DAY;

/// The secret issued for a Certificate at [`THEN`], valid for 90 days.
pub(crate) fn issued(namespace: &str, certificate: &str, ca: &Authority) -> Value {
    let host = format!("{certificate}.{namespace}.svc");
    let leaf = Draft::named("")
        .hosts(&[&host])
        .valid(THEN, THEN + 90 * DAY);
    let pair = leaf.signed_by(ca);
    let data = [
        ("ca.crt", ca.pair.certificate.as_bytes()),
        ("tls.crt", pair.certificate.as_bytes()),
        ("tls.key", pair.key.as_bytes()),
    ];
    let mut secret = secret(namespace, &format!("{certificate}-tls"), &data);
    secret["metadata"]["labels"] = json!({"controller.cert-manager.io/fao": "true"});
    secret["metadata"]["annotations"] = json!({
        "cert-manager.io/alt-names": host, "cert-manager.io/certificate-name": certificate,
        "cert-manager.io/common-name": "", "cert-manager.io/ip-sans": "",
        "cert-manager.io/issuer-group": "", "cert-manager.io/issuer-kind": "Issuer",
        "cert-manager.io/issuer-name": "ca", "cert-manager.io/uri-sans": "",
    });
    secret
}

/// The Certificate that requests that secret, in condition Ready.
pub(crate) fn asked(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1", "kind": "Certificate",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"secretName": format!("{name}-tls"), "issuerRef": {"name": "ca"}},
        "status": {
            "conditions": [{"type": "Ready", "status": "True", "reason": "Ready"}],
            "notAfter": rfc3339(THEN + 90 * DAY), "renewalTime": rfc3339(RENEWAL), "revision": 1,
        },
    })
}
