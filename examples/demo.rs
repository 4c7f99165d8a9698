//! A demonstration without a cluster: the real pipeline polls a simulated OpenShift cluster over
//! HTTP.
//!
//! `cargo run --release --example demo`

#![expect(clippy::print_stdout, reason = "the instructions are printed")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use notafter::api::{Access, Cluster, Polling};
use notafter::command::serve;
use notafter::rotation::Declarations;
use notafter::server::{self, Server};
use notafter::serving::ServingArgs;
use tokio_util::sync::CancellationToken;

/// Three questions that other exporters do not answer, as Prometheus queries.
const QUERIES: [(&str, &str); 3] = [
    (
        "Which certificates expire next, and in how many days?",
        r#"bottomk(5, min by (cert_namespace, name) (cert_not_after_seconds{role="leaf"}) - time()) / 86400"#,
    ),
    (
        "Which certificates will not be renewed, in how many days do they expire, and what fixes them?",
        r#"sort(cert_rotation_blocked * on (cert_namespace, name) group_left () (min by (cert_namespace, name) (cert_not_after_seconds{role="leaf"}) - time()) / 86400)"#,
    ),
    (
        "What could not be read or listed?",
        "notafter_problem or notafter_list_up == 0",
    ),
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let simulated = notafter_simulator::openshift(now.try_into()?)
        .listen()
        .await;
    let folder = tempfile::tempdir()?;
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, notafter_simulator::kubeconfig(simulated, None))?;
    let access = Access {
        kubeconfig: Some(kubeconfig),
        context: None,
    };
    let cluster = Cluster::connect(access, &Polling::listing(Duration::from_secs(30))).await?;

    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 9779));
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener = match server::bind(usual).await {
        Ok(listener) => listener,
        Err(_) => server::bind(any).await?, // the port is in use, possibly by another demo
    };
    println!("A simulated OpenShift cluster is at http://{simulated}, and notafter polls it.");
    println!(
        "Open http://{}/metrics, or let a Prometheus scrape it. Three queries to try:",
        listener.local_addr()?
    );
    for (question, query) in QUERIES {
        println!("\n  {question}\n  {query}");
    }
    println!("\nPress Ctrl-C to stop.");

    let stop = CancellationToken::new();
    tokio::spawn({
        let stop = stop.clone();
        async move {
            let _ = tokio::signal::ctrl_c().await; // if Ctrl-C cannot be caught, it terminates the process anyway
            stop.cancel();
        }
    });
    serve::run(
        cluster,
        Duration::from_secs(10),
        Declarations::default(),
        listener,
        Server::new(ServingArgs::default(), None)?,
        stop,
    )
    .await
    .context("polling has ended")
}
