//! Lists in JSON: what custom resources come in, since their values are not served in protobuf.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::buffer::Buffer;
use super::object::{Each, Identity, ListMeta, Malformed};
use super::trouble::{Trouble, expect_list};

/// A list that is read once all of it is there.
#[derive(Default)]
pub(super) struct ListReader(Buffer);

#[derive(Deserialize)]
struct List<'a> {
    kind: String,
    #[serde(default)]
    metadata: Meta,
    /// Go writes an empty slice as `null` where nobody made one.
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

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    metadata: Identity<'a>,
}

/// Who an item is.
pub(super) fn identity(item: &[u8]) -> Result<Identity<'_>, Malformed> {
    serde_json::from_slice::<Object<'_>>(item)
        .map(|object| object.metadata)
        .map_err(|_| Malformed)
}

// === impl ListReader ===

impl ListReader {
    /// Takes the next bytes of the body.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.0.push(bytes)
    }

    /// Hands every item to `each`.
    pub(super) fn finish(self, each: Each<'_>) -> Result<ListMeta, Trouble> {
        let list: List<'_> =
            serde_json::from_slice(self.0.bytes()).map_err(|error| no_list(&error))?;
        expect_list(&list.kind)?;
        for item in list.items.unwrap_or_default() {
            each(item.get().as_bytes())?;
        }
        Ok(ListMeta {
            resource_version: list.metadata.resource_version,
            continue_token: Some(list.metadata.continue_token).filter(|token| !token.is_empty()),
        })
    }
}

/// Where the JSON ends to be a list; serde's own message would quote it.
fn no_list(error: &serde_json::Error) -> Trouble {
    let what = if error.is_eof() {
        "it was cut off"
    } else {
        "it is damaged"
    };
    Trouble::NoList(format!(
        "{what} at line {}, column {}",
        error.line(),
        error.column()
    ))
}
