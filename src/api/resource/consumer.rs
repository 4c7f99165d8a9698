//! What all resources have in common that name a certificate they need: decoded from JSON, by what each uses.

use std::sync::Arc;

use k8s_openapi::ByteString;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Fact;
use crate::api::json;
use crate::api::object::Malformed;
use crate::certificate;
use crate::facts::{Consumer, Target, Use};

/// An object as far as it names certificates.
pub(super) trait Uses: DeserializeOwned {
    /// As the API calls it.
    const KIND: &'static str;

    /// The certificates that it needs, itself being of that namespace and name.
    fn uses(self, namespace: &str, name: &str) -> Vec<Use>;
}

/// The reference to a Service that an API server calls (kubernetes/api: admissionregistration/v1/types.go,
/// `WebhookClientConfig`; the other two are alike).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Called {
    service: Option<Reference>,
    ca_bundle: Option<ByteString>,
}

/// The name of something, and its namespace where it may be in another.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Reference {
    pub(super) namespace: String,
    pub(super) name: String,
}

pub(super) fn decode<T: Uses>(item: &[u8]) -> Result<Fact, Malformed> {
    read::<T>(item).map(Fact::Consumer)
}

pub(super) fn read<T: Uses>(item: &[u8]) -> Result<Arc<Consumer>, Malformed> {
    let identity = json::identity(item)?;
    let uses = serde_json::from_slice::<T>(item).ok();
    let uses = uses.map(|object| object.uses(&identity.namespace, &identity.name));
    Ok(Arc::new(Consumer {
        kind: T::KIND,
        namespace: (*identity.namespace).into(),
        name: (*identity.name).into(),
        is_strange: uses.is_none(),
        uses: uses.unwrap_or_default(),
    }))
}

impl Called {
    /// What calling it needs; nothing if it is not behind a Service.
    pub(super) fn used(self, is_vital: bool) -> Option<Use> {
        let service = self.service?;
        // Without a bundle the API server's own roots are trusted, which are not known here.
        let bundle = self.ca_bundle.filter(|ByteString(pem)| !pem.is_empty());
        let trusts = bundle.map(|ByteString(pem)| {
            certificate::blocks(&pem)
                .into_iter()
                .filter_map(|block| Some(block.certificate?.fingerprint))
                .collect()
        });
        Some(Use {
            target: Target::Service(service.namespace.into(), service.name.into()),
            is_vital,
            trusts,
        })
    }
}
