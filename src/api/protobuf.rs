//! The protobuf of the API server, read in place.
//!
//! kube cannot read it, k8s-openapi neither, and generated messages would make a value of every private
//! key; so the little that is needed is read here: fields by number, and a list item by item while its
//! bytes arrive. The field numbers are frozen by Kubernetes (kubernetes/api: core/v1/generated.proto,
//! kubernetes/apimachinery: pkg/apis/meta/v1/generated.proto, pkg/runtime/generated.proto).
//!
//! ```text
//! body        = "k8s\0" Unknown
//! Unknown     { 1 typeMeta { 1 apiVersion, 2 kind }, 2 raw, … }
//! raw         = a list { 1 ListMeta { 2 resourceVersion, 3 continue }, 2* items }
//! item        { 1 ObjectMeta { 1 name, 3 namespace, 5 uid, 6 resourceVersion, … }, … }
//! ```

mod list;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::object::{Identity, Malformed};

pub(super) use self::list::{ListReader, list_meta};

const MAGIC: &[u8] = b"k8s\0";

/// The length-delimited fields of a whole message, by number; scalars are skipped.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

/// A field's number, and where its value is; the number of a scalar is 0, which no field has.
struct Head {
    number: u64,
    start: usize,
    end: usize,
}

/// The type and the content of a body that is there as a whole; nothing if it is no protobuf.
pub(super) fn unwrap(body: &[u8]) -> Option<(&str, &[u8])> {
    let (mut kind_of, mut content) = (None, None);
    for field in Fields(body.strip_prefix(MAGIC)?) {
        match field.ok()? {
            (1, type_meta) => kind_of = Some(kind(type_meta).ok()?),
            (2, raw) => content = Some(raw),
            _ => {}
        }
    }
    Some((kind_of?, content?))
}

/// Who an item is, by the ObjectMeta that every object begins with.
pub(super) fn identity(item: &[u8]) -> Result<Identity<'_>, Malformed> {
    let mut identity = Identity::default();
    for field in Fields(metadata(item)?) {
        match field? {
            (1, name) => identity.name = Cow::Borrowed(text(name)?),
            (3, namespace) => identity.namespace = Cow::Borrowed(text(namespace)?),
            (5, uid) => identity.uid = Cow::Borrowed(text(uid)?),
            (6, version) => identity.resource_version = Cow::Borrowed(text(version)?),
            _ => {}
        }
    }
    Ok(identity)
}

/// The ObjectMeta of an item.
pub(super) fn metadata(item: &[u8]) -> Result<&[u8], Malformed> {
    field(item, 1)
}

fn text(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|_| Malformed)
}

/// The first field of that number; empty if it is absent, as protobuf has it.
pub(super) fn field(message: &[u8], number: u64) -> Result<&[u8], Malformed> {
    let found = Fields(message).find(|field| !matches!(field, Ok((it, _)) if *it != number));
    found.map_or(Ok(&[]), |field| Ok(field?.1))
}

/// The same, as text.
pub(super) fn text_field(message: &[u8], number: u64) -> Result<&str, Malformed> {
    text(field(message, number)?)
}

/// `Time { 1 seconds, 2 nanos }`; 0 if it is absent.
pub(super) fn seconds(time: &[u8]) -> Result<i64, Malformed> {
    const SECONDS: u8 = 1 << 3;
    let [SECONDS, rest @ ..] = time else {
        return Ok(0);
    };
    let (seconds, _) = varint(rest)?.ok_or(Malformed)?;
    Ok(seconds.cast_signed())
}

fn kind(type_meta: &[u8]) -> Result<&str, Malformed> {
    text_field(type_meta, 2)
}

// === impl Fields ===

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, &'a [u8]), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.0.is_empty() {
            match self.field() {
                Ok((0, _)) => {}
                Ok(field) => return Some(Ok(field)),
                Err(error) => {
                    self.0 = &[];
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Result<(u64, &'a [u8]), Malformed> {
        let head = Head::read(self.0)?.ok_or(Malformed)?;
        let value = self.0.get(head.start..head.end).ok_or(Malformed)?;
        self.0 = &self.0[head.end..];
        Ok((head.number, value))
    }
}

// === impl Head ===

impl Head {
    /// Nothing if there are too few bytes to tell.
    fn read(bytes: &[u8]) -> Result<Option<Self>, Malformed> {
        const VARINT: u64 = 0;
        const FIXED_64: u64 = 1;
        const LENGTH_DELIMITED: u64 = 2;
        const FIXED_32: u64 = 5;
        let Some((key, start)) = varint(bytes)? else {
            return Ok(None);
        };
        let (wire_type, number) = (key & 7, key >> 3);
        let scalar = |size| {
            Ok(Some(Self {
                number: 0,
                start,
                end: start + size,
            }))
        };
        match wire_type {
            VARINT => varint(&bytes[start..])?.map_or(Ok(None), |(_, size)| scalar(size)),
            FIXED_64 => scalar(8),
            FIXED_32 => scalar(4),
            LENGTH_DELIMITED if number != 0 => {
                let Some((length, size)) = varint(&bytes[start..])? else {
                    return Ok(None);
                };
                let start = start + size;
                let end = usize::try_from(length)
                    .ok()
                    .and_then(|length| start.checked_add(length));
                Ok(Some(Self {
                    number,
                    start,
                    end: end.ok_or(Malformed)?,
                }))
            }
            _ => Err(Malformed),
        }
    }
}

/// A base-128 integer and its size in bytes; nothing if it goes on behind the bytes.
fn varint(bytes: &[u8]) -> Result<Option<(u64, usize)>, Malformed> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Ok(Some((value, index + 1)));
        }
    }
    if bytes.len() < 10 {
        Ok(None)
    } else {
        Err(Malformed)
    }
}
