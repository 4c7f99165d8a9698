//! Faults between a client and an API server.

use std::sync::Arc;

use crate::cluster::Cluster;

/// A fault that replaces or precedes the right answer to a request.
#[derive(Clone)]
pub enum Fault {
    /// A Status with a code, and with `Retry-After` if there are seconds.
    Status(u16, Option<u64>),
    /// A body of any kind: content type and text, with 200.
    Body(&'static str, String),
    /// The right answer's first bytes, then the connection ends.
    CutOff(usize),
    /// The right answer's first bytes, as if they were all.
    Shortened(usize),
    /// The right answer with bytes behind it.
    Trailing(&'static [u8]),
    /// No answer within any time that a test would wait.
    Silence,
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
