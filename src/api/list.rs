//! The two things that every encoding of a list consists of: its items, and its own metadata.

use crate::wire::Malformed;

/// A function that takes the items of a list, one by one.
pub(super) type Each<'a> = &'a mut (dyn FnMut(&[u8]) -> Result<(), Malformed> + Send);

/// The metadata of a list.
#[derive(Debug, Default)]
pub(super) struct ListMeta {
    /// The state of the cluster that the list shows; opaque.
    pub(super) resource_version: String,
    /// The token of the next page, if there is one.
    pub(super) continue_token: Option<String>,
}
