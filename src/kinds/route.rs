//! Routes that take their certificate from a secret. Inline certificates are not read, nor are
//! their keys.

use serde::Deserialize;

use super::references::{Reference, add_consumer, use_of_secret};
use super::{ObjectFacts, Resource};
use crate::object::Kind;
use crate::wire::{Item, Malformed};

pub(super) static ROUTES: Resource =
    Resource::new(Kind::Route, ("route.openshift.io", "v1"), "routes", read)
        .optional()
        .purpose("Routes that take their certificate from a secret.");

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

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let namespace = &item.identity.namespace;
    let uses = item.spec().map(|spec: Spec| {
        let external = spec.tls.and_then(|tls| tls.external_certificate);
        let secret = external.map(|secret| use_of_secret(namespace, &secret.name));
        secret.into_iter().collect()
    });
    add_consumer(item, "spec", uses, facts);
    Ok(())
}
