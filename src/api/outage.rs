//! Outages of the API server: when one begins and ends, and when to send a request meanwhile.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::error::Error;

/// The pauses between two requests to a server that is down: the first, which doubles, and the
/// longest. A restarted API server is back within seconds, and six connections a minute burden none.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The state of the server, as its last answers show it.
pub(super) enum State {
    /// No request has been answered yet.
    Unknown,
    Up,
    Down(Outage),
}

/// The time during which the server is down.
pub(super) struct Outage {
    pub(super) reason: Arc<str>,
    pub(super) since: Instant,
    pause: Duration,
    /// The time of the next request.
    until: Instant,
}

// === impl Outage ===

impl Outage {
    /// An outage that a failed request has found, or goes on with.
    pub(super) fn found(before: &State, reason: Arc<str>) -> Self {
        let now = Instant::now();
        let (since, pause) = match before {
            State::Down(outage) => (outage.since, LONGEST_PAUSE.min(outage.pause * 2)),
            State::Unknown | State::Up => (now, FIRST_PAUSE),
        };
        Self {
            reason,
            since,
            pause,
            until: now + pause,
        }
    }

    /// Returns whether it is time to send a request again.
    pub(super) fn is_due(&self) -> bool {
        self.until <= Instant::now()
    }

    /// The failure of every request in the meantime.
    pub(super) fn error(&self) -> Error {
        Error::Down {
            reason: self.reason.clone(),
            retry_in: self.until.saturating_duration_since(Instant::now()),
        }
    }
}
