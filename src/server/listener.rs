//! Connections: how many, how long, and how they end.
//!
//! `axum::serve` has no limit for any of it, and servers that also speak HTTP/2 keep a silent connection
//! open past their header timeout, while they wait for its first bytes; so this is hyper's HTTP/1 server
//! in a loop of our own. Prometheus needs no HTTP/2.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections at a time; others wait to be accepted. A few scrapers and probes need a dozen.
const MOST: usize = 256;

/// From the first byte we wait for to the end of a request's head. It also ends idle connections, so that
/// silent ones cannot hold all places for longer than half of a usual scrape timeout.
const HEAD: Duration = Duration::from_secs(5);

/// The longest life of a connection, which bounds how slowly a body may be read. The largest body, plain
/// text of 100,000 certificates, needs 10 Mbit/s in this time; gzip a tenth of that.
const LIFE: Duration = Duration::from_mins(1);

/// How long requests that are being answered may go on after we were told to stop.
const DRAIN: Duration = Duration::from_secs(1);

/// Serves until told to stop, then as long as the requests at hand need, but no longer than a second.
pub async fn serve(listener: TcpListener, routes: Router, stop: CancellationToken) {
    let (places, connections) = (Arc::new(Semaphore::new(MOST)), TaskTracker::new());
    let accept = async {
        loop {
            let place = places
                .clone()
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            let Ok((socket, _)) = listener.accept().await else {
                sleep(Duration::from_millis(100)).await; // out of file descriptors, most likely
                continue;
            };
            let (routes, stop) = (routes.clone(), stop.clone());
            connections.spawn(async move {
                connection(socket, routes, stop).await;
                drop(place);
            });
        }
    };
    tokio::select! {
        () = accept => {}
        () = stop.cancelled() => {}
    }
    connections.close();
    let _ = timeout(DRAIN, connections.wait()).await; // who is not done by then is cut off
}

async fn connection(socket: TcpStream, routes: Router, stop: CancellationToken) {
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(socket), TowerToHyperService::new(routes));
    let mut served = std::pin::pin!(served);
    tokio::select! {
        _ = served.as_mut() => {}
        () = sleep(LIFE) => {}
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            let _ = served.await; // an error here is the client's
        }
    }
}
