//! OpenShift's ingress controllers: the certificate of every Route that has none of its own.

use serde::Deserialize;

use super::references::{Reference, add_consumer, use_of_secret};
use super::{ObjectFacts, Resource};
use crate::facts::names;
use crate::object::Kind;
use crate::wire::{Item, Malformed};

pub(super) static INGRESS_CONTROLLERS: Resource = Resource::new(
    Kind::IngressController,
    ("operator.openshift.io", "v1"),
    "ingresscontrollers",
    read,
)
.optional()
.purpose("the certificates of the routers.");

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    default_certificate: Option<Reference>,
}

/// Adds the default certificate: the configured one, else the operator's own. Both are in the
/// namespace of the routers.
fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let uses = item.spec().map(|spec: Spec| {
        let configured = spec.default_certificate.map(|secret| secret.name);
        let secret = configured.unwrap_or_else(|| names::router_secret(&item.identity.name));
        vec![use_of_secret(names::ROUTERS, &secret)]
    });
    add_consumer(item, "spec", uses, facts);
    Ok(())
}
