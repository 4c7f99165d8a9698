//! The ways in which an object refers to a certificate that it needs.

use std::sync::Arc;

use k8s_openapi::ByteString;
use serde::Deserialize;

use super::{ObjectFacts, report_invalid};
use crate::certificate::{self, Block};
use crate::facts::{Consumer, Fact, Use};
use crate::object::{Kind, ObjectRef};
use crate::wire::{Item, Malformed};

/// The name of an object, and its namespace where that may be another one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    namespace: String,
    pub(super) name: String,
}

/// The address of a server that the API server calls (kubernetes/api:
/// admissionregistration/v1/types.go, `WebhookClientConfig`; APIServices and conversions are
/// alike).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ClientConfig {
    service: Option<Reference>,
    ca_bundle: Option<ByteString>,
}

/// Adds the object as a consumer of certificates, if it uses any; an object whose `field` cannot be
/// read is reported instead.
pub(super) fn add_consumer(
    item: &Item<'_>,
    field: &'static str,
    uses: Result<Vec<Use>, Malformed>,
    facts: &mut ObjectFacts,
) {
    match uses {
        Ok(uses) if uses.is_empty() => {}
        Ok(uses) => {
            let object = item.object();
            facts.push(Fact::Consumer(Arc::new(Consumer { object, uses })));
        }
        Err(Malformed) => report_invalid(item, [field], facts),
    }
}

/// The use of a certificate in a secret.
pub(super) fn use_of_secret(namespace: &str, name: &str) -> Use {
    Use {
        target: ObjectRef::new(Kind::Secret, namespace, name),
        is_vital: false,
        trusts: None,
    }
}

impl Reference {
    /// The namespace that is named, else that of the object itself.
    pub(super) fn namespace_or<'a>(&'a self, own: &'a str) -> &'a str {
        match &*self.namespace {
            "" => own,
            named => named,
        }
    }
}

impl ClientConfig {
    /// The use of the certificate that the server presents; nothing if it is not behind a Service.
    pub(super) fn into_use(self, is_vital: bool) -> Option<Use> {
        let service = self.service?;
        // Without a bundle the API server's own roots are trusted, which are not known here.
        let bundle = self.ca_bundle.filter(|ByteString(pem)| !pem.is_empty());
        let fingerprint = |block: Block| Some(block.certificate()?.fingerprint);
        let trusts = bundle.map(|ByteString(pem)| {
            let blocks = certificate::blocks(&pem);
            blocks.filter_map(fingerprint).collect()
        });
        Some(Use {
            target: ObjectRef::new(Kind::Service, service.namespace, service.name),
            is_vital,
            trusts,
        })
    }
}
