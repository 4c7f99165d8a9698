//! Ten lines of wiring: flags, log, cluster, socket, signals, exit status.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, Parser};
use notafter::api::{Access, Cluster, Reviewer};
use notafter::args::{Args, Command, Entrance, Serve};
use notafter::server::Gate;
use notafter::{log, rights, serve, server};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

// One thread to serve while the other parses; more would only cost memory.
#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match Args::parse().command {
        Command::Serve(flags) => {
            log::init(&flags.log);
            serve(*flags).await.map_or_else(
                |error| {
                    tracing::error!("{error:#}");
                    ExitCode::FAILURE
                },
                |()| ExitCode::SUCCESS,
            )
        }
        Command::Rights(flags) => print(&rights::yaml(&flags)),
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Args::command(),
                "notafter",
                &mut std::io::stdout(),
            );
            ExitCode::SUCCESS
        }
    }
}

/// Prints what was asked for. A reader that has seen enough, such as `head`, is no failure.
fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let _ = writeln!(std::io::stderr(), "nothing can be printed: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

async fn serve(flags: Serve) -> anyhow::Result<()> {
    let Serve {
        listen,
        interval,
        timeout,
        entrance,
        cluster,
        log: _,
    } = flags;
    let listener = server::bind(listen).await?;
    let gate = gate(&entrance, cluster.access()).await?;
    if gate.is_open() && !listen.ip().is_loopback() {
        tracing::warn!("whoever can reach this address may read the inventory: see --token-review");
    }
    let mut cluster = Cluster::connect(cluster.access(), &cluster.namespaces, timeout).await?;
    if entrance.client_ca_from_cluster {
        cluster = cluster.with_client_ca();
    }
    let stop = stop_on_signal()?;
    tracing::info!(address = %listener.local_addr()?, version = notafter::VERSION, "serving");
    serve::run(cluster, interval, listener, gate.into(), stop)
        .await
        .context("polling has ended")
}

async fn gate(entrance: &Entrance, access: Access) -> anyhow::Result<Gate> {
    let review = if entrance.token_review {
        Some(serve::review(Reviewer::connect(access).await?))
    } else {
        None
    };
    Ok(Gate::new(entrance.source(), review)?)
}

/// Cancelled by SIGTERM, which Kubernetes sends, or SIGINT, which a terminal does.
fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let (stop, mut signal) = (
            stop.clone(),
            signal(kind).context("signals cannot be received")?,
        );
        tokio::spawn(async move {
            signal.recv().await;
            stop.cancel();
        });
    }
    Ok(stop)
}
