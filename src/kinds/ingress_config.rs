//! OpenShift's ingress configuration: the certificates of the console and the OAuth server.

use serde::Deserialize;

use super::references::{Reference, add_consumer, use_of_secret};
use super::{ObjectFacts, Resource};
use crate::object::Kind;
use crate::wire::{Item, Malformed};

pub(super) static INGRESS_CONFIGS: Resource = Resource::new(
    Kind::IngressConfig,
    ("config.openshift.io", "v1"),
    "ingresses",
    read,
)
.cluster_scoped()
.optional()
.page(20)
.purpose("the certificates of the console and the OAuth server.");

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

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let uses = item.spec().map(|spec: Spec| {
        let routes = spec.component_routes.into_iter();
        let secrets = routes.filter_map(|route| route.serving_cert_key_pair_secret);
        secrets
            .map(|secret| use_of_secret("openshift-config", &secret.name))
            .collect()
    });
    add_consumer(item, "spec", uses, facts);
    Ok(())
}
