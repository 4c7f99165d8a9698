//! Custom resource definitions with a conversion webhook, without which not even existing objects
//! can be read.

use serde::Deserialize;

use super::references::{ClientConfig, add_consumer};
use super::{ObjectFacts, Resource};
use crate::object::Kind;
use crate::wire::{Item, Malformed};

pub(super) static DEFINITIONS: Resource = Resource::new(
    Kind::CustomResourceDefinition,
    ("apiextensions.k8s.io", "v1"),
    "customresourcedefinitions",
    read,
)
.cluster_scoped()
.optional()
// Schemas: up to a megabyte each, and a page is held as a whole.
.page(10)
.purpose("resources that cannot be read when a certificate expires.");

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
    client_config: ClientConfig,
}

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let uses = item.spec().map(|spec: Spec| {
        let webhook = spec.conversion.webhook;
        let used = webhook.and_then(|webhook| webhook.client_config.into_use(false));
        used.into_iter().collect()
    });
    add_consumer(item, "spec", uses, facts);
    Ok(())
}
