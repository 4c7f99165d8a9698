//! notafter says when the certificates of a Kubernetes or OpenShift cluster end.
//!
//! A polling loop asks the API server for every TLS secret and every operator, and publishes what it knows
//! as metrics. Everything goes one way:
//!
//! ```text
//! API server ─► api ─► facts ─► rotation, impact ─► snapshot ─► metrics ─► publish ─► server ─► Prometheus
//!                └───────── poll drives this half ────────┘   a request never reaches to the left of the snapshot
//! ```
//!
//! *Facts* are what the cluster said: plain values, with certificates already parsed and keys already
//! gone. What follows from them is a pure function: who renews a certificate, by when, and who breaks with it.
//! The *snapshot* of all that knows no clock and never changes; every view is a function of it. So what is rendered stays the same until the cluster changes, and a scrape costs next
//! to nothing.
//!
//! # Rooms
//!
//! Each room may use those named in its row, and no other; a test reads this table and the source.
//!
//! | room | what lives there | may use | crates of its own |
//! |---|---|---|---|
//! | `certificate` | dates and names of certificates, the blocks of a text | – | `base64`, `sha2`, `x509_parser` |
//! | `facts` | what the cluster said, and which lists were complete | `certificate` | – |
//! | `rotation` | who renews a certificate, by when, what shows that it will not, what to type | `certificate`, `facts` | `jiff` |
//! | `impact` | who breaks with a certificate | `facts` | – |
//! | `snapshot` | the judged whole | `certificate`, `facts`, `impact`, `rotation` | – |
//! | `api` | all that speaks to an API server: requests, lists, decoding | `certificate`, `facts` | `flate2`, `futures_util`, `http`, `http_body_util`, `humantime`, `jiff`, `k8s_openapi`, `kube`, `serde`, `serde_json`, `thiserror`, `tokio`, `tracing`, `zeroize` |
//! | `poll` | when to look; it publishes | `api`, `facts`, `snapshot` | `tokio` |
//! | `metrics` | the tables of families, their text, its compressed form | `certificate`, `facts`, `impact`, `snapshot` | `bytes`, `crc32fast`, `flate2`, `procfs` |
//! | `publish` | the result of the last poll, in the forms that requests are answered from | `metrics`, `snapshot` | `arc_swap` |
//! | `terms` | on what terms notafter is served: TLS, who may ask | – | `bcrypt`, `http`, `serde`, `serde_saphyr`, `thiserror`, `zeroize` |
//! | `page` | what people read in a browser | `facts` | `askama` |
//! | `server` | connections and routes, TLS, who may ask | `certificate`, `facts`, `metrics`, `page`, `publish`, `terms` | `arc_swap`, `axum`, `base64`, `bcrypt`, `futures_util`, `hyper`, `hyper_util`, `rcgen`, `rustls`, `sha2`, `thiserror`, `tokio`, `tokio_rustls`, `tokio_util`, `tracing` |
//! | `serve` | the two halves side by side | `api`, `poll`, `publish`, `server`, `snapshot` | `tokio`, `tokio_util` |
//! | `rights` | what it must be allowed | `api`, `args` | – |
//! | `args` | what can be typed | `api`, `terms` | `clap`, `clap_complete`, `humantime`, `tracing_subscriber` |
//! | `log` | how it is logged | `args` | `tracing`, `tracing_subscriber` |
//!
//! Only `api`, `poll`, `server` and `serve` are asynchronous, and only `api` and `server` look at a clock.

pub mod api;
pub mod args;
pub mod certificate;
pub mod facts;
pub mod impact;
pub mod log;
pub mod metrics;
pub mod page;
pub mod poll;
pub mod publish;
pub mod rights;
pub mod rotation;
pub mod serve;
pub mod server;
pub mod snapshot;
pub mod terms;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from, if the build was told by the environment variable of that name.
pub const REVISION: &str = match option_env!("NOTAFTER_REVISION") {
    Some(revision) => revision,
    None => "unknown",
};
