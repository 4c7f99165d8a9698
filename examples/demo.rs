//! A first look without a cluster: a simulated OpenShift cluster, and the real pipeline polling it over HTTP.
//!
//! `cargo run --release --example demo`

#![expect(clippy::print_stdout, reason = "it talks to the person who started it")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use notafter::api::{Access, Cluster};
use notafter::command::serve;
use notafter::server::{self, Server};
use notafter::serving::ServingArgs;
use tokio_util::sync::CancellationToken;

/// Three questions that nobody else answers, as Prometheus queries.
const QUERIES: [(&str, &str); 3] = [
    (
        "Which certificate ends next, and in how many days?",
        r#"bottomk(5, min by (cert_namespace, name) (cert_not_after_seconds{role="leaf"}) - time()) / 86400"#,
    ),
    (
        "Which one will its manager not renew, in how many days does it end, and what is to be typed?",
        r#"sort(cert_rotation_blocked * on (cert_namespace, name) group_left () (min by (cert_namespace, name) (cert_not_after_seconds{role="leaf"}) - time()) / 86400)"#,
    ),
    (
        "What can not be read, or not be listed?",
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
    let cluster = Cluster::connect(access, &[], Duration::from_secs(30)).await?;

    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 9779));
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener = match server::bind(usual).await {
        Ok(listener) => listener,
        Err(_) => server::bind(any).await?, // somebody has it, perhaps an earlier demo
    };
    println!("A simulated OpenShift cluster is at http://{simulated}, and notafter polls it.");
    println!(
        "Open http://{}/metrics, or let a Prometheus scrape it. Three queries to try:",
        listener.local_addr()?
    );
    for (question, query) in QUERIES {
        println!("\n  {question}\n  {query}");
    }
    println!("\nCtrl-C ends it.");

    let stop = CancellationToken::new();
    tokio::spawn({
        let stop = stop.clone();
        async move {
            let _ = tokio::signal::ctrl_c().await; // where that cannot be waited for, it ends us by itself
            stop.cancel();
        }
    });
    serve::run(
        cluster,
        Duration::from_secs(10),
        listener,
        Server::new(ServingArgs::default(), None)?,
        stop,
    )
    .await
    .context("polling has ended")
}
