//! What is served: the published exposition, and whether there is one, to who may ask. A request never causes a scan.

mod access;
mod gate;
mod listener;
mod passwords;
mod rate;
mod readiness;
mod refusals;
mod refused;
mod tls;
mod tokens;
mod verdicts;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName,
    VARY,
};
use axum::http::{Response, StatusCode};
use axum::middleware::{from_fn_with_state, map_response_with_state};
use axum::response::Html;
use axum::routing::get;
use futures_util::stream;
use tokio::net::TcpListener;

use crate::metrics::{Process, Tail};
use crate::page;
use crate::publish::Publisher;

pub use self::gate::{Gate, GateError};
pub use self::listener::serve;
pub use self::refusals::Refusal;
pub use self::tokens::{Opinion, Review};

/// The address to listen on cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("--listen {address}: {error}")]
pub struct BindError {
    address: SocketAddr,
    error: std::io::Error,
}

/// Listens on an address. Where a machine has no IPv6 at all, `[::]` means every IPv4 address.
///
/// # Errors
/// If the address is in use, not ours or not allowed.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    let bound = match TcpListener::bind(address).await {
        Err(error)
            if address.is_ipv6() && address.ip().is_unspecified() && is_without_ipv6(&error) =>
        {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await
        }
        bound => bound,
    };
    bound.map_err(|error| BindError { address, error })
}

/// What requests are answered from.
#[derive(Clone)]
struct Served {
    publisher: Arc<Publisher>,
    gate: Arc<Gate>,
}

/// The routes, over what is published at the moment of a request. Probes need nothing; all else, and be it that
/// something is not there, is for who may ask.
pub fn routes(publisher: Arc<Publisher>, gate: Arc<Gate>) -> Router {
    let served = Served {
        publisher,
        gate: gate.clone(),
    };
    Router::new()
        .route("/", get(index))
        .route("/metrics", get(metrics))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(from_fn_with_state(gate.clone(), access::admit))
        .route("/live", get(live))
        .route("/ready", get(ready))
        .layer(map_response_with_state(gate, with_headers))
        .with_state(served)
}

/// Every answer has the headers that the terms want.
async fn with_headers(
    State(gate): State<Arc<Gate>>,
    mut response: Response<Body>,
) -> Response<Body> {
    for (name, value) in &gate.in_force().terms.headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

async fn index(State(served): State<Served>) -> Html<String> {
    Html(page::render(&served.publisher.latest().snapshot.lists))
}

async fn metrics(State(served): State<Served>, headers: HeaderMap) -> Response<Body> {
    let header = |name: HeaderName| -> String {
        let values = headers
            .get_all(name)
            .into_iter()
            .filter_map(|value| value.to_str().ok());
        values.collect::<Vec<_>>().join(",")
    };
    let (accept, encoding) = (header(ACCEPT), header(ACCEPT_ENCODING));
    let published = served.publisher.latest();
    let tail = Tail {
        lists: published.snapshot.lists.clone(),
        denied: served.gate.refused.counts.counts().into(),
        process: Process::now(),
    };
    let scrape = published.exposition.scrape(&accept, &encoding, &tail);
    let mut response = Response::builder()
        .header(CONTENT_TYPE, scrape.content_type)
        .header(CONTENT_LENGTH, scrape.length)
        .header(VARY, "accept, accept-encoding");
    if let Some(encoding) = scrape.encoding {
        response = response.header(CONTENT_ENCODING, encoding);
    }
    let body = stream::iter(scrape.body.map(Ok::<_, std::convert::Infallible>));
    response
        .body(Body::from_stream(body))
        .expect("every header is valid")
}

/// Never depends on the API server: to start this process anew would not mend that one.
async fn live() -> &'static str {
    "ok\n"
}

async fn ready(State(served): State<Served>) -> (StatusCode, String) {
    match readiness::missing(&served.publisher.latest().snapshot.lists) {
        None => (StatusCode::OK, "ok\n".into()),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

/// Linux's `EAFNOSUPPORT`, where the kernel was started without IPv6.
fn is_without_ipv6(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(97)
}
