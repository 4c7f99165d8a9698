//! The API server's own configuration in OpenShift: the certificates that a user gave it for some names.

use serde::Deserialize;

use super::Resource;
use super::consumer::{Reference, Uses, decode};
use crate::api::body::Form;
use crate::facts::Use;

pub(super) static API_SERVERS: Resource = Resource {
    name: "apiservers.config.openshift.io",
    group: "config.openshift.io",
    version: "v1",
    plural: "apiservers",
    purpose: "which certificates the API server was given.",
    fields: None,
    labels: None,
    form: Form::Json,
    page: 20,
    is_namespaced: false,
    is_optional: true,
    decode: decode::<ApiServer>,
};

#[derive(Deserialize)]
struct ApiServer {
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    serving_certs: ServingCerts,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ServingCerts {
    named_certificates: Vec<Named>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Named {
    serving_certificate: Reference,
}

impl Uses for ApiServer {
    const KIND: &'static str = "APIServer";

    fn uses(self, _: &str, _: &str) -> Vec<Use> {
        let named = self.spec.serving_certs.named_certificates.into_iter();
        named
            .map(|it| Use::of_secret("openshift-config", &it.serving_certificate.name))
            .collect()
    }
}
