//! Routes that take their certificate from a secret. Inline ones are not read, nor are their keys.

use serde::Deserialize;

use super::Resource;
use super::consumer::{Reference, Uses, decode};
use crate::api::body::Form;
use crate::facts::Use;

pub(super) static ROUTES: Resource = Resource {
    name: "routes.route.openshift.io",
    group: "route.openshift.io",
    version: "v1",
    plural: "routes",
    purpose: "which of them take their certificate from a secret.",
    fields: None,
    labels: None,
    form: Form::Json,
    page: 100,
    is_namespaced: true,
    is_optional: true,
    decode: decode::<Route>,
};

#[derive(Deserialize)]
struct Route {
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    tls: Option<Tls>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Tls {
    external_certificate: Option<Reference>,
}

impl Uses for Route {
    const KIND: &'static str = "Route";

    fn uses(self, namespace: &str, _: &str) -> Vec<Use> {
        let external = self.spec.tls.and_then(|tls| tls.external_certificate);
        let used = external.map(|it| Use::of_secret(namespace, &it.name));
        used.into_iter().collect()
    }
}
