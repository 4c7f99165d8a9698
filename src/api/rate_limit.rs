//! The rate limit of requests to an API server: the last line of defence against a fault of our own.

#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The time between two requests in the long run: 50 a second. A poll of a quiet cluster needs one
/// request for each list; the first poll of 100,000 secrets needs 400.
const SPACING: Duration = Duration::from_millis(20);

/// The time that may be used up at once: 100 requests.
const BURST: Duration = Duration::from_secs(2);

/// A rate limit, shared by everything that sends requests.
#[derive(Default)]
pub(super) struct RateLimit {
    /// The time at which every request so far has been paid for.
    paid: Mutex<Option<Instant>>,
}

impl RateLimit {
    /// Waits until the next request may be sent.
    pub(super) async fn wait(&self) {
        sleep_until(self.reserve(Instant::now())).await;
    }

    /// Reserves a place for one request, and returns the time at which it may be sent.
    fn reserve(&self, now: Instant) -> Instant {
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let before = paid.filter(|paid| *paid > now).unwrap_or(now);
        *paid = Some(before + SPACING);
        before.checked_sub(BURST).unwrap_or(now)
    }
}
