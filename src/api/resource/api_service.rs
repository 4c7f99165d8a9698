//! APIServices: APIs that another server answers, whose certificate the aggregator verifies.

use serde::Deserialize;

use super::Resource;
use super::consumer::{Called, Uses, decode};
use crate::api::body::Form;
use crate::facts::Use;

pub(super) static API_SERVICES: Resource = Resource {
    name: "apiservices.apiregistration.k8s.io",
    group: "apiregistration.k8s.io",
    version: "v1",
    plural: "apiservices",
    purpose: "which APIs break with a certificate.",
    fields: None,
    labels: None,
    form: Form::Json,
    page: 100,
    is_namespaced: false,
    is_optional: true,
    decode: decode::<ApiService>,
};

#[derive(Deserialize)]
struct ApiService {
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    #[serde(flatten)]
    called: Called,
    #[serde(rename = "insecureSkipTLSVerify")]
    is_unverified: bool,
}

impl Uses for ApiService {
    const KIND: &'static str = "APIService";

    fn uses(self, _: &str, _: &str) -> Vec<Use> {
        // While one group cannot be discovered, no namespace can be deleted, whatever is in it.
        let called = self.spec.called.used(true);
        called
            .filter(|_| !self.spec.is_unverified)
            .into_iter()
            .collect()
    }
}
