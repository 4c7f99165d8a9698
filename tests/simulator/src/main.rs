//! The simulated API server as a program of its own, for tests/e2e: reads objects from standard
//! input (one JSON object a line), prints its address, and answers requests until it is killed.
//! With the argument `healthy` the cluster also has the objects of a healthy OpenShift cluster.
//!
//! `POST /changes` makes changes: the counterpart of what a test does to the real API server and
//! its etcd.

#![expect(clippy::print_stdout, reason = "the caller reads the address")]

use std::io::BufRead;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use notafter_simulator::{Cluster, Managers};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpListener;

/// A change of the cluster, as a test sends it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Change {
    Apply(Value),
    /// Kind, namespace and name.
    Delete(String, String, String),
    /// Makes continue tokens expire.
    Compact,
    /// Makes versions too old for a watch.
    ForgetHistory,
    /// Resource and namespace.
    RefuseWatch(String, String),
}

#[tokio::main]
async fn main() {
    let cluster = match std::env::args().nth(1).as_deref() {
        Some("healthy") => healthy(),
        Some(other) => panic!("there is no {other} cluster"),
        None => empty(),
    };
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("standard input can be read");
        cluster.apply(serde_json::from_str(&line).expect("a line is a JSON object"));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("loopback has a free port");
    println!("{}", listener.local_addr().expect("it was just bound"));
    let router = Router::new()
        .route("/changes", post(change))
        .with_state(cluster.clone())
        .fallback_service(cluster.router());
    axum::serve(listener, router)
        .await
        .expect("axum serves without end");
}

async fn change(State(cluster): State<Cluster>, body: Bytes) {
    match serde_json::from_slice(&body).expect("a test sends a change") {
        Change::Apply(object) => cluster.apply(object),
        Change::Delete(kind, namespace, name) => cluster.delete(&kind, &namespace, &name),
        Change::Compact => cluster.compact(),
        Change::ForgetHistory => cluster.forget_history(),
        Change::RefuseWatch(plural, namespace) => cluster.refuse_watch(&plural, &namespace),
    }
}

/// Returns a cluster with every resource and no objects.
fn empty() -> Cluster {
    let cluster = Cluster::with_olm();
    cluster.install_cert_manager(true);
    cluster.install_openshift(true);
    cluster
}

/// Returns a cluster as its managers have left it by now; their clock stands still from here on.
fn healthy() -> Cluster {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is after 1970").as_secs();
    Managers::openshift(now.try_into().expect("seconds fit")).cluster
}
