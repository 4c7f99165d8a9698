//! Objects: their common fields, and those that are written often.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The namespace and the name of an object.
pub(crate) type Place<'a> = (&'a str, &'a str);

/// Returns a TLS secret with these values (plain text).
pub(crate) fn secret(
    (namespace, name): Place<'_>,
    metadata: &Value,
    data: &[(&str, &str)],
) -> Value {
    let encoded = data
        .iter()
        .map(|(key, text)| ((*key).to_owned(), STANDARD.encode(text).into()));
    let data: Map<String, Value> = encoded.collect();
    let mut metadata = metadata.clone();
    metadata["namespace"] = namespace.into();
    metadata["name"] = name.into();
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": metadata, "data": data,
    })
}

/// Returns an owner reference to an object of the cluster.
pub(crate) fn reference(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name(owner),
        "uid": owner["metadata"]["uid"],
    })
}

/// Returns a text field; empty if it is absent.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(crate) fn namespace(object: &Value) -> &str {
    text(&object["metadata"]["namespace"])
}

pub(crate) fn name(object: &Value) -> &str {
    text(&object["metadata"]["name"])
}

pub(crate) fn place(object: &Value) -> Place<'_> {
    (namespace(object), name(object))
}

/// Returns an annotation; empty if it is absent.
pub(crate) fn annotation<'a>(object: &'a Value, key: &str) -> &'a str {
    text(&object["metadata"]["annotations"][key])
}

/// Returns a time (Unix seconds) as text.
pub(crate) fn rfc3339(seconds: i64) -> Value {
    let time = Timestamp::from_second(seconds).expect("a time of our age");
    time.to_string().into()
}

/// Returns the time (Unix seconds) that a text names, if it names one.
pub(crate) fn time(text: &str) -> Option<i64> {
    Some(text.parse::<Timestamp>().ok()?.as_second())
}
