//! Lists in JSON: the form of custom resources, whose values are not served in protobuf.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::buffer::Buffer;
use super::error::{Error, expect_kind};
use super::list::{Each, ListMeta};

/// A reader of a list that is parsed once all of it has arrived.
pub(super) struct ListReader {
    buffer: Buffer,
    /// The kind of the list.
    kind: String,
}

#[derive(Deserialize)]
struct List<'a> {
    kind: String,
    #[serde(default)]
    metadata: Meta,
    /// Go writes a slice that was never made as `null`.
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Meta {
    resource_version: String,
    #[serde(rename = "continue")]
    continue_token: String,
}

// === impl ListReader ===

impl ListReader {
    pub(super) fn new(kind: String) -> Self {
        let buffer = Buffer::default();
        Self { buffer, kind }
    }

    /// Takes the next bytes of the body.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.buffer.push(bytes)
    }

    /// Hands every item to `each`.
    pub(super) fn finish(self, each: Each<'_>) -> Result<ListMeta, Error> {
        let list: List<'_> =
            serde_json::from_slice(self.buffer.bytes()).map_err(|error| no_list(&error))?;
        expect_kind(&list.kind, &self.kind)?;
        for item in list.items.unwrap_or_default() {
            each(item.get().as_bytes())?;
        }
        Ok(ListMeta {
            resource_version: list.metadata.resource_version,
            continue_token: Some(list.metadata.continue_token).filter(|token| !token.is_empty()),
        })
    }
}

/// Names the place at which the JSON stops being a list; serde's own message would quote it.
fn no_list(error: &serde_json::Error) -> Error {
    let what = if error.is_eof() {
        "it was cut off"
    } else {
        "it is damaged"
    };
    Error::NotAList(format!(
        "{what} at line {}, column {}",
        error.line(),
        error.column()
    ))
}
