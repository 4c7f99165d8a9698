//! Ingress controllers of OpenShift: the certificate that every Route of theirs shows that has none of its own.

use serde::Deserialize;

use super::Resource;
use super::consumer::{Reference, Uses, decode};
use crate::api::body::Form;
use crate::facts::Use;

pub(super) static INGRESS_CONTROLLERS: Resource = Resource {
    name: "ingresscontrollers.operator.openshift.io",
    group: "operator.openshift.io",
    version: "v1",
    plural: "ingresscontrollers",
    purpose: "which certificates the routers show.",
    fields: None,
    labels: None,
    form: Form::Json,
    page: 100,
    is_namespaced: true,
    is_optional: true,
    decode: decode::<IngressController>,
};

#[derive(Deserialize)]
struct IngressController {
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    default_certificate: Option<Reference>,
}

impl Uses for IngressController {
    const KIND: &'static str = "IngressController";

    /// Both are in the namespace of the routers (openshift/cluster-ingress-operator:
    /// pkg/operator/controller/names.go, `RouterEffectiveDefaultCertificateSecretName`).
    fn uses(self, _: &str, name: &str) -> Vec<Use> {
        let given = self.spec.default_certificate.map(|it| it.name);
        let secret = given.unwrap_or_else(|| format!("router-certs-{name}"));
        vec![Use::of_secret("openshift-ingress", &secret)]
    }
}
