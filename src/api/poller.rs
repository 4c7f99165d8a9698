//! The poller of one list: each poll ends within a deadline, and with a report.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{Instant, timeout};

use super::changed::Changed;
use super::connection::Connection;
use super::error::Error;
use super::listing::Listing;
use super::session::Session;
use crate::facts::Fact;
use crate::health::{List, State};

/// The number of deadlines that a poll may take while its list is down already: so a server that
/// answers every page just in time is slow, and not broken.
const PATIENCE: u32 = 10;

/// The poller of one list.
pub struct Poller {
    /// The place of the list among all.
    index: usize,
    listing: Listing,
    list: List,
    connection: Arc<Connection>,
    timeout: Duration,
    /// True if it has been complete, so that absence from it is evidence.
    is_known: bool,
    /// True if the last poll was denied.
    is_denied: bool,
    /// The state that was last written to the log.
    logged: State,
}

/// The result of one poll of one list.
pub struct Report {
    /// The place of the list among all.
    pub(super) index: usize,
    /// The list, and its health after the poll.
    pub list: List,
    /// All facts of the list, if any changed.
    pub(super) facts: Option<Arc<[Fact]>>,
    pub(super) changed: Changed,
    pub(super) is_known: bool,
    /// The time after which to poll again, if the poll failed for a reason that tells.
    pub retry_in: Option<Duration>,
}

// === impl Poller ===

impl Poller {
    pub(super) fn new(
        index: usize,
        listing: Listing,
        connection: Arc<Connection>,
        timeout: Duration,
    ) -> Self {
        let list = List {
            resource: listing.place.resource.name(),
            namespace: listing.place.namespace.clone(),
            state: State::Unread,
            objects: 0,
            last_success: None,
            duration: Duration::ZERO,
            reconciled: 0,
        };
        Self {
            index,
            listing,
            list,
            connection,
            timeout,
            is_known: false,
            is_denied: false,
            logged: State::Unread,
        }
    }

    /// The list, and its health after the last poll.
    pub(super) fn list(&self) -> &List {
        &self.list
    }

    /// Returns whether the last poll was denied.
    pub(super) fn is_denied(&self) -> bool {
        self.is_denied
    }

    /// Polls the list once.
    pub async fn poll(&mut self) -> Report {
        let started = Instant::now();
        let deadline = if self.list.is_up() {
            self.timeout
        } else {
            self.timeout * PATIENCE
        };
        let mut session = Session::new(&self.connection, self.timeout);
        let polled = timeout(deadline, self.listing.poll(&mut session)).await;
        let polled = polled.unwrap_or(Err(Error::TimedOut(deadline)));
        if let Err(Error::TimedOut(_)) = &polled {
            // Perhaps nothing arrives on the client's connections any more.
            self.connection.renew().await;
        }
        let (state, changed, retry_in) = self.judge(polled);
        self.list.state = state;
        self.list.duration = started.elapsed();
        self.list.reconciled = self.listing.reconciled();
        if self.list.is_up() {
            self.list.objects = self.listing.objects();
            self.list.last_success = Some(now());
        }
        self.report(changed, retry_in)
    }

    /// Translates the outcome of a poll into the state of the list.
    fn judge(&mut self, polled: Result<Changed, Error>) -> (State, Changed, Option<Duration>) {
        let nothing = Changed::default();
        let was_denied = std::mem::take(&mut self.is_denied);
        let (state, changed) = match polled {
            Ok(changed) => (State::Complete, changed),
            Err(Error::NotFound) if self.listing.place.resource.is_optional => {
                (State::Absent, self.listing.clear())
            }
            Err(Error::Down { reason, retry_in }) => {
                // The connection has logged it for all lists.
                return (State::Failed(reason.to_string()), nothing, Some(retry_in));
            }
            Err(Error::Forbidden) => {
                self.is_denied = true;
                // An API server that has just started denies everything at first.
                if was_denied {
                    (State::Refused(self.listing.rule()), nothing)
                } else {
                    (State::Failed(Error::Forbidden.to_string()), nothing)
                }
            }
            Err(error) => (State::Failed(error.to_string()), nothing),
        };
        self.log(&state);
        (state, changed, None)
    }

    fn report(&mut self, mut changed: Changed, retry_in: Option<Duration>) -> Report {
        let was_known = self.is_known;
        self.is_known = match self.list.state {
            State::Complete => true,
            State::Absent => false,
            _ => was_known,
        };
        changed.facts |= was_known != self.is_known;
        let facts = || self.listing.facts().cloned().collect();
        Report {
            index: self.index,
            list: self.list.clone(),
            facts: (changed.facts || changed.serving).then(facts),
            changed,
            is_known: self.is_known,
            retry_in,
        }
    }

    /// Writes one line when the list begins to fail, when it fails in another way, and when it is
    /// complete again.
    fn log(&mut self, state: &State) {
        if *state == self.logged {
            return;
        }
        self.logged = state.clone();
        let (list, scope) = (&*self.list.resource, self.listing.place.scope());
        match state {
            State::Failed(error) => tracing::warn!(list, scope, error, "list failed"),
            State::Refused(rule) => tracing::warn!(
                list,
                scope,
                %rule,
                "list denied by the API server; add the rule to notafter's role"
            ),
            State::Absent => tracing::info!(list, scope, "resource absent from the cluster"),
            State::Complete | State::Unread => {
                let objects = self.listing.objects();
                tracing::info!(list, scope, objects, "list complete");
            }
        }
    }
}

/// The current time in Unix seconds.
fn now() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}
