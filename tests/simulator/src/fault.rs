//! Faults between a client and an API server.

use std::sync::Arc;

use serde_json::Value;

use crate::cluster::Cluster;

/// A fault that replaces or precedes the right answer to a request.
#[derive(Clone)]
pub enum Fault {
    /// A Status with a code, and with `Retry-After` if there are seconds.
    Status(u16, Option<u64>),
    /// A redirection to another location.
    Redirect(String),
    /// A body of any kind: content type and text, with 200.
    Body(&'static str, String),
    /// A body that never ends: content type, beginning, and what is repeated behind it.
    Endless(&'static str, Vec<u8>, Vec<u8>),
    /// Such a body in gzip: a thousandth of it comes over the wire.
    GzipBomb(&'static str, Vec<u8>, Vec<u8>),
    /// The right answer's first bytes, then the connection ends.
    CutOff(usize),
    /// The right answer's first bytes, as if they were all.
    Shortened(usize),
    /// The right answer's first bytes, then nothing within any time that a test would wait.
    Stalled(usize),
    /// The right answer, one byte a second.
    Drip,
    /// The right answer with bytes behind it.
    Trailing(&'static [u8]),
    /// No answer within any time that a test would wait.
    Silence,
    /// A watch with these events (type and object) instead of its own. It ends when its time is over.
    Events(Vec<(&'static str, Value)>),
    /// A watch with these bytes instead of its events. It ends when its time is over.
    Frames(Vec<u8>),
    /// The right events of a watch out of order, and some of them twice; the number is a seed.
    Disordered(u64),
    /// A watch without its events. It ends when its time is over.
    Mute,
    /// A watch that ends at once, without an event.
    EndEarly,
    /// A page that begins with the object that the page before it ended with.
    Overlapping,
    /// The right answer, after a change of the cluster.
    Meanwhile(Arc<dyn Fn(&Cluster) + Send + Sync>),
}

/// A fault that waits for requests.
pub(crate) struct Injected {
    pub(crate) fault: Fault,
    /// The text that a request's path and query contain.
    pub(crate) wanted: String,
    /// The number of requests that still get the fault.
    pub(crate) times: usize,
}
