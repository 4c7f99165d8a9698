//! Objects in JSON and YAML: their metadata, and the values of Secrets and ConfigMaps.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use zeroize::Zeroizing;

use super::protobuf::MOST_OWNERS;
use super::{Body, Malformed, TLS_KEY};
use crate::certificate::bounded;
use crate::object::{Label, Mark, Meta};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ObjectMeta {
    creation_timestamp: Value,
    labels: Value,
    annotations: Kept,
    owner_references: Vec<Owner>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Owner {
    kind: String,
    name: String,
}

/// The marks among annotations; other keys are skipped unread.
#[derive(Default)]
struct Kept(Vec<(Mark, String)>);

/// The values by data key, without `tls.key`. They are wiped when they are dropped: another key may
/// hold a private key too.
#[derive(Default)]
struct Values(Vec<(String, Zeroizing<String>)>);

/// Reads the metadata of a document. What has an odd shape there is treated as absent.
pub(super) fn meta(body: Body<'_>, wanted: &[Box<str>]) -> Result<Meta, Malformed> {
    #[derive(Deserialize)]
    struct Object {
        metadata: ObjectMeta,
    }
    let ObjectMeta {
        creation_timestamp,
        labels,
        annotations: Kept(annotations),
        owner_references,
    } = body.parse::<Object>()?.metadata;
    let created = creation_timestamp
        .as_str()
        .and_then(|time| time.parse::<jiff::Timestamp>().ok());
    let owners = owner_references.into_iter().take(MOST_OWNERS);
    let owners = owners.map(|Owner { kind, name }| bounded([kind, name].join("/")).into());
    let labels = labels.as_object().into_iter().flatten();
    let labels = labels.filter_map(|(key, value)| Some((&**key, value.as_str()?.to_owned())));
    let is_wanted = |key: &str| wanted.iter().any(|wanted| **wanted == *key);
    let kept = labels.clone().filter(|(key, _)| is_wanted(key));
    let marks = labels.filter_map(|(key, value)| Some((Mark::of_key(key)?, value)));
    Ok(Meta {
        created: created.map_or(0, jiff::Timestamp::as_second),
        owners: owners.collect(),
        marks: marks.chain(annotations).collect(),
        labels: kept.map(|(key, value)| Label::new(key, value)).collect(),
    })
}

/// Returns the `type` of a Secret.
pub(super) fn type_of(body: Body<'_>) -> Result<String, Malformed> {
    #[derive(Deserialize)]
    struct Object {
        r#type: Option<String>,
    }
    Ok(body.parse::<Object>()?.r#type.unwrap_or_default())
}

/// Returns whether there is a label with that key.
pub(super) fn has_label(body: Body<'_>, key: &str) -> Result<bool, Malformed> {
    #[derive(Deserialize)]
    struct Object {
        metadata: Labelled,
    }
    #[derive(Deserialize)]
    struct Labelled {
        #[serde(default)]
        labels: Value,
    }
    Ok(body.parse::<Object>()?.metadata.labels.get(key).is_some())
}

/// Hands the values of a Secret to `each`: base64 in `data`.
pub(super) fn secret_data(
    body: Body<'_>,
    each: &mut dyn FnMut(&str, &[u8]),
) -> Result<(), Malformed> {
    for (key, value) in values(body)? {
        let value = STANDARD.decode(&*value).map_err(|_| Malformed)?;
        each(&key, &Zeroizing::new(value));
    }
    Ok(())
}

/// Hands the values of a ConfigMap to `each`: text in `data`.
pub(super) fn text_data(
    body: Body<'_>,
    each: &mut dyn FnMut(&str, &[u8]),
) -> Result<(), Malformed> {
    for (key, value) in values(body)? {
        each(&key, value.as_bytes());
    }
    Ok(())
}

fn values(body: Body<'_>) -> Result<Vec<(String, Zeroizing<String>)>, Malformed> {
    #[derive(Deserialize)]
    struct Object {
        data: Option<Values>,
    }
    let Values(values) = body.parse::<Object>()?.data.unwrap_or_default();
    Ok(values)
}

// === impl Kept ===

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeptVisitor)
    }
}

struct KeptVisitor;

impl<'de> Visitor<'de> for KeptVisitor {
    type Value = Kept;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("annotations")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kept, A::Error> {
        let mut kept = Vec::new();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let Some(mark) = Mark::of_key(&key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if let Value::String(value) = map.next_value()? {
                kept.push((mark, value));
            }
        }
        Ok(Kept(kept))
    }

    fn visit_unit<E>(self) -> Result<Kept, E> {
        Ok(Kept::default())
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Kept, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Kept::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Kept, E> {
        Ok(Kept::default())
    }
}

// === impl Values ===

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("values by data key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Values, A::Error> {
        let mut values = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == TLS_KEY {
                map.next_value::<IgnoredAny>()?;
            } else if let Some(value) = map.next_value::<Option<String>>()? {
                values.push((key, Zeroizing::new(value)));
            }
        }
        Ok(Values(values))
    }
}
