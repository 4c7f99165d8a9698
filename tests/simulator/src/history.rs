//! The recent changes of a cluster, as the watch cache of an API server has them.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch::{Receiver, Sender};

use crate::status::Status;
use crate::store::Key;

/// The changes since the API server started.
pub(crate) struct History {
    /// The revision at which the cache was filled: changes from then on are known.
    beginning: u64,
    /// The changes, in the order of their revisions.
    changes: Vec<Change>,
    /// The number of starts of the API server, which ends every watch. Sent after every change.
    starts: Sender<u64>,
}

/// The change of an object.
pub(crate) struct Change {
    pub(crate) revision: u64,
    pub(crate) key: Key,
    /// The object before the change; `None` if it did not exist.
    pub(crate) before: Option<Arc<Value>>,
    /// The object after the change; `None` if it was deleted.
    pub(crate) after: Option<Arc<Value>>,
}

impl Default for History {
    fn default() -> Self {
        Self {
            beginning: 0,
            changes: Vec::new(),
            starts: Sender::new(0),
        }
    }
}

impl History {
    pub(crate) fn record(&mut self, change: Change) {
        self.changes.push(change);
        self.starts.send_modify(|_| ());
    }

    /// Forgets every change, as if the API server started anew at this revision.
    pub(crate) fn restart(&mut self, revision: u64) {
        self.beginning = revision;
        self.changes.clear();
        self.starts.send_modify(|starts| *starts += 1);
    }

    /// Returns the changes after a revision. One from the future has none yet.
    pub(crate) fn since(&self, revision: u64) -> Result<&[Change], Status> {
        if revision < self.beginning {
            return Err(Status::too_old_resource_version(revision, self.beginning));
        }
        let known = self
            .changes
            .partition_point(|change| change.revision <= revision);
        Ok(&self.changes[known..])
    }

    /// Returns the number of starts of the API server, and learns of each change.
    pub(crate) fn subscribe(&self) -> Receiver<u64> {
        self.starts.subscribe()
    }
}
