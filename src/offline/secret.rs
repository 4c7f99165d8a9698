//! The values of a Secret, which people remove, replace and write in other ways than an API server.
//!
//! `oc adm inspect` keeps certificates (`tls.crt`, `ca.crt`, `service-ca.crt`) and replaces every other
//! value by its length in words, in base64 (openshift/oc: pkg/cli/admin/inspect/secret.go,
//! `elideSecret`): a text without a certificate block, which is no problem.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::problem::Reason;
use crate::object::Kind;

/// A consumer of problems: data key, reason, message.
type Report<'a> = &'a mut dyn FnMut(&str, Reason, &str);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Secret<'a> {
    #[serde(borrow)]
    metadata: &'a RawValue,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    string_data: Option<&'a RawValue>,
}

/// The same object with values that can be read.
#[derive(Serialize)]
struct Mended<'a> {
    metadata: &'a RawValue,
    data: &'a BTreeMap<String, Cow<'a, str>>,
}

/// Reports the values that cannot be read, and returns the object without them; nothing if it can be
/// read as it is.
pub(super) fn mend(json: &[u8], report: Report<'_>) -> Option<Zeroizing<Vec<u8>>> {
    let secret: Secret<'_> = serde_json::from_slice(json).ok()?;
    let leaf = Kind::Secret.leaf_path();
    let (mut data, mut is_mended, mut is_reported) = (BTreeMap::new(), false, false);
    for (key, value) in values("data", secret.data, report) {
        match read(value) {
            Ok(Value::Usual(text)) => {
                data.insert(key, text);
            }
            Ok(Value::Wrapped(text)) => {
                data.insert(key, Cow::Owned(text));
                is_mended = true;
            }
            Err((reason, message)) => {
                is_mended = true;
                is_reported |= key == leaf;
                report(&key, reason, message);
            }
        }
    }
    let drafts = values("stringData", secret.string_data, report);
    if secret.string_data.is_some() {
        // It may have held nothing but a private key, which has been skipped.
        let message = "a draft, which no API server has stored: its values are read as if one had";
        report("stringData", Reason::StringData, message);
        is_mended = true;
    }
    for (key, value) in drafts {
        match serde_json::from_str::<Zeroizing<String>>(value.get()) {
            Ok(text) => drop(data.insert(key, Cow::Owned(STANDARD.encode(text.as_bytes())))),
            Err(_) => report(&key, Reason::InvalidObject, "the value is no text"),
        }
    }
    if !data.contains_key(leaf) && !is_reported {
        // The API server refuses a Secret of this type without it (kubernetes/kubernetes:
        // pkg/apis/core/validation, `ValidateSecret`), and it may be empty.
        report(leaf, Reason::Removed, "the value was removed from the file");
    }
    let mended = Mended {
        metadata: secret.metadata,
        data: &data,
    };
    let is_unusual = is_mended || data.is_empty();
    is_unusual.then(|| Zeroizing::new(serde_json::to_vec(&mended).unwrap_or_default()))
}

/// The values of a field by data key.
fn values<'a>(
    field: &str,
    values: Option<&'a RawValue>,
    report: Report<'_>,
) -> BTreeMap<String, &'a RawValue> {
    let Some(values) = values else {
        return BTreeMap::new();
    };
    let read: Result<Option<BTreeMap<String, &RawValue>>, _> = serde_json::from_str(values.get());
    read.unwrap_or_else(|_| {
        report(
            field,
            Reason::InvalidObject,
            "the field does not hold values by key",
        );
        None
    })
    .unwrap_or_default()
}

/// A value in base64.
enum Value<'a> {
    Usual(Cow<'a, str>),
    /// Base64 in several lines, joined. Go reads it as well (golang/go: encoding/base64, `Decode`).
    Wrapped(String),
}

fn read(value: &RawValue) -> Result<Value<'_>, (Reason, &'static str)> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    if value.get() == "null" {
        return Err((Reason::Removed, "the value was removed from the file"));
    }
    let Ok(Text(text)) = serde_json::from_str(value.get()) else {
        return Err((Reason::InvalidObject, "the value is no text"));
    };
    if is_base64(&text) {
        return Ok(Value::Usual(text));
    }
    let joined: String = text
        .chars()
        .filter(|char| !char.is_ascii_whitespace())
        .collect();
    if is_base64(&joined) {
        return Ok(Value::Wrapped(joined));
    }
    Err(if is_redacted(&text) {
        (
            Reason::Redacted,
            "the value was replaced before the file was handed on",
        )
    } else {
        (Reason::BadBase64, "the value is not base64")
    })
}

/// Returns whether a text is base64 with its padding (RFC 4648 section 4). It is not decoded: it may be a
/// private key, which would have to be wiped.
fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=').as_bytes();
    let padding = text.len() - body.len();
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    // The bits of the last digit that are in no byte.
    let unused = match padding {
        0 => 0,
        1 => 0b11,
        2 => 0b1111,
        _ => return false,
    };
    let last = body.last().map_or(Some(0), |last| digit(*last));
    text.len().is_multiple_of(4)
        && (padding == 0 || body.len() >= 2)
        && last.is_some_and(|last| last & unused == 0)
        && body.iter().all(|byte| digit(*byte).is_some())
}

/// Returns whether a text stands in place of a value: a word for it, or one character all over.
fn is_redacted(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let words = [
        "REDACT", "***", "REMOVED", "HIDDEN", "OMITTED", "CENSORED", "MASKED",
    ];
    let mut chars = upper.trim().chars();
    let first = chars.next();
    words.iter().any(|word| upper.contains(word))
        || (first.is_some() && chars.all(|char| Some(char) == first))
        || (text.starts_with('<') && text.ends_with('>'))
}
