//! A demonstration without a cluster: the real pipeline polls a simulated OpenShift cluster over
//! HTTP.
//!
//! `cargo run --release --example demo`

#![expect(clippy::print_stdout, reason = "the instructions are printed")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use notafter::api::{Access, Cluster, Observed, Polling};
use notafter::cli::ColorWhen;
use notafter::command::{serve, terminal};
use notafter::output::{self, Appearance, Format, Order, Terminal};
use notafter::report::{Filter, Report, Source};
use notafter::rotation::Declarations;
use notafter::server::{self, Server};
use notafter::serving::ServingArgs;
use notafter::snapshot::Snapshot;
use notafter::urgency::Thresholds;
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

/// The width of the table in a pipe, where it has no limit of its own.
const WIDTH: usize = 120;

/// Prints the table of everything that is known at a time (Unix seconds).
fn show(observed: Observed, at: i64) -> anyhow::Result<()> {
    let Observed { facts, lists } = observed;
    let nothing = Snapshot::default();
    let snapshot = Snapshot::judge(facts, lists, &Declarations::default(), &nothing);
    let source = Source {
        cluster: None,
        snapshot: &snapshot,
        files: None,
        problems: &[],
    };
    let report = Report::of(&[source], at, &Thresholds::default(), &Filter::default());
    let appearance = Appearance {
        all: false,
        order: Order::default(),
        terminal: Terminal {
            width: terminal::width().min(WIDTH),
            paint: terminal::paint(ColorWhen::Auto),
        },
    };
    output::write(&report, Format::Table, appearance, &mut std::io::stdout())?;
    Ok(())
}

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
    let mut cluster = Cluster::connect(access, &Polling::listing(Duration::from_secs(30))).await?;
    println!(
        "A simulated OpenShift cluster is at http://{simulated}. What `notafter scan` says about it:\n"
    );
    show(cluster.look().await, now.try_into()?)?;

    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 9779));
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener = match server::bind(usual).await {
        Ok(listener) => listener,
        Err(_) => server::bind(any).await?, // the port is in use, possibly by another demo
    };
    println!(
        "\nNow notafter polls it. Open http://{}, or let a Prometheus scrape that. Three queries to try:",
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
