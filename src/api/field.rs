//! Fields of JSON objects that may hold anything: a strange one costs itself and nothing else.

use serde_json::Value;

use crate::certificate::bounded;

/// The fields that could not be understood, by path.
pub(super) type Strange = Vec<&'static str>;

/// The text, empty if absent; nothing, and a strange field more, if it is something else.
pub(super) fn text<'a>(
    path: &'static str,
    value: &'a Value,
    strange: &mut Strange,
) -> Option<&'a str> {
    match value {
        Value::String(text) => Some(text),
        Value::Null => Some(""),
        _ => {
            strange.push(path);
            None
        }
    }
}

/// A text that is kept.
pub(super) fn label(path: &'static str, value: &Value, strange: &mut Strange) -> Box<str> {
    let text = text(path, value, strange).unwrap_or_default();
    bounded(text.to_owned()).into()
}

/// Unix seconds of an RFC 3339 time, if there is one.
pub(super) fn time(path: &'static str, value: &Value, strange: &mut Strange) -> Option<i64> {
    let text = text(path, value, strange).filter(|text| !text.is_empty())?;
    let time = text.parse::<jiff::Timestamp>().ok();
    if time.is_none() {
        strange.push(path);
    }
    time.map(jiff::Timestamp::as_second)
}
