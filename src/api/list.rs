//! The parts of which every encoding of a list or a watch consists.

use super::error::Error;

/// A function that takes the items of a list, one by one.
pub(super) type Each<'a> = &'a mut (dyn FnMut(&[u8]) -> Result<(), Error> + Send);

/// A function that takes the events of a watch, one by one.
pub(super) type EachEvent<'a> = &'a mut (dyn FnMut(Event<'_>) -> Result<(), Error> + Send);

/// The metadata of a list.
#[derive(Debug, Default)]
pub(super) struct ListMeta {
    /// The state of the cluster that the list shows; opaque.
    pub(super) resource_version: String,
    /// The token of the next page, if there is one.
    pub(super) continue_token: Option<String>,
}

/// An event of a watch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event<'a> {
    pub(super) kind: EventKind,
    /// The object in the encoding of the items of a list; of a deleted one, its last state.
    pub(super) object: &'a [u8],
}

/// The kind of an event (kubernetes/apimachinery: pkg/watch/watch.go, `EventType`), but for
/// `ERROR`, which ends a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    /// The object was created or changed, or is now among the selected ones.
    Present,
    /// The object was deleted, or is no longer among the selected ones.
    Gone,
    /// Nothing happened up to the version of the object, which has nothing else.
    Bookmark,
}

// === impl EventKind ===

impl EventKind {
    /// Reads the type of an event; nothing for `ERROR`.
    pub(super) fn read(kind: &str) -> Result<Option<Self>, Error> {
        match kind {
            "ADDED" | "MODIFIED" => Ok(Some(Self::Present)),
            "DELETED" => Ok(Some(Self::Gone)),
            "BOOKMARK" => Ok(Some(Self::Bookmark)),
            "ERROR" => Ok(None),
            _ => Err(Error::NotAWatch(
                "it has an event of an unknown type".into(),
            )),
        }
    }
}
