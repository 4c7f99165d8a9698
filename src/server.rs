//! What is served: the published exposition, and whether there is one. A request never causes a scan.

mod listener;
mod readiness;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName,
    VARY,
};
use axum::http::{Response, StatusCode};
use axum::response::Html;
use axum::routing::get;
use futures_util::stream;
use tokio::net::TcpListener;

use crate::metrics::Exposition;

pub use self::listener::serve;

/// What is published, for whoever asks.
pub type Published = Arc<ArcSwap<Exposition>>;

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

/// The routes, over what is published at the moment of a request.
pub fn routes(published: Published) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/metrics", get(metrics))
        .route("/live", get(live))
        .route("/ready", get(ready))
        .with_state(published)
}

async fn index() -> Html<&'static str> {
    Html(concat!(
        "<!doctype html>\n<html lang=\"en\">\n<title>notafter</title>\n<h1>notafter ",
        env!("CARGO_PKG_VERSION"),
        "</h1>\n<p>When the certificates of this cluster end.</p>\n<ul>\n",
        "<li><a href=\"/metrics\">/metrics</a>: for Prometheus</li>\n",
        "<li><a href=\"/ready\">/ready</a>: whether all secrets have been read once</li>\n",
        "<li><a href=\"/live\">/live</a>: whether this process works</li>\n</ul>\n</html>\n",
    ))
}

async fn metrics(State(published): State<Published>, headers: HeaderMap) -> Response<Body> {
    let header = |name: HeaderName| -> String {
        let values = headers
            .get_all(name)
            .into_iter()
            .filter_map(|value| value.to_str().ok());
        values.collect::<Vec<_>>().join(",")
    };
    let scrape = published
        .load()
        .scrape(&header(ACCEPT), &header(ACCEPT_ENCODING));
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

async fn ready(State(published): State<Published>) -> (StatusCode, String) {
    match readiness::missing(&published.load().snapshot().lists) {
        None => (StatusCode::OK, "ok\n".into()),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

/// Linux's `EAFNOSUPPORT`, where the kernel was started without IPv6.
fn is_without_ipv6(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(97)
}
