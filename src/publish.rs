//! Publication: the result of the last poll, in the forms that requests are answered from.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use crate::metrics::Exposition;
use crate::snapshot::Snapshot;

/// A snapshot, and the exposition of its inventory.
pub struct Published {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// The exposition.
    pub exposition: Exposition,
}

/// The place where the latest snapshot is published. Readers never wait.
#[derive(Default)]
pub struct Publisher(ArcSwap<Published>);

// === impl Published ===

impl Published {
    /// Prepares a snapshot for publication. The exposition of the previous one is used again if the
    /// inventory is the same.
    pub fn new(snapshot: Snapshot, previous: &Self) -> Self {
        let is_same = Arc::ptr_eq(&snapshot.inventory, &previous.snapshot.inventory);
        let exposition = if is_same {
            previous.exposition.clone()
        } else {
            Exposition::render(&snapshot.inventory)
        };
        Self {
            snapshot,
            exposition,
        }
    }
}

impl Default for Published {
    /// An empty snapshot.
    fn default() -> Self {
        let snapshot = Snapshot::default();
        let exposition = Exposition::render(&snapshot.inventory);
        Self {
            snapshot,
            exposition,
        }
    }
}

// === impl Publisher ===

impl Publisher {
    /// Publishes a snapshot.
    pub fn publish(&self, snapshot: Snapshot) {
        let published = Published::new(snapshot, &self.0.load());
        self.0.store(Arc::new(published));
    }

    /// The latest publication.
    pub fn latest(&self) -> Guard<Arc<Published>> {
        self.0.load()
    }
}
