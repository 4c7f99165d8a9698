//! The simulated API server as a program of its own, for tests/e2e: objects from standard input (one JSON object a
//! line), its address on standard output, then requests until it is killed.

#![expect(clippy::print_stdout, reason = "its caller reads the address")]

use std::io::BufRead;

use notafter_simulator::Cluster;

#[tokio::main]
async fn main() {
    let cluster = Cluster::with_olm();
    cluster.install_cert_manager(true);
    cluster.install_openshift(true);
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("standard input can be read");
        cluster.apply(serde_json::from_str(&line).expect("a line is a JSON object"));
    }
    println!("{}", cluster.listen().await);
    // What a test writes into the real etcd: enough to make continue tokens expire.
    let compact = tokio::signal::unix::SignalKind::user_defined1();
    let mut compact = tokio::signal::unix::signal(compact).expect("a signal can be received");
    while compact.recv().await.is_some() {
        cluster.compact();
    }
}
