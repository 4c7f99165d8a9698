//! Secrets of type `kubernetes.io/tls`, and the certificates in each of their data keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ObjectFacts, Resource};
use crate::certificate;
use crate::facts::{Fact, Field, Holder, Purpose};
use crate::object::Kind;
use crate::wire::{Form, Item, Malformed};

pub(super) static SECRETS: Resource =
    Resource::new(Kind::Secret, ("", "v1"), "secrets", read)
        .with_fields("type=kubernetes.io/tls")
        .form(Form::Protobuf)
        .page(250)
        .purpose(
            "certificates. The right to list secrets is the right to read their private keys; Kubernetes has no lesser right.",
        );

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let mut fields = BTreeMap::new();
    item.data(&mut |key, text| {
        fields.insert(key.to_owned(), field(key, text));
    })?;
    facts.push(Fact::Holder(Arc::new(Holder {
        object: item.object(),
        meta: item.meta()?,
        fields: fields.into_values().flatten().collect(),
    })));
    Ok(())
}

/// A data key that holds certificates, or should: an empty `tls.crt` is legal.
fn field(key: &str, text: &[u8]) -> Option<Field> {
    let blocks = certificate::blocks(text).into_boxed_slice();
    let purpose = if key == Kind::Secret.leaf_path() {
        Purpose::Serving
    } else {
        Purpose::Trust
    };
    let is_relevant = !blocks.is_empty() || (purpose == Purpose::Serving && !text.is_empty());
    is_relevant.then(|| Field {
        path: key.into(),
        purpose,
        blocks,
    })
}
