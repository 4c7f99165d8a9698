//! What is refused: counted, and said in the log, but not once a request.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::refusals::{Refusal, Refusals};

/// A reason is said again after this long, so that nobody can fill the log.
const AGAIN: Duration = Duration::from_mins(1);

/// The counters, and when each reason was last said.
#[derive(Default)]
pub(super) struct Refused {
    pub(super) counts: Refusals,
    said: Mutex<HashMap<&'static str, Instant>>,
}

impl Refused {
    /// Counts it; `why` is for the log, and never holds what was shown.
    pub(super) fn note(&self, refusal: Refusal, peer: SocketAddr, why: &str) {
        self.counts.count(refusal);
        let reason = refusal.name();
        if self.is_new(reason) {
            tracing::warn!(reason, %peer, "refused: {why}");
        } else {
            tracing::debug!(reason, %peer, "refused: {why}");
        }
    }

    fn is_new(&self, reason: &'static str) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match said.get(reason) {
            Some(before) if now.duration_since(*before) < AGAIN => false,
            _ => {
                said.insert(reason, now);
                true
            }
        }
    }
}
