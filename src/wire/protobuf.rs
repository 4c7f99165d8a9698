//! The protobuf of the API server, read in place.
//!
//! kube cannot read it, nor can k8s-openapi, and generated messages would make a value of every
//! private key. So the little that is needed is read here: fields by number. The field numbers are
//! frozen by Kubernetes (kubernetes/api: core/v1/generated.proto, kubernetes/apimachinery:
//! pkg/apis/meta/v1/generated.proto, pkg/runtime/generated.proto).
//!
//! ```text
//! body        = "k8s\0" Unknown
//! Unknown     { 1 typeMeta { 1 apiVersion, 2 kind }, 2 raw, … }
//! raw         = an object, or a list { 1 ListMeta { 2 resourceVersion, 3 continue }, 2* items }
//! item        { 1 ObjectMeta, … }
//! ObjectMeta  { 1 name, 3 namespace, 5 uid, 6 resourceVersion, 8 creationTimestamp { 1 seconds },
//!               11* labels { 1 key, 2 value }, 12* annotations { 1 key, 2 value },
//!               13* ownerReferences { 1 kind, 3 name }, … }
//! Secret      { 1 ObjectMeta, 2* data { 1 key, 2 value }, 3 type, … }
//! ConfigMap   { 1 ObjectMeta, 2* data { 1 key, 2 value }, … }
//! ```

use std::borrow::Cow;

use super::{Identity, Malformed, TLS_KEY};
use crate::certificate::bounded;
use crate::object::{Label, Mark, Meta};

/// The bytes that a body begins with (kubernetes/apimachinery: pkg/runtime/serializer/protobuf).
pub(crate) const MAGIC: &[u8] = b"k8s\0";

/// The most owners kept of an object; real ones have one or two.
pub(super) const MOST_OWNERS: usize = 8;

/// The length-delimited fields of a whole message, by number; scalars are skipped.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

/// The number of a field, and the place of its value; the number of a scalar is 0, which no field
/// has.
pub(crate) struct Head {
    pub(crate) number: u64,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Returns the type and the content of a body that is there as a whole; nothing if it is not
/// protobuf.
pub(crate) fn unwrap(body: &[u8]) -> Option<(&str, &[u8])> {
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

/// Returns the identity in the ObjectMeta that every object begins with.
pub(super) fn identity(item: &[u8]) -> Result<Identity<'_>, Malformed> {
    let mut identity = Identity::default();
    for field in Fields(field(item, 1)?) {
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

/// Reads the metadata of an item. The API server does not check what a tenant writes there, not
/// even that it is UTF-8, and it must not cost the whole list.
pub(super) fn meta(item: &[u8], wanted: &[Box<str>]) -> Result<Meta, Malformed> {
    const LABELS: u64 = 11;
    const ANNOTATIONS: u64 = 12;
    let lossy = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let mut meta = Meta::default();
    let (mut marks, mut labels, mut owners) = (Vec::new(), Vec::new(), Vec::new());
    for found in Fields(field(item, 1)?) {
        match found? {
            (8, created) => meta.created = seconds(created)?,
            (number @ (LABELS | ANNOTATIONS), pair) => {
                let Ok(key) = text_field(pair, 1) else {
                    continue;
                };
                if let Some(mark) = Mark::of_key(key) {
                    marks.push((mark, lossy(field(pair, 2)?)));
                }
                if number == LABELS && wanted.iter().any(|wanted| **wanted == *key) {
                    labels.push(Label::new(key, lossy(field(pair, 2)?)));
                }
            }
            (13, owner) if owners.len() < MOST_OWNERS => {
                let (kind, name) = (lossy(field(owner, 1)?), lossy(field(owner, 3)?));
                owners.push(bounded([kind, name].join("/")).into());
            }
            _ => {}
        }
    }
    meta.owners = owners.into();
    meta.labels = labels.into();
    meta.marks = marks.into_iter().collect();
    Ok(meta)
}

/// Hands the values of a Secret or ConfigMap to `each`. The value of `tls.key` is stepped over
/// where it lies.
pub(super) fn data(item: &[u8], each: &mut dyn FnMut(&str, &[u8])) -> Result<(), Malformed> {
    for found in Fields(item) {
        let (2, entry) = found? else { continue };
        let key = text_field(entry, 1)?;
        if key != TLS_KEY {
            each(key, field(entry, 2)?);
        }
    }
    Ok(())
}

/// Returns the type of a Secret.
pub(super) fn secret_type(item: &[u8]) -> Result<&str, Malformed> {
    text_field(item, 3)
}

/// Returns whether there is a label with that key.
pub(super) fn has_label(item: &[u8], key: &str) -> Result<bool, Malformed> {
    for found in Fields(field(item, 1)?) {
        if let (11, pair) = found?
            && field(pair, 1)? == key.as_bytes()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn text(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|_| Malformed)
}

/// Returns the first field of that number; empty if it is absent, as protobuf has it.
fn field(message: &[u8], number: u64) -> Result<&[u8], Malformed> {
    let found = Fields(message).find(|field| !matches!(field, Ok((of, _)) if *of != number));
    found.map_or(Ok(&[]), |field| Ok(field?.1))
}

/// Returns the first field of that number, as text.
pub(crate) fn text_field(message: &[u8], number: u64) -> Result<&str, Malformed> {
    text(field(message, number)?)
}

/// Returns the seconds of a `Time { 1 seconds, 2 nanos }`; 0 if it is absent.
fn seconds(time: &[u8]) -> Result<i64, Malformed> {
    const SECONDS: u8 = 1 << 3;
    let [SECONDS, rest @ ..] = time else {
        return Ok(0);
    };
    let (seconds, _) = varint(rest)?.ok_or(Malformed)?;
    Ok(seconds.cast_signed())
}

/// Returns the kind in a `TypeMeta`.
pub(crate) fn kind(type_meta: &[u8]) -> Result<&str, Malformed> {
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
    /// Reads the head of the next field; nothing if there are too few bytes to tell.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, Malformed> {
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

/// Reads a base-128 integer and its size in bytes; nothing if it goes on after the bytes.
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
