//! What goes wrong between a client and an API server, on purpose.

use std::sync::Arc;

use crate::cluster::Cluster;

/// Something that happens to a request instead of, or before, its right answer.
#[derive(Clone)]
pub enum Fault {
    /// A Status of that code, with `Retry-After` if there are seconds.
    Status(u16, Option<u64>),
    /// A body of any kind: content type and text, with 200.
    Body(&'static str, String),
    /// The right answer's first bytes, then the connection ends.
    CutOff(usize),
    /// The right answer's first bytes, as if they were all of it.
    Shortened(usize),
    /// The right answer, and something behind it.
    Trailing(&'static [u8]),
    /// No answer within any time that a test would wait.
    Silence,
    /// The right answer, but only after something else has happened in the cluster.
    Meanwhile(Arc<dyn Fn(&Cluster) + Send + Sync>),
}

/// A fault that is waiting for its requests.
pub(crate) struct Injected {
    pub(crate) fault: Fault,
    /// What the path and query of a request must contain.
    pub(crate) wanted: String,
    /// How many requests it will still happen to.
    pub(crate) times: usize,
}
