//! The parts of a file of documents, in their order: the items of a list, and then what stands
//! around them.

use super::clean::Clean;
use super::fault::Fault;

/// A consumer of the parts.
pub(super) type Each<'a> = &'a mut dyn FnMut(Event);

pub(super) enum Event {
    /// An item of a list.
    Item {
        line: usize,
        json: Result<Clean, Fault>,
    },
    /// The end of a document.
    End(End),
}

/// The end of a document.
pub(super) struct End {
    /// The line that it began at.
    pub(super) line: usize,
    /// The document, without the items that were handed out before.
    pub(super) json: Result<Clean, Fault>,
    pub(super) shape: Shape,
    /// True if the text stops in the middle.
    pub(super) is_cut: bool,
}

/// The shape of a document, by which its end is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing was handed out before.
    Single,
    /// A mapping, whose items were handed out before.
    List,
    /// A sequence of objects, which is no list of Kubernetes.
    Sequence,
}
