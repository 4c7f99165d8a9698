//! The pages for people: the overview, one page for each secret, and the frame of every page.
//!
//! A page is a function of the snapshot, of the time and of the query. It works without the script,
//! which only adds buttons that copy commands. Every link is relative, so that the pages work behind a
//! proxy that serves them below a path.

mod calendar;
mod frame;
mod links;
mod lists;
mod managers;
mod overview;
mod rows;
mod secret;
mod survey;
mod words;

pub use self::frame::{Frame, framed, security_policy};
pub use self::secret::{not_found, secret};
use crate::report::{Query, Source};
use crate::snapshot::Snapshot;
use crate::urgency::Thresholds;

/// The contents of a page.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Everything that is known.
    pub snapshot: &'a Snapshot,
    /// The time of the request (Unix seconds).
    pub at: i64,
    /// The thresholds of urgency.
    pub thresholds: &'a Thresholds,
}

/// Returns the overview, or the certificates that a query chooses.
pub fn render(view: View<'_>, query: &Query) -> String {
    overview::render(view, query)
}

// === impl View ===

impl<'a> View<'a> {
    /// The source of reports about the snapshot.
    pub fn source(&self) -> Source<'a> {
        Source {
            cluster: None,
            snapshot: self.snapshot,
            files: None,
            problems: &[],
        }
    }
}
