//! The polling protocol: the requests to an API server that keep the facts about its cluster up to
//! date.
//!
//! [`Cluster::poll`] requests every list independently, so the failure of one never shows on
//! another, and always returns everything that is known: the objects of a failed list stay, marked
//! by its state.

mod args;
mod body;
mod buffer;
mod client;
mod config;
mod connection;
mod error;
mod list;
mod list_json;
mod list_protobuf;
mod listing;
mod request;
mod review;
mod status;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::{FutureExt, StreamExt, stream};
use tokio::sync::watch;

use self::client::Client;
use self::connection::Connection;
use self::error::Error;
use self::listing::{Changed, Listing};
use crate::facts::{ClusterTls, Facts, KnownList};
use crate::health::{List, State};
use crate::kinds::{self, CLIENT_CA, CLIENT_CA_NAMESPACE, Resource};

pub use self::args::{ClusterArgs, NamespaceArgs};
pub use self::config::{Access, AccessError};
pub use self::review::Reviewer;

/// The number of lists that are read at the same time: enough that a slow one delays no other, few
/// enough that hundreds of namespaces are no burst (API priority and fairness gives a service
/// account about ten seats).
const AT_ONCE: usize = 4;

/// The number of request deadlines that a list may take: a server that answers every page just in
/// time is slow, not broken, but a poll must end.
const PATIENCE: u32 = 10;

/// A cluster, as it is known from poll to poll.
pub struct Cluster {
    connection: Connection,
    timeout: Duration,
    lists: Vec<Polled>,
    /// The facts of the last poll that changed any.
    facts: Arc<Facts>,
    /// The serving configuration that the cluster asks for.
    tls: watch::Sender<ClusterTls>,
}

/// Everything that is known after a poll.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The facts; the same [`Arc`] as before if nothing has changed.
    pub facts: Arc<Facts>,
    /// The health of every list.
    pub lists: Vec<List>,
}

/// A listing and its health.
struct Polled {
    listing: Listing,
    list: List,
    /// Whether it has been complete, so that absence from it is evidence.
    is_known: bool,
}

// === impl Cluster ===

impl Cluster {
    /// A cluster of which nothing is known yet: confined to these namespaces, or whole if there are
    /// none. A request that takes longer than `timeout` fails.
    ///
    /// # Errors
    /// If the configuration cannot be found, read or used; whether the cluster answers is not
    /// tried.
    pub async fn connect(
        access: Access,
        namespaces: &[String],
        timeout: Duration,
    ) -> Result<Self, AccessError> {
        let connection = Connection::open(access, timeout).await?;
        // In order and each once, whatever was typed: no object may be seen twice.
        let namespaces: BTreeSet<&str> = namespaces.iter().map(String::as_str).collect();
        let scopes: Vec<Option<Arc<str>>> = if namespaces.is_empty() {
            vec![None]
        } else {
            namespaces.iter().map(|name| Some((*name).into())).collect()
        };
        let is_visible = |resource: &&&Resource| namespaces.is_empty() || resource.is_namespaced;
        let lists = kinds::ALL.iter().filter(is_visible).flat_map(|resource| {
            let scopes = scopes.iter().cloned();
            scopes.map(move |scope| Polled::new(Listing::new(resource, scope)))
        });
        Ok(Self {
            connection,
            timeout,
            lists: lists.collect(),
            facts: Arc::default(),
            tls: watch::Sender::default(),
        })
    }

    /// Reads the CA of the cluster's client certificates in every poll, too.
    #[must_use]
    pub fn with_client_ca(mut self) -> Self {
        let listing = Listing::new(&CLIENT_CA, Some(CLIENT_CA_NAMESPACE.into()));
        self.lists.push(Polled::new(listing));
        self
    }

    /// The serving configuration that the cluster asks for, followed from poll to poll.
    pub fn cluster_tls(&self) -> watch::Receiver<ClusterTls> {
        self.tls.subscribe()
    }

    /// Requests every list once, and returns everything that is known then.
    pub async fn poll(&mut self) -> Observed {
        self.reconnect().await;
        let client = self.connection.client().await;
        let deadline = self.timeout * PATIENCE;
        let lists = self.lists.iter_mut();
        let polls: Vec<_> = lists
            .map(|polled| polled.poll(&client, deadline).boxed())
            .collect();
        let mut polls = stream::iter(polls).buffer_unordered(AT_ONCE);
        let mut changed = Changed::default();
        while let Some(by_list) = polls.next().await {
            changed = changed | by_list;
        }
        drop(polls);
        if changed.facts {
            self.facts = Arc::new(self.collect_facts());
        }
        if changed.serving {
            let now = self.collect_cluster_tls();
            self.tls.send_if_modified(|before| {
                let is_new = *before != now;
                *before = now;
                is_new
            });
        }
        self.observed()
    }

    /// Renews the client after a failure.
    async fn reconnect(&self) {
        let is_down =
            |polled: &Polled| matches!(polled.list.state, State::Failed(_) | State::Refused(_));
        if self.lists.iter().any(is_down) {
            self.connection.renew().await;
        }
    }

    /// Everything that is known now.
    pub fn observed(&self) -> Observed {
        Observed {
            facts: self.facts.clone(),
            lists: self
                .lists
                .iter()
                .map(|polled| polled.list.clone())
                .collect(),
        }
    }

    fn collect_facts(&self) -> Facts {
        let mut facts = Facts::default();
        for polled in &self.lists {
            for fact in polled.listing.facts() {
                facts.add(fact.clone());
            }
            if polled.is_known {
                facts.known.push(KnownList {
                    list: polled.list.resource.clone(),
                    namespace: polled.list.namespace.clone(),
                });
            }
        }
        facts
    }

    fn collect_cluster_tls(&self) -> ClusterTls {
        let mut cluster_tls = ClusterTls::default();
        let facts = self.lists.iter().flat_map(|polled| polled.listing.facts());
        facts.for_each(|fact| cluster_tls.add(fact));
        cluster_tls
    }
}

// === impl Polled ===

impl Polled {
    fn new(listing: Listing) -> Self {
        let list = List {
            resource: listing.resource.name(),
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

    /// Polls the list, and returns the effect.
    async fn poll(&mut self, client: &Client, deadline: Duration) -> Changed {
        let started = Instant::now();
        let polled = tokio::time::timeout(deadline, self.listing.poll(client)).await;
        let (state, mut changed) = match polled.unwrap_or(Err(Error::TimedOut(deadline))) {
            Ok(changed) => (State::Complete, changed),
            Err(Error::NotFound) if self.listing.resource.is_optional => {
                (State::Absent, self.listing.clear())
            }
            Err(Error::Forbidden) => {
                let rule = self.listing.resource.rule();
                (State::Refused(rule), Changed::default())
            }
            Err(error) => (State::Failed(error.to_string()), Changed::default()),
        };
        self.log(&state);
        self.list.state = state;
        self.list.duration = started.elapsed();
        if self.list.is_up() {
            self.list.objects = self.listing.objects();
            self.list.last_success = Some(now());
        }
        let was_known = self.is_known;
        self.is_known = match self.list.state {
            State::Complete => true,
            State::Absent => false,
            _ => was_known,
        };
        changed.facts |= was_known != self.is_known;
        changed
    }

    /// Writes one line when the list begins to fail, when it fails in another way, and when it is
    /// complete again.
    fn log(&self, state: &State) {
        if *state == self.list.state {
            return;
        }
        let list = &*self.list.resource;
        let scope = self.list.namespace.as_deref().unwrap_or("all namespaces");
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
                tracing::info!(
                    list,
                    scope,
                    objects = self.listing.objects(),
                    "list complete"
                );
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
