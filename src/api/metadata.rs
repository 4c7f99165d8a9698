//! What the ObjectMeta of an object tells beside who it is, read in place.
//!
//! `ObjectMeta { 8 creationTimestamp { 1 seconds }, 11* labels { 1 key, 2 value }, 12* annotations { the same },
//! 13* ownerReferences { 1 kind, 3 name } }`

use super::object::Malformed;
use super::protobuf::{self, Fields};
use crate::certificate::bounded;
use crate::facts::Marks;

/// The most owners that are kept of an object; real ones have one or two.
const MOST_OWNERS: usize = 8;

/// When an object was created (Unix seconds); 0 if it does not say.
pub(super) fn created(metadata: &[u8]) -> Result<i64, Malformed> {
    protobuf::seconds(protobuf::field(metadata, 8)?)
}

/// What its labels and annotations say.
pub(super) fn marks(metadata: &[u8]) -> Result<Marks, Malformed> {
    let mut pairs = Vec::new();
    for field in Fields(metadata) {
        if let (11 | 12, pair) = field? {
            pairs.push((protobuf::field(pair, 1)?, protobuf::field(pair, 2)?));
        }
    }
    Ok(Marks::of(pairs.into_iter()))
}

/// The first of the objects that own it, each as `Kind/name`.
///
/// Nobody checks what a tenant writes there, not even that it is UTF-8, and it must not cost the whole list.
pub(super) fn owners(metadata: &[u8]) -> Result<Box<[Box<str>]>, Malformed> {
    let mut owners = Vec::new();
    for field in Fields(metadata) {
        let (13, owner) = field? else { continue };
        if owners.len() == MOST_OWNERS {
            break;
        }
        let (kind, name) = (protobuf::field(owner, 1)?, protobuf::field(owner, 3)?);
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        owners.push(bounded([text(kind), text(name)].join("/")).into());
    }
    Ok(owners.into())
}
