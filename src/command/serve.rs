//! `notafter serve`: one half polls the cluster and publishes, the other answers requests.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::api::{Cluster, Polling, Reviewer};
use crate::cli::ServeArgs;
use crate::command::core_dumps;
use crate::poll;
use crate::rotation::Declarations;
use crate::server::{self, ReviewToken, Server};
use crate::snapshot::Snapshot;

/// Runs the command until a signal stops it.
///
/// # Errors
/// If the address cannot be listened on, the serving configuration or that of the cluster cannot be
/// used, or polling ends by itself.
pub async fn serve(args: ServeArgs) -> anyhow::Result<()> {
    let ServeArgs {
        listen,
        interval,
        timeout,
        serving,
        cluster,
        watch,
        declarations,
        log: _,
    } = args;
    core_dumps::forbid();
    let declarations = Declarations::from(declarations);
    let listener = server::bind(listen).await?;
    let review = if serving.cluster_auth.token_review {
        Some(review(Reviewer::connect(cluster.access()).await?))
    } else {
        None
    };
    let server = Server::new(serving, review)?;
    if server.is_open() && !listen.ip().is_loopback() {
        tracing::warn!("serving without authentication on a public address: see --token-review");
    }
    let polling = Polling {
        namespaces: cluster.scope.namespaces.clone(),
        timeout,
        watch: watch.time(interval, timeout),
        client_ca: server.uses_cluster_client_ca(),
        labels: declarations.labels(),
    };
    let cluster = Cluster::connect(cluster.access(), &polling).await?;
    let stop = stop_on_signal()?;
    tracing::info!(address = %listener.local_addr()?, version = crate::VERSION, "serving");
    run(cluster, interval, declarations, listener, server, stop)
        .await
        .context("polling has stopped")
}

/// Polls the cluster once an interval and serves what is known, until `stop` is cancelled.
///
/// # Errors
/// If polling ends by itself, which only a bug can cause: a process that serves stale data for ever
/// must not look alive.
pub async fn run(
    cluster: Cluster,
    interval: Duration,
    declarations: Declarations,
    listener: TcpListener,
    server: Server,
    stop: CancellationToken,
) -> Result<(), tokio::task::JoinError> {
    let publisher = server.publisher();
    let publish = move |snapshot: Snapshot| publisher.publish(snapshot);
    let following = tokio::spawn(server.clone().follow(cluster.cluster_tls()));
    let mut polling = tokio::spawn(poll::run(cluster, interval, declarations, publish));
    tokio::select! {
        () = server.serve(listener, stop) => {
            polling.abort();
            following.abort();
            Ok(())
        }
        ended = &mut polling => ended.map(|never| match never {}),
    }
}

/// The review of tokens by the API server, for the server.
pub fn review(reviewer: Reviewer) -> ReviewToken {
    let reviewer = Arc::new(reviewer);
    Box::new(move |token| {
        let reviewer = reviewer.clone();
        Box::pin(async move { reviewer.review(&token).await })
    })
}

/// Returns a token that is cancelled by SIGTERM, which Kubernetes sends, or SIGINT, which a
/// terminal does.
fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signal = signal(kind).context("signals cannot be received")?;
        let stop = stop.clone();
        tokio::spawn(async move {
            signal.recv().await;
            stop.cancel();
        });
    }
    Ok(stop)
}
