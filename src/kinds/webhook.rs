//! Admission webhooks, without which the objects that they watch cannot be written.

use serde::Deserialize;

use super::references::{ClientConfig, add_consumer};
use super::{ObjectFacts, Resource};
use crate::facts::Use;
use crate::object::Kind;
use crate::wire::{Item, Malformed};

pub(super) static VALIDATING: Resource = configurations(
    Kind::ValidatingWebhookConfiguration,
    "validatingwebhookconfigurations",
);

pub(super) static MUTATING: Resource = configurations(
    Kind::MutatingWebhookConfiguration,
    "mutatingwebhookconfigurations",
);

const fn configurations(kind: Kind, plural: &'static str) -> Resource {
    Resource::new(kind, ("admissionregistration.k8s.io", "v1"), plural, read)
        .cluster_scoped()
        .optional()
        .purpose("objects that cannot be written when a certificate expires.")
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Webhook {
    client_config: ClientConfig,
    failure_policy: String,
    rules: Vec<Rule>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Rule {
    api_groups: Vec<String>,
}

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let webhooks: Result<Vec<Webhook>, Malformed> = item.webhooks();
    let uses = webhooks.map(|all| all.into_iter().filter_map(Webhook::into_use).collect());
    add_consumer(item, "webhooks", uses, facts);
    Ok(())
}

impl Webhook {
    fn into_use(self) -> Option<Use> {
        let is_vital = self.is_vital();
        self.client_config.into_use(is_vital)
    }

    /// Returns whether objects of Kubernetes itself cannot be written while the webhook is
    /// unreachable. The groups of Kubernetes have no dot (`""`, `apps`, `batch`) or end in
    /// `.k8s.io`; `Fail` is the default of `v1`.
    fn is_vital(&self) -> bool {
        let mut groups = self.rules.iter().flat_map(|rule| &rule.api_groups);
        let is_built_in = |group: &String| !group.contains('.') || group.ends_with(".k8s.io");
        self.failure_policy != "Ignore" && groups.any(is_built_in)
    }
}
