//! A simulated cluster with notafter looking at it, one poll at a time.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter::api::{Access, Cluster as Watched};
use notafter::denial::DenialReason;
use notafter::facts::{List, State};
use notafter::metrics::Exposition;
use notafter::snapshot::Snapshot;
use notafter_simulator::certificate::{Draft, Pair};
use notafter_simulator::{Cluster, kubeconfig};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::scrape::Scrape;

/// A time to measure from: the morning on which the packageserver's certificate ended (Unix seconds).
pub(crate) const THEN: i64 = 1_708_682_825;
pub(crate) const DAY: i64 = 24 * 3600;
/// A deadline for answers that will not come.
pub(crate) const SHORT: Duration = Duration::from_secs(3);

/// The simulated cluster, what notafter knows of it, and the kubeconfig between them.
pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) watched: Watched,
    pub(crate) snapshot: Snapshot,
    exposition: Exposition,
    pub(crate) folder: TempDir,
}

impl World {
    /// notafter looks at the whole cluster.
    pub(crate) async fn of(cluster: Cluster) -> Self {
        Self::confined(cluster, &[]).await
    }

    /// notafter looks at some namespaces only.
    pub(crate) async fn confined(cluster: Cluster, namespaces: &[&str]) -> Self {
        Self::new(cluster, namespaces, Duration::from_mins(1)).await
    }

    /// notafter waits no longer than that for an answer; all others wait as long as a busy machine may need.
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
        let namespaces: Vec<String> = namespaces.iter().map(|it| (*it).to_owned()).collect();
        let watched = Watched::connect(access, &namespaces, timeout)
            .await
            .unwrap();
        Self {
            cluster,
            watched,
            snapshot: Snapshot::default(),
            exposition: Exposition::default(),
            folder,
        }
    }

    /// One poll, and nothing but the judgement of it.
    pub(crate) async fn watch(&mut self) {
        let seen = self.watched.poll().await;
        self.snapshot = Snapshot::judge(seen, &self.snapshot);
    }

    /// One poll, and what a Prometheus would scrape then.
    pub(crate) async fn poll(&mut self) -> Scrape {
        self.watch().await;
        self.exposition = Exposition::render(self.snapshot.clone(), &self.exposition);
        Scrape::read(&text(&self.exposition))
    }

    /// How the list of secrets fared in the last poll.
    pub(crate) fn secrets(&self) -> &List {
        &self.snapshot.lists[0]
    }

    /// How the list of a resource fared in the last poll.
    pub(crate) fn list(&self, resource: &str) -> &List {
        let mut lists = self.snapshot.lists.iter();
        lists.find(|it| it.resource == resource).unwrap()
    }

    /// How the list of operators fared in the last poll.
    pub(crate) fn operators(&self) -> &List {
        self.list(notafter::facts::OPERATORS)
    }

    /// Why the list of secrets failed, in one sentence; empty if it did not.
    pub(crate) fn why(&self) -> String {
        match &self.secrets().state {
            State::Failed(why) => why.clone(),
            _ => String::new(),
        }
    }

    /// What the requests since the last call whose path and query contain that were answered with.
    pub(crate) fn statuses(&self, wanted: &str) -> Vec<u16> {
        let requests = self.cluster.requests().into_iter();
        requests
            .filter(|it| it.target.contains(wanted))
            .map(|it| it.status)
            .collect()
    }

    /// The requests since the last call: status, path and query.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.cluster
            .requests()
            .into_iter()
            .map(|it| format!("{} {}", it.status, it.target))
            .collect()
    }
}

/// The counters of a server that has denied nothing.
pub(crate) fn no_denials() -> [(&'static str, u64); DenialReason::ALL.len()] {
    DenialReason::ALL.map(|reason| (reason.as_str(), 0))
}

/// The text of an exposition, as a client without gzip and without OpenMetrics gets it.
pub(crate) fn text(exposition: &Exposition) -> String {
    let body = exposition
        .scrape("", "", &no_denials())
        .body
        .flatten()
        .collect();
    String::from_utf8(body).unwrap()
}

/// A certificate for that name, valid for so many days from [`THEN`], signed by itself.
pub(crate) fn certificate(name: &str, days: i64) -> Pair {
    Draft::named(name)
        .valid(THEN, THEN + days * DAY)
        .self_signed()
}

/// A TLS secret with one certificate, and its key.
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

/// A TLS secret with any data.
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
