//! A simulated cluster that notafter polls, one poll at a time.
//!
//! Unless a test is about connections, notafter talks to the simulated API server in the same
//! process, and waits by tokio's clock, which tests pause: no test waits for a watch to end.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter::api::{Access, Cluster as Watched, Observed, Polling};
use notafter::health::{List, State};
use notafter::metrics::{Process, Tail};
use notafter::publish::Published;
use notafter::rotation::Declarations;
use notafter::snapshot::Snapshot;
use notafter_simulator::certificate::{Draft, Pair};
use notafter_simulator::{Cluster, kubeconfig};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::scrape::Scrape;

/// The reference time of the tests: the morning on which the packageserver's certificate expired
/// (Unix seconds).
pub(crate) const THEN: i64 = 1_708_682_825;
pub(crate) const DAY: i64 = 24 * 3600;
/// A timeout for responses that never arrive.
pub(crate) const SHORT: Duration = Duration::from_secs(3);

/// The time that a quiet poll watches for.
pub(crate) const WATCH: Duration = Duration::from_secs(3);

/// The simulated cluster, and the state that notafter has of it.
pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) watched: Watched,
    pub(crate) declarations: Declarations,
    pub(crate) snapshot: Snapshot,
    published: Published,
    /// The folder of the kubeconfig that connects them; none if they are in one process.
    pub(crate) folder: Option<TempDir>,
}

/// Polls of the whole cluster, as `notafter serve` makes them.
pub(crate) fn polling() -> Polling {
    Polling {
        watch: Some(WATCH),
        ..Polling::listing(Duration::from_secs(30))
    }
}

impl World {
    /// Connects notafter to the whole cluster.
    pub(crate) fn of(cluster: Cluster) -> Self {
        Self::polled(cluster, &polling())
    }

    /// Connects notafter to some namespaces only.
    pub(crate) fn confined(cluster: Cluster, namespaces: &[&str]) -> Self {
        let namespaces = namespaces.iter().map(|&name| name.to_owned()).collect();
        Self::polled(
            cluster,
            &Polling {
                namespaces,
                ..polling()
            },
        )
    }

    /// Connects notafter to the whole cluster, and to the CA of its client certificates.
    pub(crate) fn with_client_ca(cluster: Cluster) -> Self {
        let polling = Polling {
            client_ca: true,
            ..Polling::listing(Duration::from_secs(30))
        };
        Self::polled(cluster, &polling)
    }

    /// Connects notafter, which never watches, to the whole cluster.
    pub(crate) fn listed(cluster: Cluster) -> Self {
        Self::polled(cluster, &Polling::listing(polling().timeout))
    }

    /// Connects notafter with given limits.
    pub(crate) fn polled(cluster: Cluster, polling: &Polling) -> Self {
        let watched = Watched::over(cluster.client(), polling);
        Self::new(cluster, watched, None)
    }

    /// Connects notafter by TCP, as its kubeconfig says.
    pub(crate) async fn connected(cluster: Cluster, polling: &Polling) -> Self {
        let address = cluster.listen().await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeconfig");
        std::fs::write(&path, kubeconfig(address, None)).unwrap();
        let access = Access {
            kubeconfig: Some(path),
            context: None,
        };
        let watched = Watched::connect(access, polling).await.unwrap();
        Self::new(cluster, watched, Some(folder))
    }

    fn new(cluster: Cluster, watched: Watched, folder: Option<TempDir>) -> Self {
        Self {
            cluster,
            watched,
            declarations: Declarations::default(),
            snapshot: Snapshot::default(),
            published: Published::default(),
            folder,
        }
    }

    /// The file that says how to connect.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        let folder = self.folder.as_ref();
        folder
            .expect("notafter connects by TCP")
            .path()
            .join("kubeconfig")
    }

    /// Polls once and judges the result, without publishing it.
    pub(crate) async fn watch(&mut self) {
        let Observed { facts, lists } = self.watched.poll().await;
        self.snapshot = Snapshot::judge(facts, lists, &self.declarations, &self.snapshot);
    }

    /// Polls once and returns what Prometheus would scrape afterwards.
    pub(crate) async fn poll(&mut self) -> Scrape {
        self.watch().await;
        self.published = Published::new(self.snapshot.clone(), &self.published);
        Scrape::read(&text(&self.published))
    }

    /// The part of the exposition that is about the cluster, and not about notafter itself.
    pub(crate) fn inventory(&self) -> String {
        let text = text(&Published::new(self.snapshot.clone(), &self.published));
        let own = text
            .find("# HELP notafter_list_up")
            .expect("the lists come behind");
        text[..own].to_owned()
    }

    /// The outcome of listing secrets in the last poll.
    pub(crate) fn secrets(&self) -> &List {
        &self.snapshot.lists[0]
    }

    /// The outcome of listing a resource in the last poll.
    pub(crate) fn list(&self, resource: &str) -> &List {
        let mut lists = self.snapshot.lists.iter();
        lists.find(|list| &*list.resource == resource).unwrap()
    }

    /// The outcome of listing operators in the last poll.
    pub(crate) fn operators(&self) -> &List {
        self.list(notafter::facts::OPERATORS)
    }

    /// The reason why listing secrets failed, in one sentence; empty if it succeeded.
    pub(crate) fn why(&self) -> String {
        match &self.secrets().state {
            State::Failed(why) => why.clone(),
            _ => String::new(),
        }
    }

    /// The response statuses of the requests since the last call whose path and query contain
    /// `wanted`.
    pub(crate) fn statuses(&self, wanted: &str) -> Vec<u16> {
        let requests = self.cluster.requests().into_iter();
        requests
            .filter(|request| request.target.contains(wanted))
            .map(|request| request.status)
            .collect()
    }

    /// The requests since the last call, as status, path and query.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.cluster
            .requests()
            .into_iter()
            .map(|request| format!("{} {}", request.status, request.target))
            .collect()
    }
}

/// The metrics that change between polls, with two denied requests.
pub(crate) fn tail(lists: &[List]) -> Tail {
    Tail {
        lists: lists.to_vec(),
        denied: vec![("token", 2), ("silence", 0)],
        process: Process::now(),
    }
}

/// The exposition for a client that accepts neither gzip nor OpenMetrics.
pub(crate) fn text(published: &Published) -> String {
    let tail = tail(&published.snapshot.lists);
    let body = published.exposition.scrape("", "", &tail).body.flatten();
    String::from_utf8(body.collect()).unwrap()
}

/// A self-signed certificate, valid for a number of days from [`THEN`].
pub(crate) fn certificate(name: &str, days: i64) -> Pair {
    Draft::named(name)
        .valid(THEN, THEN + days * DAY)
        .self_signed()
}

/// A TLS secret with one certificate and its key.
pub(crate) fn tls(namespace: &str, name: &str, pair: &Pair) -> Value {
    secret(
        namespace,
        name,
        &[
            ("tls.crt", pair.certificate.as_bytes()),
            ("tls.key", pair.key.as_bytes()),
        ],
    )
}

/// A TLS secret with arbitrary data.
pub(crate) fn secret(namespace: &str, name: &str, data: &[(&str, &[u8])]) -> Value {
    let data = data
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(STANDARD.encode(value))));
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {"namespace": namespace, "name": name},
        "data": data.collect::<serde_json::Map<_, _>>(),
    })
}

/// A ClusterServiceVersion in a phase.
pub(crate) fn operator(namespace: &str, name: &str, phase: &str) -> Value {
    json!({
        "apiVersion": "operators.coreos.com/v1alpha1", "kind": "ClusterServiceVersion",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"version": "1.4.2"},
        "status": {"phase": phase, "reason": "InstallSucceeded", "lastTransitionTime": "2024-02-23T10:07:05Z"},
    })
}
