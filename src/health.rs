//! The health of each list that is polled.

use std::sync::Arc;
use std::time::Duration;

use crate::rbac::Rule;

/// A list that is requested from the API server in every poll, and the result of its last poll.
#[derive(Clone, Debug)]
pub struct List {
    /// The name of the list: that of its resource as `kubectl get` takes it (`secrets`,
    /// `clusterserviceversions.operators.coreos.com`).
    pub resource: Arc<str>,
    /// The namespace it is confined to; absent for the whole cluster.
    pub namespace: Option<Arc<str>>,
    /// The result of its last poll.
    pub state: State,
    /// Objects in its last complete answer.
    pub objects: usize,
    /// The time at which its last complete answer had arrived (Unix seconds).
    pub last_success: Option<i64>,
    /// The duration of its last poll.
    pub duration: Duration,
    /// The number of objects so far that a complete list showed otherwise than the watches before it
    /// had reported.
    pub reconciled: u64,
}

/// The result of a list's last poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not finished yet.
    Unread,
    /// Everything was listed.
    Complete,
    /// The cluster does not have this resource. Nothing is broken.
    Absent,
    /// The API server denied the request, for lack of this right.
    Refused(Rule),
    /// The poll failed: the reason, in one sentence.
    Failed(String),
}

// === impl List ===

impl List {
    /// Returns whether its last poll saw everything there is.
    pub fn is_up(&self) -> bool {
        matches!(self.state, State::Complete | State::Absent)
    }

    /// Returns whether its last poll failed for a reason that may pass.
    pub fn has_failed(&self) -> bool {
        matches!(self.state, State::Failed(_))
    }
}
