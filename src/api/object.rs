//! The words that every encoding of a list shares.

use std::borrow::Cow;

use serde::Deserialize;

/// What to do with an item of a list.
pub(super) type Each<'a> = &'a mut (dyn FnMut(&[u8]) -> Result<(), Malformed> + Send);

/// Bytes that are not what they should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// What a list says of itself.
#[derive(Debug, Default)]
pub(super) struct ListMeta {
    /// The state of the cluster that it shows; opaque.
    pub(super) resource_version: String,
    /// The token of the next page, if there is one.
    pub(super) continue_token: Option<String>,
}

/// Who an object is, and which state of it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Identity<'a> {
    #[serde(borrow)]
    pub(super) namespace: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) uid: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) resource_version: Cow<'a, str>,
}

impl Identity<'_> {
    /// Writes `namespace/name` into a string that is used again for every item.
    pub(super) fn write_path(&self, path: &mut String) {
        path.clear();
        path.extend([&*self.namespace, "/", &*self.name]);
    }
}
