//! Custom resource definitions with a conversion webhook: without it not even old objects can be read.

use serde::Deserialize;

use super::Resource;
use super::consumer::{Called, Uses, decode};
use crate::api::body::Form;
use crate::facts::Use;

pub(super) static DEFINITIONS: Resource = Resource {
    name: "customresourcedefinitions.apiextensions.k8s.io",
    group: "apiextensions.k8s.io",
    version: "v1",
    plural: "customresourcedefinitions",
    purpose: "which resources cannot be read without a certificate.",
    fields: None,
    labels: None,
    form: Form::Json,
    // Schemas: up to a megabyte each, and a page is held as a whole.
    page: 10,
    is_namespaced: false,
    is_optional: true,
    decode: decode::<Definition>,
};

#[derive(Deserialize)]
struct Definition {
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    conversion: Conversion,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Conversion {
    webhook: Option<Webhook>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Webhook {
    client_config: Called,
}

impl Uses for Definition {
    const KIND: &'static str = "CustomResourceDefinition";

    fn uses(self, _: &str, _: &str) -> Vec<Use> {
        let webhook = self.spec.conversion.webhook;
        let used = webhook.and_then(|webhook| webhook.client_config.used(false));
        used.into_iter().collect()
    }
}
