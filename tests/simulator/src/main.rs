//! The simulated API server as a program of its own, for tests/e2e: reads objects from standard
//! input (one JSON object a line), prints its address, and answers requests until it is killed.
//! With the argument `healthy` the cluster also has the objects of a healthy OpenShift cluster.

#![expect(clippy::print_stdout, reason = "the caller reads the address")]

use std::io::BufRead;
use std::time::{SystemTime, UNIX_EPOCH};

use notafter_simulator::{Cluster, Managers};

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
    println!("{}", cluster.listen().await);
    // The counterpart of what a test writes into the real etcd to make continue tokens expire.
    let compact = tokio::signal::unix::SignalKind::user_defined1();
    let mut compact = tokio::signal::unix::signal(compact).expect("a signal can be received");
    while compact.recv().await.is_some() {
        cluster.compact();
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
