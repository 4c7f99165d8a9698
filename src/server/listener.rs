//! Connections: how many, how long, and how they end.
//!
//! `axum::serve` has no limit for any of it, and servers that also speak HTTP/2 keep a silent connection
//! open past their header timeout, while they wait for its first bytes; so this is hyper's HTTP/1 server
//! in a loop of our own. Prometheus needs no HTTP/2.

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
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::access::Caller;
use super::gate::Gate;
use super::refusals::Refusal;
use crate::certificate::Holder;

/// Connections at a time; others wait to be accepted. A few scrapers and probes need a dozen.
const MOST: usize = 256;

/// From the first byte we wait for to the end of a handshake, and as long again to that of a request's head. It also
/// ends idle connections, so that silent ones cannot hold all places for longer than half of a usual scrape timeout.
const HEAD: Duration = Duration::from_secs(5);

/// The longest life of a connection, which bounds how slowly a body may be read. The largest body, plain
/// text of 100,000 certificates, needs 10 Mbit/s in this time; gzip a tenth of that.
const LIFE: Duration = Duration::from_mins(1);

/// How long requests that are being answered may go on after we were told to stop.
const DRAIN: Duration = Duration::from_secs(1);

/// Serves until told to stop, then as long as the requests at hand need, but no longer than a second.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    gate: Arc<Gate>,
    stop: CancellationToken,
) {
    let (places, connections) = (Arc::new(Semaphore::new(MOST)), TaskTracker::new());
    let accept = async {
        loop {
            let place = places
                .clone()
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            let Ok((socket, peer)) = listener.accept().await else {
                sleep(Duration::from_millis(100)).await; // out of file descriptors, most likely
                continue;
            };
            let (routes, gate, stop) = (routes.clone(), gate.clone(), stop.clone());
            connections.spawn(async move {
                tokio::select! {
                    () = connection(socket, peer, routes, gate, stop.clone()) => {}
                    () = sleep(LIFE) => {}
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
    let _ = timeout(DRAIN, connections.wait()).await; // who is not done by then is cut off
}

async fn connection(
    socket: TcpStream,
    peer: SocketAddr,
    routes: Router,
    gate: Arc<Gate>,
    stop: CancellationToken,
) {
    let Some(tls) = gate.in_force().tls.clone() else {
        let holder = None;
        return speak(socket, Caller { peer, holder }, routes, gate, stop).await;
    };
    let shaken = tokio::select! {
        shaken = shake(socket, tls) => shaken,
        () = stop.cancelled() => return,
    };
    match shaken {
        Ok(stream) => {
            let certificates = stream.get_ref().1.peer_certificates();
            let leaf = certificates.and_then(|chain| chain.first());
            let holder = leaf.map(|leaf| Arc::new(Holder::of(leaf)));
            speak(stream, Caller { peer, holder }, routes, gate, stop).await;
        }
        Err((refusal, why)) => gate.refused.note(refusal, peer, &why),
    }
}

async fn shake(
    socket: TcpStream,
    tls: Arc<ServerConfig>,
) -> Result<TlsStream<TcpStream>, (Refusal, String)> {
    let Ok(shaken) = timeout(HEAD, TlsAcceptor::from(tls).accept(socket)).await else {
        return Err((Refusal::Silence, "no handshake within 5 s".into()));
    };
    shaken.map_err(|error| {
        let cause = error.get_ref().and_then(|it| it.downcast_ref());
        let refusal = match cause {
            Some(rustls::Error::InvalidCertificate(_)) => Refusal::ClientCertificate,
            _ => Refusal::Handshake,
        };
        (refusal, error.to_string())
    })
}

async fn speak<S>(
    stream: S,
    caller: Caller,
    routes: Router,
    gate: Arc<Gate>,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (peer, has_asked) = (caller.peer, AtomicBool::new(false));
    let routes = TowerToHyperService::new(routes);
    let asked = service_fn(|mut request: hyper::Request<hyper::body::Incoming>| {
        has_asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(caller.clone());
        routes.call(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), asked);
    let mut served = std::pin::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    // Any other error is the client's, and so is the silence of a connection that is kept open.
    if ended.is_err_and(|error| error.is_timeout()) && !has_asked.load(Ordering::Relaxed) {
        gate.refused
            .note(Refusal::Silence, peer, "no request within 5 s");
    }
}
