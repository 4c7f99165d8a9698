//! Secrets of type `kubernetes.io/tls`, and the certificates in each of their data keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ObjectFacts, Resource};
use crate::certificate::{self, Block, Chain, Defect};
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

/// The most certificate blocks that are read of one secret. Every one of them becomes up to 4 kB of
/// text, and the author of a secret may fill its 1 MiB with 7,000 blocks that have a date.
///
/// No bundle of use is larger: Mozilla trusts 144 roots (Debian's ca-certificates), Windows 282
/// (nabla-c0d3/trust_stores_observatory: `trust_stores/microsoft_windows.yaml`). The bound is that of
/// the secret and not of a key, since a secret has as many keys as its author likes.
const MOST_BLOCKS: usize = 500;

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
                let (blocks, chain) = blocks(text, purpose, most);
                left = most.checked_sub(blocks.len());
                // An empty `tls.crt` is legal.
                if !blocks.is_empty() || (is_leaf && !text.is_empty()) {
                    let field = Field {
                        path: key.into(),
                        purpose,
                        blocks: blocks.into(),
                        chain,
                    };
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

/// Returns the certificate blocks of a text: if there are more than `most`, so many and one that says
/// that the rest is left out.
fn blocks(text: &[u8], purpose: Purpose, most: usize) -> (Vec<Block>, Chain) {
    let (mut blocks, chain) = match purpose {
        Purpose::Serving => certificate::presented(text, most + 1),
        Purpose::Trust => (
            certificate::blocks(text).take(most + 1).collect(),
            Chain::default(),
        ),
    };
    if let Some(block) = blocks.get_mut(most) {
        *block = Block::Unreadable(Defect::LeftOut);
    }
    (blocks, chain)
}
