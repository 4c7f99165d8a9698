//! Objects of OpenShift's service CA: its signing key, annotated Services, and the secrets issued
//! for them.

use notafter_simulator::Cluster;
use notafter_simulator::certificate::{Authority, Draft};
use serde_json::{Value, json};

use super::{annotated, owned, rfc3339};
use crate::world::{DAY, THEN, tls};

const NAMESPACE: &str = "app";
const BETA: &str = "service.beta.openshift.io";
const ALPHA: &str = "service.alpha.openshift.io";
/// The secret of the Service `web`.
pub(crate) const WEB: &str = "app/web-tls";
/// The secret of the CA itself.
pub(crate) const SIGNING_KEY: &str = "openshift-service-ca/signing-key";

/// The service CA with one generation of its key. The name stays the same when the key is rotated.
pub(crate) struct ServiceCa(Authority);

impl ServiceCa {
    /// Creates a CA that becomes valid at `from`.
    pub(crate) fn since(from: i64) -> Self {
        let draft = Draft::named(&format!("openshift-service-serving-signer@{THEN}"));
        Self(draft.valid(from, from + 790 * DAY).authority())
    }

    /// Makes this CA the current one of the cluster.
    pub(crate) fn install(&self, cluster: &Cluster) {
        let secret = tls("openshift-service-ca", "signing-key", &self.0.pair);
        cluster.apply(annotated(
            secret,
            "openshift.io/owning-component",
            "service-ca",
        ));
    }

    /// Creates the secret that a Service of the cluster requests, with a certificate issued at
    /// `from`.
    pub(crate) fn serve(&self, cluster: &Cluster, service: &str, from: i64) {
        let service = cluster.get("Service", NAMESPACE, service).unwrap();
        cluster.apply(self.secret(&service, from));
    }

    fn secret(&self, service: &Value, from: i64) -> Value {
        let metadata = &service["metadata"];
        let (name, uid) = (text(&metadata["name"]), text(&metadata["uid"]));
        let requested = &metadata["annotations"][format!("{BETA}/serving-cert-secret-name")];
        let host = format!("{name}.{NAMESPACE}.svc");
        let leaf = Draft::named(&host).hosts(&[&host, &format!("{host}.cluster.local")]);
        let end = from + 730 * DAY;
        let mut pair = leaf.serving().valid(from, end).signed_by(&self.0);
        pair.certificate.push_str(&self.0.pair.certificate);
        let mut secret = tls(NAMESPACE, text(requested), &pair);
        secret["metadata"]["annotations"] = json!({
            "openshift.io/owning-component": "service-ca",
            format!("{ALPHA}/expiry"): rfc3339(end),
            format!("{BETA}/expiry"): rfc3339(end),
            format!("{BETA}/originating-service-name"): name,
            format!("{BETA}/originating-service-uid"): uid,
        });
        owned(secret, "Service", name)
    }
}

/// A Service that requests a secret, and for which the secret was issued.
pub(crate) fn service(name: &str, secret: &str) -> Value {
    let signer = format!("openshift-service-serving-signer@{THEN}");
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": NAMESPACE, "name": name, "annotations": {
            format!("{BETA}/serving-cert-secret-name"): secret,
            format!("{BETA}/serving-cert-signed-by"): signer,
            format!("{ALPHA}/serving-cert-signed-by"): signer,
        }},
    })
}

/// Returns the Service after `errors` failed attempts to issue its secret.
pub(crate) fn given_up(mut service: Value, errors: &str) -> Value {
    for flavour in [BETA, ALPHA] {
        let error = "secret app/web-tls does not have corresponding service UID 0a65fa6a";
        service = annotated(
            service,
            &format!("{flavour}/serving-cert-generation-error"),
            error,
        );
        let number = format!("{flavour}/serving-cert-generation-error-num");
        service = annotated(service, &number, errors);
    }
    service
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
