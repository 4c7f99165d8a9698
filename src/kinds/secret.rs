//! Secrets of type `kubernetes.io/tls`, and the certificates in each of their data keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ObjectFacts, Resource};
use crate::facts::{Fact, Field, Holder, MOST_BLOCKS, Purpose};
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
    let mut left = Some(MOST_BLOCKS);
    // The certificate that is served is read before everything else, so that no other key can hide
    // it. The others come in the order of their names (kubernetes/api: core/v1/generated.pb.go,
    // `Secret.MarshalToSizedBuffer`).
    for is_leaf in [true, false] {
        item.data(&mut |key, text| {
            if (key == Kind::Secret.leaf_path()) == is_leaf
                && let Some(most) = left
            {
                let purpose = if is_leaf {
                    Purpose::Serving
                } else {
                    Purpose::Trust
                };
                let field = Field::read(key, purpose, text, most);
                left = most.checked_sub(field.blocks.len());
                // An empty `tls.crt` is legal.
                if !field.blocks.is_empty() || (is_leaf && !text.is_empty()) {
                    fields.insert(key.to_owned(), field);
                }
            }
        })?;
    }
    facts.push(Fact::Holder(Arc::new(Holder {
        object: item.object(),
        meta: item.meta()?,
        fields: fields.into_values().collect(),
    })));
    Ok(())
}
