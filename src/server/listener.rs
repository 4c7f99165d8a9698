//! Connections: their number, their time, and their end.
//!
//! `axum::serve` has no limit for any of it, and servers that also speak HTTP/2 keep a silent
//! connection open past their header timeout, while they wait for its first bytes; so this is
//! hyper's HTTP/1 server in an accept loop of our own. Prometheus needs no HTTP/2.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Server;
use super::auth::{Client, ClientName};
use crate::denial::{DenialReason, Denied};

/// The number of connections at a time; others wait to be accepted. A few scrapers and probes need
/// a dozen.
const MAX_CONNECTIONS: usize = 256;

/// The time for a handshake, and again for the head of a request, each from the first byte that is
/// awaited. It also ends idle connections, so that silent ones cannot hold all places for longer
/// than half of a usual scrape timeout.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest life of a connection, which bounds how slowly a body may be read. The largest body,
/// plain text of 100,000 certificates, needs 10 Mbit/s in this time; gzip a tenth of that.
const MAX_LIFETIME: Duration = Duration::from_mins(1);

/// The longest life of a connection while no place is free. Otherwise slow readers could hold all
/// places for longer than any scrape timeout.
const MAX_LIFETIME_IN_A_CROWD: Duration = HEAD_TIMEOUT;

/// The most bytes of a request's head; longer ones are answered with 431. Tokens of service accounts
/// are the longest thing in it, and have less than 2 kB. hyper would keep 400 kB for each connection.
const MAX_HEAD: usize = 32 * 1024;

/// The time for which requests may go on after the server was told to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// Accepts connections until told to stop, then waits for open requests, but no longer than a
/// second.
pub(super) async fn accept(
    listener: TcpListener,
    routes: Router,
    server: Server,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let (is_full, _) = watch::channel(false);
    let connections = TaskTracker::new();
    let accept = async {
        loop {
            let place = free_place(&places, &is_full).await;
            let Ok((socket, address)) = listener.accept().await else {
                sleep(Duration::from_millis(100)).await; // out of file descriptors, most likely
                continue;
            };
            // Otherwise the end of a body waits for the client's delayed acknowledgement of what came
            // before it: 40 ms in one of a hundred scrapes.
            let _ = socket.set_nodelay(true);
            let (routes, server, stop) = (routes.clone(), server.clone(), stop.clone());
            let lifetime = lifetime(is_full.subscribe());
            connections.spawn(async move {
                tokio::select! {
                    () = handle(socket, address, routes, server, stop.clone()) => {}
                    () = lifetime => {}
                }
                drop(place);
            });
        }
    };
    tokio::select! {
        () = accept => {}
        () = stop.cancelled() => {}
    }
    connections.close();
    let _ = timeout(DRAIN_TIMEOUT, connections.wait()).await; // open requests are cut off then
}

/// Waits for a place. As long as there is none, `is_full` is true.
async fn free_place(
    places: &Arc<Semaphore>,
    is_full: &watch::Sender<bool>,
) -> OwnedSemaphorePermit {
    if let Ok(place) = places.clone().try_acquire_owned() {
        return place;
    }
    is_full.send_replace(true);
    let place = places.clone().acquire_owned().await;
    is_full.send_replace(false);
    place.expect("the semaphore is never closed")
}

/// Waits until a connection that begins now is too old.
async fn lifetime(mut is_full: watch::Receiver<bool>) {
    let in_a_crowd = async {
        sleep(MAX_LIFETIME_IN_A_CROWD).await;
        // The sender lives as long as the server.
        let _ = is_full.wait_for(|is_full| *is_full).await;
    };
    let _ = timeout(MAX_LIFETIME, in_a_crowd).await;
}

async fn handle(
    socket: TcpStream,
    address: SocketAddr,
    routes: Router,
    server: Server,
    stop: CancellationToken,
) {
    let Some(tls) = server.active().tls.clone() else {
        let name = None;
        return serve_http(socket, Client { address, name }, routes, server, stop).await;
    };
    let handshake = tokio::select! {
        handshake = handshake(socket, tls) => handshake,
        () = stop.cancelled() => return,
    };
    match handshake {
        Ok(stream) => {
            let certificates = stream.get_ref().1.peer_certificates();
            let leaf = certificates.and_then(|chain| chain.first());
            let name = leaf.map(|leaf| Arc::new(ClientName::of(leaf)));
            serve_http(stream, Client { address, name }, routes, server, stop).await;
        }
        Err(denied) => server.denials.record(&denied, address),
    }
}

async fn handshake(
    socket: TcpStream,
    tls: Arc<ServerConfig>,
) -> Result<TlsStream<TcpStream>, Denied> {
    let Ok(accepted) = timeout(HEAD_TIMEOUT, TlsAcceptor::from(tls).accept(socket)).await else {
        return Err(Denied::new(
            DenialReason::Silence,
            "no handshake within 5 s",
        ));
    };
    accepted.map_err(|error| {
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
        let reason = match cause {
            Some(rustls::Error::InvalidCertificate(_)) => DenialReason::ClientCertificate,
            _ => DenialReason::Handshake,
        };
        Denied::new(reason, error.to_string())
    })
}

pub(super) async fn serve_http<S>(
    stream: S,
    client: Client,
    routes: Router,
    server: Server,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (address, has_requested) = (client.address, AtomicBool::new(false));
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(|mut request: hyper::Request<hyper::body::Incoming>| {
        has_requested.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(client.clone());
        routes.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let closed = tokio::select! {
        closed = connection.as_mut() => closed,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // Any other error is the client's, and so is the silence of a connection that is kept open.
    if closed.is_err_and(|error| error.is_timeout()) && !has_requested.load(Ordering::Relaxed) {
        let denied = Denied::new(DenialReason::Silence, "no request within 5 s");
        server.denials.record(&denied, address);
    }
}
