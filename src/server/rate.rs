//! How often anybody at all may ask: a bucket that fills up again over time.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::terms::Rate;

/// How full the bucket is, and since when.
#[derive(Default)]
pub(super) struct Bucket(Mutex<Option<(f64, Instant)>>);

impl Bucket {
    /// Takes the room for one request, if there is any.
    pub(super) fn take(&self, rate: Rate) -> bool {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, most) = (Instant::now(), f64::from(rate.burst));
        let (left, since) = bucket.unwrap_or((most, now));
        let filled = now.duration_since(since).as_secs_f64() / rate.interval.as_secs_f64();
        let left = (left + filled).min(most);
        let has_room = left >= 1.0;
        *bucket = Some((if has_room { left - 1.0 } else { left }, now));
        has_room
    }
}
