//! The rate limit of all clients together: a bucket of requests that refills over time.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::serving::RateLimit;

/// The number of requests left in the bucket, and the time of that count; a bucket begins full.
#[derive(Default)]
pub(super) struct RateLimiter(Mutex<Option<(f64, Instant)>>);

impl RateLimiter {
    /// Takes one request out of the bucket, and returns whether there was one.
    pub(super) fn take(&self, limit: RateLimit) -> bool {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, capacity) = (Instant::now(), f64::from(limit.burst));
        let (left, since) = bucket.unwrap_or((capacity, now));
        let refilled = now.duration_since(since).as_secs_f64() / limit.interval.as_secs_f64();
        let left = (left + refilled).min(capacity);
        let is_allowed = left >= 1.0;
        *bucket = Some((if is_allowed { left - 1.0 } else { left }, now));
        is_allowed
    }
}
