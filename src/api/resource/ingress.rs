//! The ingress configuration of OpenShift: the certificates that a user gave the console and the OAuth server.

use serde::Deserialize;

use super::Resource;
use super::consumer::{Reference, Uses, decode};
use crate::api::body::Form;
use crate::facts::Use;

pub(super) static INGRESSES: Resource = Resource {
    name: "ingresses.config.openshift.io",
    group: "config.openshift.io",
    version: "v1",
    plural: "ingresses",
    purpose: "which certificates the console and the OAuth server were given.",
    fields: None,
    labels: None,
    form: Form::Json,
    page: 20,
    is_namespaced: false,
    is_optional: true,
    decode: decode::<Ingress>,
};

#[derive(Deserialize)]
struct Ingress {
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    component_routes: Vec<ComponentRoute>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ComponentRoute {
    serving_cert_key_pair_secret: Option<Reference>,
}

impl Uses for Ingress {
    const KIND: &'static str = "Ingress";

    fn uses(self, _: &str, _: &str) -> Vec<Use> {
        let given = self
            .spec
            .component_routes
            .into_iter()
            .filter_map(|route| route.serving_cert_key_pair_secret);
        given
            .map(|it| Use::of_secret("openshift-config", &it.name))
            .collect()
    }
}
