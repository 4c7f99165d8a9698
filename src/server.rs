//! The server: routes over the published exposition, for authenticated clients. A request never
//! causes a poll.

mod auth;
#[cfg(fuzzing)]
mod fuzzing;
mod json;
mod listener;
mod pages;
mod readiness;
mod reload;
mod runbooks;
mod tls;

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
use axum::routing::get;
use futures_util::stream;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use self::auth::{Authenticator, Denials};
use self::reload::{Active, Reloader};
use crate::facts::ClusterTls;
use crate::metrics::{Process, Tail};
use crate::publish::Publisher;
use crate::serving::ServingArgs;

pub use self::auth::ReviewToken;
pub use self::reload::ServingError;
pub use self::tls::TlsError;

/// Everything that connections and requests are served from. It is shared by its clones.
#[derive(Clone)]
pub struct Server {
    publisher: Arc<Publisher>,
    reloader: Arc<Reloader>,
    authenticator: Arc<Authenticator>,
    denials: Arc<Denials>,
    /// Lets reports be made one at a time.
    reports: Arc<Semaphore>,
}

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("--listen {address}: {error}")]
pub struct BindError {
    address: SocketAddr,
    error: std::io::Error,
}

/// Listens on an address. Where a machine has no IPv6 at all, `[::]` means every IPv4 address.
///
/// # Errors
/// If the address is in use, not this machine's, or not allowed.
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

// === impl Server ===

impl Server {
    /// A server with the configuration that the flags name now, and nothing published yet. Without
    /// a review of tokens no token is accepted.
    ///
    /// # Errors
    /// If the configuration cannot be read, or its TLS cannot be served.
    pub fn new(args: ServingArgs, review: Option<ReviewToken>) -> Result<Self, ServingError> {
        Ok(Self {
            publisher: Arc::default(),
            reloader: Arc::new(Reloader::new(args)?),
            authenticator: Arc::new(Authenticator::new(review)),
            denials: Arc::default(),
            reports: Arc::new(Semaphore::new(1)),
        })
    }

    /// The place to publish snapshots.
    pub fn publisher(&self) -> Arc<Publisher> {
        self.publisher.clone()
    }

    /// Returns whether requests need no authentication.
    pub fn is_open(&self) -> bool {
        self.active().config.is_open()
    }

    /// Returns whether client certificates must be signed by the client CA of the cluster.
    pub fn uses_cluster_client_ca(&self) -> bool {
        self.active().config.uses_cluster_client_ca()
    }

    /// Reads the configuration again, and uses it if it has changed and can be used.
    pub fn reload(&self) {
        self.reloader.reload(None);
    }

    /// Reloads the configuration for ever, whenever files or the TLS settings of the cluster
    /// change.
    pub async fn follow(self, cluster: watch::Receiver<ClusterTls>) {
        self.reloader.follow(cluster).await;
    }

    /// Serves until told to stop, then waits for open requests, but no longer than a second.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        listener::accept(listener, routes(self.clone()), self, stop).await;
    }

    fn active(&self) -> Arc<Active> {
        self.reloader.active()
    }
}

/// The routes. Probes need no authentication; everything else does, even to learn that it does not
/// exist.
fn routes(server: Server) -> Router {
    Router::new()
        .route("/", get(pages::index))
        .route("/secrets/{namespace}/{name}", get(pages::secret))
        .route("/api/v1/report", get(json::report))
        .route("/api/v1/certificates", get(json::certificates))
        .route("/metrics", get(metrics))
        .route("/runbooks", get(runbooks::folder))
        .route("/runbooks/", get(runbooks::index))
        .route("/runbooks/{*alert}", get(runbooks::one))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(from_fn_with_state(server.clone(), auth::authenticate))
        .route("/live", get(live))
        .route("/ready", get(ready))
        .layer(map_response_with_state(server.clone(), add_headers))
        .with_state(server)
}

/// Adds the configured headers to a response.
async fn add_headers(State(server): State<Server>, mut response: Response<Body>) -> Response<Body> {
    for (name, value) in &server.active().config.headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

async fn metrics(State(server): State<Server>, headers: HeaderMap) -> Response<Body> {
    let (accept, encoding) = (joined(&headers, ACCEPT), joined(&headers, ACCEPT_ENCODING));
    let published = server.publisher.latest();
    let tail = Tail {
        lists: published.snapshot.lists.clone(),
        denied: server.denials.counts().into(),
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

/// The values of every header of that name.
fn joined(headers: &HeaderMap, name: HeaderName) -> String {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values.collect::<Vec<_>>().join(",")
}

/// Never depends on the API server: a restart of this process would not mend that one.
async fn live() -> &'static str {
    "ok\n"
}

async fn ready(State(server): State<Server>) -> (StatusCode, String) {
    match readiness::missing(&server.publisher.latest().snapshot.lists) {
        None => (StatusCode::OK, "ok\n".into()),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
    }
}

/// Returns whether an error is Linux's `EAFNOSUPPORT`: the kernel was started without IPv6.
fn is_without_ipv6(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(97)
}
