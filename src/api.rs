//! The only code that speaks to an API server: it polls lists, and what it knows are facts.
//!
//! [`Cluster::poll`] asks for every list at once, so trouble with one never shows on another, and always
//! answers with everything that is known: what a failed list had shown before stays, marked by its state.

mod access;
mod args;
mod body;
mod buffer;
mod client;
mod connection;
mod field;
mod json;
mod listing;
mod metadata;
mod object;
mod protobuf;
mod resource;
mod review;
mod rule;
mod status;
mod trouble;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::{FutureExt, StreamExt, stream};
use tokio::sync::watch;

use self::client::Client;
use self::connection::Connection;
use self::listing::Listing;
use self::resource::{CLIENT_CA, CLIENT_CA_NAMESPACE, Resource, TABLE};
use self::trouble::Trouble;
use crate::facts::{ClusterTls, Facts, List, Seen, State};

pub use self::access::{Access, AccessError};
pub use self::args::{ClusterArgs, NamespaceArgs};
pub use self::review::Reviewer;
pub use self::rule::rules;

/// How many lists are read at the same time: enough that a slow one holds up no other, few enough that
/// hundreds of namespaces are no burst (API priority and fairness gives a service account about ten seats).
const AT_ONCE: usize = 4;

/// A list may go on for so many deadlines of a request: a server that answers every page just in time
/// is slow, not broken, but a poll must end.
const PATIENCE: u32 = 10;

/// A cluster, as it is known from poll to poll.
pub struct Cluster {
    connection: Connection,
    timeout: Duration,
    lists: Vec<Polled>,
    /// As of the last poll that changed anything.
    facts: Arc<Facts>,
    /// The TLS settings that the cluster publishes, for those who serve in it.
    cluster_tls: watch::Sender<ClusterTls>,
}

/// A listing and how it fared.
struct Polled {
    listing: Listing,
    list: List,
    /// Whether it has been complete, so that it is evidence what is not in it.
    is_known: bool,
}

// === impl Cluster ===

impl Cluster {
    /// A cluster of which nothing is known yet: confined to these namespaces, or to none if there are none.
    /// A request that takes longer than `timeout` is given up.
    ///
    /// # Errors
    /// If the configuration cannot be found, read or used; whether the cluster answers is not tried.
    pub async fn connect(
        access: Access,
        namespaces: &[String],
        timeout: Duration,
    ) -> Result<Self, AccessError> {
        let connection = Connection::open(access, timeout).await?;
        // In order and each once, whatever was typed: no object may be seen twice.
        let scopes: BTreeSet<Option<Arc<str>>> = match namespaces {
            [] => BTreeSet::from([None]),
            some => some
                .iter()
                .map(|namespace| Some(namespace.as_str().into()))
                .collect(),
        };
        let visible = |resource: &&&Resource| namespaces.is_empty() || resource.is_namespaced;
        let lists = TABLE.iter().filter(visible).flat_map(|resource| {
            scopes
                .iter()
                .map(move |namespace| Polled::new(Listing::new(resource, namespace.clone())))
        });
        Ok(Self {
            connection,
            timeout,
            lists: lists.collect(),
            facts: Arc::default(),
            cluster_tls: watch::Sender::default(),
        })
    }

    /// Asks in every poll whose client certificates the API server believes, too.
    #[must_use]
    pub fn with_client_ca(mut self) -> Self {
        let listing = Listing::new(&CLIENT_CA, Some(CLIENT_CA_NAMESPACE.into()));
        self.lists.push(Polled::new(listing));
        self
    }

    /// Asks for every list once, and says what is known then.
    pub async fn poll(&mut self) -> Seen {
        self.reconnect().await;
        let client = self.connection.client().await;
        let deadline = self.timeout * PATIENCE;
        let lists = self.lists.iter_mut();
        let polls: Vec<_> = lists
            .map(|polled| polled.poll(&client, deadline).boxed())
            .collect();
        let changes: Vec<bool> = stream::iter(polls)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        if changes.contains(&true) {
            self.collect();
        }
        self.seen()
    }

    /// Renews the client if a list is down.
    async fn reconnect(&self) {
        let down =
            |polled: &Polled| matches!(polled.list.state, State::Failed(_) | State::Refused(_));
        if self.lists.iter().any(down) {
            self.connection.renew().await;
        }
    }

    /// What is known now.
    pub fn seen(&self) -> Seen {
        Seen {
            facts: self.facts.clone(),
            lists: self.lists.iter().map(|it| it.list.clone()).collect(),
        }
    }

    /// The TLS settings that the cluster publishes, as they are from now on.
    pub fn cluster_tls(&self) -> watch::Receiver<ClusterTls> {
        self.cluster_tls.subscribe()
    }

    /// Collects what the lists hold. Facts that are equal to those before stay the same [`Arc`]: a new client CA or TLS
    /// profile alone is no reason to judge and render every certificate again.
    fn collect(&mut self) {
        let (mut facts, mut cluster_tls) = (Facts::default(), ClusterTls::default());
        for Polled {
            listing,
            list,
            is_known,
        } in &self.lists
        {
            listing
                .facts()
                .for_each(|fact| fact.put(&mut facts, &mut cluster_tls));
            if *is_known {
                facts.known.push((list.resource, list.namespace.clone()));
            }
        }
        if *self.facts != facts {
            self.facts = Arc::new(facts);
        }
        self.cluster_tls.send_if_modified(|current| {
            let is_new = *current != cluster_tls;
            *current = cluster_tls;
            is_new
        });
    }
}

// === impl Polled ===

impl Polled {
    fn new(listing: Listing) -> Self {
        let list = List {
            resource: listing.resource.name,
            namespace: listing.namespace.clone(),
            state: State::Unread,
            objects: 0,
            last_success: None,
            duration: Duration::ZERO,
        };
        Self {
            listing,
            list,
            is_known: false,
        }
    }

    /// Polls the list, and says whether anything changed.
    async fn poll(&mut self, client: &Client, deadline: Duration) -> bool {
        let started = Instant::now();
        let polled = tokio::time::timeout(deadline, self.listing.poll(client)).await;
        let (state, changed) = match polled.unwrap_or(Err(Trouble::Late(deadline))) {
            Ok(changed) => (State::Complete, changed),
            Err(Trouble::Absent) if self.listing.resource.is_optional => {
                (State::Absent, self.listing.forget())
            }
            Err(Trouble::Refused) => (
                State::Refused(self.listing.resource.rule().to_string()),
                false,
            ),
            Err(trouble) => (State::Failed(trouble.to_string()), false),
        };
        self.log(&state);
        self.list.state = state;
        self.list.duration = started.elapsed();
        if self.list.is_up() {
            self.list.objects = self.listing.facts().len();
            self.list.last_success = Some(now());
        }
        let is_known = match self.list.state {
            State::Complete => true,
            State::Absent => false,
            _ => self.is_known,
        };
        let was_known = std::mem::replace(&mut self.is_known, is_known);
        changed || was_known != is_known
    }

    /// One line when it begins to fail, when it fails in another way, and when it is well again.
    fn log(&self, state: &State) {
        if *state == self.list.state {
            return;
        }
        let list = self.list.resource;
        let scope = self.list.namespace.as_deref().unwrap_or("all namespaces");
        match state {
            State::Failed(why) => tracing::warn!(list, scope, "not read: {why}"),
            State::Refused(rule) => tracing::warn!(
                list,
                scope,
                "refused by the API server; the rule that allows it: {rule}"
            ),
            State::Absent => tracing::info!(list, scope, "the cluster does not have this resource"),
            State::Complete | State::Unread => {
                tracing::info!(list, scope, objects = self.listing.facts().len(), "read");
            }
        }
    }
}

/// Unix seconds.
fn now() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}
