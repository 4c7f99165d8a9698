//! Ingresses of Kubernetes: the certificates of the names that they serve.

use serde::Deserialize;

use super::references::{add_consumer, use_of_secret};
use super::{ObjectFacts, Resource};
use crate::object::Kind;
use crate::wire::{Item, Malformed};

pub(super) static INGRESSES: Resource = Resource::new(
    Kind::Ingress,
    ("networking.k8s.io", "v1"),
    "ingresses",
    read,
)
.purpose("Ingresses that take their certificate from a secret.");

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    tls: Vec<Tls>,
}

/// Without a secret the ingress controller presents its default certificate.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Tls {
    secret_name: Option<String>,
}

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let namespace = &item.identity.namespace;
    let uses = item.spec().map(|spec: Spec| {
        let secrets = spec.tls.into_iter().filter_map(|tls| tls.secret_name);
        secrets
            .map(|secret| use_of_secret(namespace, &secret))
            .collect()
    });
    add_consumer(item, "spec", uses, facts);
    Ok(())
}
