//! Certificates that are asked for with CSRs.

use serde_json::json;

use super::platform::{CSR_SIGNER, Requested};
use crate::certificate::Draft;
use crate::managers::round::{DAY, Round, authority, data};
use crate::openshift::rfc3339;

/// As long as this does the controller manager sign for (`--cluster-signing-duration`), if the signer lives so long.
const VALID: i64 = 30 * DAY;

/// The part of a life, in hundredths, that is left when it is renewed: somewhere from 20 to 25
/// (openshift/library-go: `pkg/operator/csr/cert_controller.go`).
const LEFT: i64 = 22;

/// Asks for a certificate, or for a new one near the end.
pub(super) fn keep(round: &Round<'_>, request: &Requested) {
    let (namespace, name) = request.place;
    let secret = round.secret(namespace, name);
    let certificate = secret.and_then(|it| round.certificate(&it, "tls.crt"));
    if certificate.is_some_and(|it| {
        let left = (it.not_after - it.not_before) * LEFT / 100;
        !round.passed(it.not_after - left)
    }) {
        return;
    }
    let signer = round.secret(CSR_SIGNER.0, CSR_SIGNER.1);
    let read = signer.and_then(|it| Some((authority(&it)?, round.certificate(&it, "tls.crt")?)));
    let Some((signer, signing)) = read.filter(|(_, signing)| round.is_active(signing)) else {
        return;
    };
    let (from, until) = (round.now, signing.not_after.min(round.now + VALID));
    let leaf = Draft::named(request.common_name)
        .client()
        .valid(from, until);
    let mut metadata = json!({"namespace": namespace, "name": name});
    if request.announced {
        metadata["annotations"] = json!({
            "auth.openshift.io/certificate-not-before": rfc3339(from),
            "auth.openshift.io/certificate-not-after": rfc3339(until),
        });
    }
    round.cluster.apply(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": metadata, "data": data(&leaf.signed_by(&signer), &[]),
    }));
}
