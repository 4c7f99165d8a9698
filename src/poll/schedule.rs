//! The pauses between the polls of one list.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// The pause after a first failure; it doubles with each further one, up to the interval. An API
/// server that restarts is back within seconds, and one that does not come back must not be
/// hurried.
const SOON: Duration = Duration::from_secs(5);

/// The schedule of one list.
pub(super) struct Schedule {
    interval: Duration,
    /// The pause after the next failure.
    soon: Duration,
    is_started: bool,
}

impl Schedule {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            soon: SOON,
            is_started: false,
        }
    }

    /// Returns the pause after a poll that has failed or not, which may tell when to poll again.
    pub(super) fn pause(&mut self, has_failed: bool, retry_in: Option<Duration>) -> Duration {
        if let Some(retry_in) = retry_in {
            return retry_in;
        }
        if has_failed {
            let soon = self.soon.min(self.interval);
            self.soon = soon.saturating_mul(2);
            return varied(soon, 0.9);
        }
        self.soon = SOON;
        // The first interval is cut at random, and the others vary by a tenth, so that neither the
        // lists of one exporter nor the exporters of a fleet are polled in step.
        let is_first = !std::mem::replace(&mut self.is_started, true);
        varied(self.interval, if is_first { 0.1 } else { 0.9 })
    }
}

/// Varies a duration at random, from a share of it to the whole. It is never longer: a failure must
/// be known within one interval.
fn varied(duration: Duration, least: f64) -> Duration {
    // The only source of randomness in the standard library.
    let chance = RandomState::new().hash_one(0) % 1000;
    let chance = f64::from(u32::try_from(chance).unwrap_or(0)) / 1000.0;
    duration.mul_f64(least + (1.0 - least) * chance)
}
