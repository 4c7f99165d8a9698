//! The polling protocol: the requests to an API server that keep the facts about its cluster up to
//! date.
//!
//! Every list is polled on its own by a [`Poller`], so the failure of one never shows on another.
//! [`Reports`] holds everything that is known: the objects of a failed list stay, marked by its
//! state.

mod args;
mod body;
mod buffer;
mod changed;
mod client;
mod config;
mod connection;
mod error;
mod events;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod list;
mod list_json;
mod list_protobuf;
mod listing;
mod metadata;
mod objects;
mod outage;
mod permission;
mod place;
mod poller;
mod rate_limit;
mod rejection;
mod reports;
mod review;
mod session;
mod status;
mod values;
mod watch_json;
mod watch_protobuf;
mod watching;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;

use self::connection::Connection;
use self::listing::Listing;
use self::place::Place;
use crate::facts::ClusterTls;
use crate::kinds::{self, CLIENT_CA, CLIENT_CA_NAMESPACE, Resource};

pub use self::args::{ClusterArgs, NamespaceArgs, WatchArgs, namespace};
pub use self::config::{Access, AccessError, contexts};
pub(crate) use self::error::{beginning, chain, unanswered};
pub use self::permission::{Answer, Examination, Examined, Permission, User};
pub use self::poller::{Poller, Report};
pub use self::reports::{Observed, Reports};
pub use self::review::Reviewer;

/// The scope and the limits of polls.
#[derive(Clone, Debug)]
pub struct Polling {
    /// The namespaces to which they are confined; none for the whole cluster.
    pub namespaces: Vec<String>,
    /// The deadline of one poll of one list.
    pub timeout: Duration,
    /// The time that a quiet poll watches for, in whole seconds; none to list metadata instead.
    pub watch: Option<Duration>,
    /// True if the CA of the cluster's client certificates is polled, too.
    pub client_ca: bool,
    /// The keys of the labels that objects keep beside the marks of managers.
    pub labels: Vec<Box<str>>,
}

/// A cluster: its lists, and everything that is known of them.
pub struct Cluster {
    pollers: Vec<Poller>,
    reports: Reports,
}

// === impl Polling ===

impl Polling {
    /// Polls of the whole cluster that only list.
    pub fn listing(timeout: Duration) -> Self {
        Self {
            namespaces: Vec::new(),
            timeout,
            watch: None,
            client_ca: false,
            labels: Vec::new(),
        }
    }
}

// === impl Cluster ===

impl Cluster {
    /// A cluster of which nothing is known yet.
    ///
    /// # Errors
    /// If the configuration cannot be found, read or used; whether the cluster answers is not
    /// tried.
    pub async fn connect(access: Access, polling: &Polling) -> Result<Self, AccessError> {
        let places = places(polling);
        let purpose = purpose(&places);
        let connection = Connection::open(access, purpose, polling.timeout).await?;
        Ok(Self::new(connection, places, polling))
    }

    /// A cluster that is reached by a client, of which nothing is known yet.
    pub fn over(client: kube::Client, polling: &Polling) -> Self {
        let places = places(polling);
        let connection = Connection::over(client, purpose(&places), polling.timeout);
        Self::new(connection, places, polling)
    }

    fn new(
        connection: Connection,
        places: Vec<(&'static Resource, Option<Arc<str>>)>,
        polling: &Polling,
    ) -> Self {
        let connection = Arc::new(connection);
        let labels: Arc<[Box<str>]> = polling.labels.as_slice().into();
        let pollers = places.into_iter().enumerate();
        let pollers = pollers.map(|(index, (resource, namespace))| {
            let place = Place {
                resource,
                namespace,
                labels: labels.clone(),
            };
            let listing = Listing::new(place, polling.watch);
            Poller::new(index, listing, connection.clone(), polling.timeout)
        });
        let pollers: Vec<Poller> = pollers.collect();
        let lists = pollers.iter().map(|poller| poller.list().clone());
        Self {
            reports: Reports::of(lists),
            pollers,
        }
    }

    /// The serving configuration that the cluster asks for, followed from poll to poll.
    pub fn cluster_tls(&self) -> watch::Receiver<ClusterTls> {
        self.reports.cluster_tls()
    }

    /// Polls every list once, all at the same time, and returns everything that is known then.
    pub async fn poll(&mut self) -> Observed {
        let polls = self.pollers.iter_mut().map(Poller::poll);
        for report in join_all(polls).await {
            self.reports.take(report);
        }
        self.reports.observed()
    }

    /// Polls every list once, and those that are denied once more: an API server that has just started
    /// denies everything at first.
    pub async fn look(&mut self) -> Observed {
        self.poll().await;
        let denied = self.pollers.iter_mut().filter(|poller| poller.is_denied());
        for report in join_all(denied.map(Poller::poll)).await {
            self.reports.take(report);
        }
        self.reports.observed()
    }

    /// Everything that is known now.
    pub fn observed(&mut self) -> Observed {
        self.reports.observed()
    }

    /// The pollers, for a schedule of their own, and the place for their reports.
    pub fn into_parts(self) -> (Vec<Poller>, Reports) {
        (self.pollers, self.reports)
    }
}

/// Returns the lists to poll.
fn places(polling: &Polling) -> Vec<(&'static Resource, Option<Arc<str>>)> {
    // In order and each once, whatever was typed: no object may be seen twice.
    let namespaces: BTreeSet<&str> = polling.namespaces.iter().map(String::as_str).collect();
    let scopes: Vec<Option<Arc<str>>> = if namespaces.is_empty() {
        vec![None]
    } else {
        namespaces.iter().map(|name| Some((*name).into())).collect()
    };
    let is_visible = |resource: &&&Resource| namespaces.is_empty() || resource.is_namespaced;
    let lists = kinds::ALL.iter().filter(is_visible).flat_map(|resource| {
        let scopes = scopes.iter().cloned();
        scopes.map(move |scope| (*resource, scope))
    });
    let client_ca: (_, Option<Arc<str>>) = (&CLIENT_CA, Some(CLIENT_CA_NAMESPACE.into()));
    lists
        .chain(polling.client_ca.then_some(client_ca))
        .collect()
}

/// Returns the names of the lists, for the log.
fn purpose(places: &[(&Resource, Option<Arc<str>>)]) -> String {
    let names: BTreeSet<Arc<str>> = places.iter().map(|(resource, _)| resource.name()).collect();
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    names.join(", ")
}
