//! `notafter serve`: the two halves, side by side. One polls and publishes, the other answers.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::api::Cluster;
use crate::metrics::Exposition;
use crate::poll;
use crate::server::{self, Published};
use crate::snapshot::Snapshot;

/// Polls the cluster once an interval and serves what is known, until `stop` is cancelled.
///
/// # Errors
/// If polling has ended by itself, which only a bug can cause: a process that serves the past for ever must
/// not look alive.
pub async fn run(
    cluster: Cluster,
    interval: Duration,
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<(), tokio::task::JoinError> {
    let published = Published::default();
    let publish = {
        let published = published.clone();
        move |snapshot: Snapshot| {
            let exposition = Exposition::render(snapshot, &published.load());
            published.store(Arc::new(exposition));
        }
    };
    let mut polling = tokio::spawn(poll::run(cluster, interval, publish));
    let serving = server::serve(listener, server::routes(published), stop);
    tokio::select! {
        () = serving => {
            polling.abort();
            Ok(())
        }
        ended = &mut polling => ended.map(|never| match never {}),
    }
}
