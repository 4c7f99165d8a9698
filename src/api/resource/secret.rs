//! TLS secrets, read in place: the value of `tls.key` is stepped over and never becomes one of ours.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Fact, Resource};
use crate::api::body::Form;
use crate::api::metadata;
use crate::api::object::Malformed;
use crate::api::protobuf::{self, Fields};
use crate::certificate;
use crate::facts::{self, Key, Secret, TLS_CRT};

pub(super) static SECRETS: Resource = Resource {
    name: facts::SECRETS,
    group: "",
    version: "v1",
    plural: "secrets",
    purpose: "the certificates. Who may list secrets may read their private keys; Kubernetes has no lesser right.",
    fields: Some("type=kubernetes.io/tls"),
    labels: None,
    form: Form::Protobuf,
    page: 250,
    is_namespaced: true,
    is_optional: false,
    decode,
};

/// The other data key that the type requires (kubernetes/api: core/v1/types.go, `TLSPrivateKeyKey`).
const TLS_KEY: &str = "tls.key";

/// `Secret { 1 ObjectMeta, 2* data { 1 key, 2 value }, … }`
fn decode(item: &[u8]) -> Result<Fact, Malformed> {
    let identity = protobuf::identity(item)?;
    // A map cannot hold a key twice; should a server send one twice, the last counts, as it does in Go.
    let mut keys = BTreeMap::new();
    for field in Fields(item) {
        let (2, entry) = field? else { continue };
        let name = protobuf::text_field(entry, 1)?;
        if name != TLS_KEY {
            keys.insert(name, protobuf::field(entry, 2)?);
        }
    }
    let keys = keys.into_iter().filter_map(|(name, text)| {
        let blocks = certificate::blocks(text).into_boxed_slice();
        let telling = !blocks.is_empty() || (name == TLS_CRT && !text.is_empty());
        telling.then(|| Key {
            name: name.into(),
            blocks,
        })
    });
    let metadata = protobuf::metadata(item)?;
    Ok(Fact::Secret(Arc::new(Secret {
        namespace: (*identity.namespace).into(),
        name: (*identity.name).into(),
        created: metadata::created(metadata)?,
        owners: metadata::owners(metadata)?,
        marks: metadata::marks(metadata)?,
        keys: keys.collect(),
    })))
}
