//! The denials so far: counted for the metrics, and logged, but not once for each request.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::denial::{DenialReason, Denied};

/// The time after which a reason is logged as a warning again, so that no client can fill the log.
const QUIET: Duration = Duration::from_mins(1);

const REASONS: usize = DenialReason::ALL.len();

/// A counter for each reason, and the time of its last warning.
#[derive(Default)]
pub(in crate::server) struct Denials {
    counts: [AtomicU64; REASONS],
    warned: Mutex<[Option<Instant>; REASONS]>,
}

impl Denials {
    /// Counts and logs a denial.
    pub(in crate::server) fn record(&self, denied: &Denied, client: SocketAddr) {
        let Denied { reason, message } = denied;
        self.counts[*reason as usize].fetch_add(1, Ordering::Relaxed);
        let name = reason.as_str();
        if self.is_due(*reason) {
            tracing::warn!(reason = name, %client, %message, "denied");
        } else {
            tracing::debug!(reason = name, %client, %message, "denied");
        }
    }

    /// The number of denials for each reason.
    pub(in crate::server) fn counts(&self) -> [(&'static str, u64); REASONS] {
        DenialReason::ALL.map(|reason| {
            let count = self.counts[reason as usize].load(Ordering::Relaxed);
            (reason.as_str(), count)
        })
    }

    fn is_due(&self, reason: DenialReason) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        let last = &mut warned[reason as usize];
        let is_due = last.is_none_or(|last| last.elapsed() >= QUIET);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}
