//! Gateways of the Gateway API: the certificates of their listeners.

use serde::Deserialize;

use super::references::{Reference, add_consumer, use_of_secret};
use super::{ObjectFacts, Resource};
use crate::object::Kind;
use crate::wire::{Item, Malformed};

pub(super) static GATEWAYS: Resource = Resource::new(
    Kind::Gateway,
    ("gateway.networking.k8s.io", "v1"),
    "gateways",
    read,
)
.optional()
.purpose("Gateways that take their certificate from a secret.");

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    listeners: Vec<Listener>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Listener {
    tls: Tls,
}

/// References name Secrets unless they say otherwise (kubernetes-sigs/gateway-api:
/// `apis/v1/object_reference_types.go`, `SecretObjectReference`). One of another kind names no secret
/// that exists, at worst.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Tls {
    certificate_refs: Vec<Reference>,
}

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let namespace = &item.identity.namespace;
    let uses = item.spec().map(|spec: Spec| {
        let listeners = spec.listeners.into_iter();
        let secrets = listeners.flat_map(|listener| listener.tls.certificate_refs);
        secrets
            .map(|secret| use_of_secret(secret.namespace_or(namespace), &secret.name))
            .collect()
    });
    add_consumer(item, "spec", uses, facts);
    Ok(())
}
