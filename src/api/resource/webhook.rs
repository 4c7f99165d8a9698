//! Admission webhooks: whoever writes what they watch must reach them.

use serde::Deserialize;

use super::Resource;
use super::consumer::{Called, Uses, decode};
use crate::api::body::Form;
use crate::facts::Use;

pub(super) static VALIDATING: Resource = Resource {
    name: "validatingwebhookconfigurations.admissionregistration.k8s.io",
    plural: "validatingwebhookconfigurations",
    decode: decode::<Validating>,
    ..WEBHOOKS
};

pub(super) static MUTATING: Resource = Resource {
    name: "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    plural: "mutatingwebhookconfigurations",
    decode: decode::<Mutating>,
    ..WEBHOOKS
};

const WEBHOOKS: Resource = Resource {
    name: "",
    group: "admissionregistration.k8s.io",
    version: "v1",
    plural: "",
    purpose: "what cannot be written without a certificate.",
    fields: None,
    labels: None,
    form: Form::Json,
    page: 100,
    is_namespaced: false,
    is_optional: true,
    decode: decode::<Validating>,
};

#[derive(Deserialize)]
#[serde(transparent)]
struct Validating(Configuration);

#[derive(Deserialize)]
#[serde(transparent)]
struct Mutating(Configuration);

#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    webhooks: Vec<Webhook>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Webhook {
    client_config: Called,
    failure_policy: String,
    rules: Vec<Rule>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Rule {
    api_groups: Vec<String>,
}

impl Uses for Validating {
    const KIND: &'static str = "ValidatingWebhookConfiguration";

    fn uses(self, _: &str, _: &str) -> Vec<Use> {
        self.0.uses()
    }
}

impl Uses for Mutating {
    const KIND: &'static str = "MutatingWebhookConfiguration";

    fn uses(self, _: &str, _: &str) -> Vec<Use> {
        self.0.uses()
    }
}

impl Configuration {
    fn uses(self) -> Vec<Use> {
        let used = |webhook: Webhook| {
            let is_vital = webhook.is_vital();
            webhook.client_config.used(is_vital)
        };
        self.webhooks.into_iter().filter_map(used).collect()
    }
}

impl Webhook {
    /// Whether objects of Kubernetes itself cannot be written while it is not reached. Its groups have no dot
    /// (`""`, `apps`, `batch`) or end in `.k8s.io`; `Fail` is what `v1` has where nothing is said.
    fn is_vital(&self) -> bool {
        let mut groups = self.rules.iter().flat_map(|rule| &rule.api_groups);
        let own = |group: &String| !group.contains('.') || group.ends_with(".k8s.io");
        self.failure_policy != "Ignore" && groups.any(own)
    }
}
