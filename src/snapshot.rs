//! The judged whole: published after a poll, and the source of every view.
//!
//! A snapshot never changes and knows no clock: every time in it is absolute. So it stays the same
//! until the cluster changes, and "days left" is computed by each view.

mod advice;
mod dates;
mod inventory;
mod obstacle;
mod problem;
mod role;

use std::sync::Arc;

use crate::facts::Facts;
use crate::health::List;
use crate::rotation::Declarations;

pub use self::advice::Advice;
pub use self::dates::Dates;
pub use self::inventory::{Entry, Inventory};
pub use self::obstacle::Obstacle;
pub use self::problem::{Problem, Reason};
pub use self::role::Role;

/// Everything that is known after a poll.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The inventory; the same [`Arc`] as before if nothing has changed.
    pub inventory: Arc<Inventory>,
    /// The health of every list.
    pub lists: Vec<List>,
}

// === impl Snapshot ===

impl Snapshot {
    /// Judges the facts, unless they are those of the snapshot before.
    pub fn judge(
        facts: Arc<Facts>,
        lists: Vec<List>,
        declarations: &Declarations,
        before: &Self,
    ) -> Self {
        let inventory = if before.inventory.is_of(&facts) {
            before.inventory.clone()
        } else {
            Arc::new(Inventory::judge(facts, declarations))
        };
        Self { inventory, lists }
    }
}
