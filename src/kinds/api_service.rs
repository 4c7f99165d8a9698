//! APIServices: APIs that another server answers, whose certificate the aggregator verifies.

use serde::Deserialize;

use super::references::{ClientConfig, add_consumer};
use super::{ObjectFacts, Resource};
use crate::object::Kind;
use crate::wire::{Item, Malformed};

pub(super) static API_SERVICES: Resource = Resource::new(
    Kind::ApiService,
    ("apiregistration.k8s.io", "v1"),
    "apiservices",
    read,
)
.cluster_scoped()
.optional()
.purpose("APIs that fail when a certificate expires.");

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    #[serde(flatten)]
    client_config: ClientConfig,
    #[serde(rename = "insecureSkipTLSVerify")]
    is_unverified: bool,
}

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let uses = item.spec().map(|spec: Spec| {
        // While one group cannot be discovered, no namespace can be deleted, whatever is in it.
        let used = spec.client_config.into_use(true);
        used.filter(|_| !spec.is_unverified).into_iter().collect()
    });
    add_consumer(item, "spec", uses, facts);
    Ok(())
}
