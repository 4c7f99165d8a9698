//! A simulated cluster that notafter polls, one poll at a time.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter::api::{Access, Cluster as Watched, Observed};
use notafter::health::{List, State};
use notafter::metrics::{Process, Tail};
use notafter::publish::Published;
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

/// The simulated cluster, the state that notafter has of it, and the folder of the kubeconfig that
/// connects them.
pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) watched: Watched,
    pub(crate) snapshot: Snapshot,
    published: Published,
    pub(crate) folder: TempDir,
}

impl World {
    /// Connects notafter to the whole cluster.
    pub(crate) async fn of(cluster: Cluster) -> Self {
        Self::confined(cluster, &[]).await
    }

    /// Connects notafter to some namespaces only.
    pub(crate) async fn confined(cluster: Cluster, namespaces: &[&str]) -> Self {
        Self::new(cluster, namespaces, Duration::from_mins(1)).await
    }

    /// Connects notafter with a short timeout for responses; the other constructors allow for a
    /// busy machine.
    pub(crate) async fn hurried(cluster: Cluster, timeout: Duration) -> Self {
        Self::new(cluster, &[], timeout).await
    }

    async fn new(cluster: Cluster, namespaces: &[&str], timeout: Duration) -> Self {
        let address = cluster.listen().await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeconfig");
        std::fs::write(&path, kubeconfig(address, None)).unwrap();
        let access = Access {
            kubeconfig: Some(path),
            context: None,
        };
        let namespaces: Vec<String> = namespaces.iter().map(|&name| name.to_owned()).collect();
        let watched = Watched::connect(access, &namespaces, timeout)
            .await
            .unwrap();
        Self {
            cluster,
            watched,
            snapshot: Snapshot::default(),
            published: Published::default(),
            folder,
        }
    }

    /// Polls once and judges the result, without publishing it.
    pub(crate) async fn watch(&mut self) {
        let Observed { facts, lists } = self.watched.poll().await;
        self.snapshot = Snapshot::judge(facts, lists, &self.snapshot);
    }

    /// Polls once and returns what Prometheus would scrape afterwards.
    pub(crate) async fn poll(&mut self) -> Scrape {
        self.watch().await;
        self.published = Published::new(self.snapshot.clone(), &self.published);
        Scrape::read(&text(&self.published))
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
