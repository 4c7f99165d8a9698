//! The decision between watching a list and listing it.

use std::time::Duration;

use super::error::Error;

/// The number of polls of which one lists. A list finds what a watch cannot know, and costs the API
/// server as much as thirty quiet watches of 10,000 secrets do.
const OF_WHICH_ONE_LISTS: u32 = 10;

/// The number of watches that may fail in a row before they are given up for as many polls:
/// something between notafter and the API server may let lists pass, but no watches.
const FAILURES: u32 = 3;

/// The decision for one list, from poll to poll.
pub(super) struct Watching {
    /// The duration of a watch, in whole seconds; none if the list is never watched.
    time: Option<Duration>,
    /// The number of polls until the next one that lists.
    left: u32,
    /// The number of polls that list because watches are given up.
    given_up: u32,
    /// The number of watches that have failed since the last complete one.
    failures: u32,
}

/// The decision for one poll.
pub(super) enum Turn {
    /// A watch for this time, as one of that many polls.
    Watch(Duration, u32),
    /// A list. Differences from what is known can be explained by a watch of this time.
    List(Option<Duration>),
}

// === impl Watching ===

impl Watching {
    pub(super) fn new(time: Option<Duration>) -> Self {
        Self {
            time,
            left: 0,
            given_up: 0,
            failures: 0,
        }
    }

    /// Returns whether the list is to be watched at all.
    pub(super) fn is_wanted(&self) -> bool {
        self.time.is_some()
    }

    /// Decides on a poll. After one that is never reported as complete, the next one lists.
    pub(super) fn turn(&mut self) -> Turn {
        let left = std::mem::take(&mut self.left);
        if self.given_up > 0 {
            self.given_up -= 1;
            return Turn::List(None);
        }
        match self.time {
            Some(time) if left > 0 => Turn::Watch(time, left),
            time => Turn::List(time),
        }
    }

    /// Takes note of a complete list.
    pub(super) fn listed(&mut self) {
        self.left = OF_WHICH_ONE_LISTS - 1;
    }

    /// Takes note of a complete watch, one of that many.
    pub(super) fn watched(&mut self, left: u32) {
        self.left = left - 1;
        self.failures = 0;
    }

    /// Takes note of a failed watch; returns whether that is worth a line in the log: once for all
    /// those in a row, and not for a single one, whose connection may just have been cut.
    pub(super) fn failed(&mut self, error: &Error) -> bool {
        if matches!(error, Error::Expired(_)) {
            return false;
        }
        self.failures = self.failures.saturating_add(1);
        let is_denied = matches!(error, Error::Forbidden);
        if is_denied || self.failures >= FAILURES {
            self.given_up = OF_WHICH_ONE_LISTS - 1;
        }
        self.failures == if is_denied { 1 } else { 2 }
    }
}
