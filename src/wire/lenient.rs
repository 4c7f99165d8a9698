//! Fields of JSON objects that may hold anything: an invalid one costs itself and nothing else.

use serde_json::Value;

use super::Malformed;
use crate::certificate::bounded;

/// The paths of the fields that hold something unexpected.
pub type InvalidPaths = Vec<&'static str>;

/// Returns a text, empty if absent; nothing, and an invalid path more, if it is something else.
pub fn text<'a>(
    path: &'static str,
    value: &'a Value,
    invalid: &mut InvalidPaths,
) -> Option<&'a str> {
    match value {
        Value::String(text) => Some(text),
        Value::Null => Some(""),
        _ => {
            invalid.push(path);
            None
        }
    }
}

/// Returns a text to keep, bounded in length.
pub fn label(path: &'static str, value: &Value, invalid: &mut InvalidPaths) -> Box<str> {
    let text = text(path, value, invalid).unwrap_or_default();
    bounded(text.to_owned()).into()
}

/// Returns the Unix seconds of an RFC 3339 time, if there is one.
pub fn time(path: &'static str, value: &Value, invalid: &mut InvalidPaths) -> Option<i64> {
    let text = text(path, value, invalid).filter(|text| !text.is_empty())?;
    let time = text.parse::<jiff::Timestamp>().ok();
    if time.is_none() {
        invalid.push(path);
    }
    time.map(jiff::Timestamp::as_second)
}

/// Returns a part of an object; an empty one, and an invalid path more, if it is of another shape.
pub fn part<T: Default>(
    path: &'static str,
    part: Result<T, Malformed>,
    invalid: &mut InvalidPaths,
) -> T {
    part.unwrap_or_else(|Malformed| {
        invalid.push(path);
        T::default()
    })
}
