//! What OpenShift's service CA leaves: its key, Services that ask, and the secrets that they were given.

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
/// The CA's own.
pub(crate) const SIGNING_KEY: &str = "openshift-service-ca/signing-key";

/// The service CA, with one of its keys. Its name does not change when it is rotated.
pub(crate) struct ServiceCa(Authority);

impl ServiceCa {
    /// One that was made then.
    pub(crate) fn since(from: i64) -> Self {
        let draft = Draft::named(&format!("openshift-service-serving-signer@{THEN}"));
        Self(draft.valid(from, from + 790 * DAY).authority())
    }

    /// Lets it sign from now on.
    pub(crate) fn install(&self, cluster: &Cluster) {
        let secret = tls("openshift-service-ca", "signing-key", &self.0.pair);
        cluster.apply(annotated(
            secret,
            "openshift.io/owning-component",
            "service-ca",
        ));
    }

    /// Gives a Service of the cluster the secret that it asks for, with a certificate that was made then.
    pub(crate) fn serve(&self, cluster: &Cluster, service: &str, from: i64) {
        let service = cluster.get("Service", NAMESPACE, service).unwrap();
        cluster.apply(self.secret(&service, from));
    }

    fn secret(&self, service: &Value, from: i64) -> Value {
        let metadata = &service["metadata"];
        let (name, uid) = (text(&metadata["name"]), text(&metadata["uid"]));
        let wanted = &metadata["annotations"][format!("{BETA}/serving-cert-secret-name")];
        let host = format!("{name}.{NAMESPACE}.svc");
        let leaf = Draft::named(&host).hosts(&[&host, &format!("{host}.cluster.local")]);
        let end = from + 730 * DAY;
        let mut pair = leaf.serving().valid(from, end).signed_by(&self.0);
        pair.certificate.push_str(&self.0.pair.certificate);
        let mut secret = tls(NAMESPACE, text(wanted), &pair);
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

/// A Service that asks for a secret, and was given it.
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

/// The Service after so many failures.
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
