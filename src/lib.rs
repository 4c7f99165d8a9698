//! notafter says when the certificates of a Kubernetes or OpenShift cluster end.
//!
//! A polling loop asks the API server for every TLS secret and every operator, and publishes what it knows
//! as metrics. Everything goes one way:
//!
//! ```text
//! API server ─► api ─► facts ─► rotation, impact ─► snapshot ─► metrics ─► server ─► Prometheus
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
//! | `rbac` | rights and their YAML | – | `thiserror` |
//! | `api` | all that speaks to an API server: requests, lists, decoding | `certificate`, `denial`, `facts`, `rbac` | `clap`, `flate2`, `futures_util`, `http`, `http_body_util`, `jiff`, `k8s_openapi`, `kube`, `serde`, `serde_json`, `thiserror`, `tokio`, `tracing`, `zeroize` |
//! | `poll` | when to look; it publishes | `api`, `facts`, `snapshot` | `tokio` |
//! | `metrics` | the table of families, their text, its compressed form | `certificate`, `facts`, `impact`, `snapshot` | `bytes`, `crc32fast`, `flate2`, `prometheus_client` |
//! | `denial` | the denial of a request: its reason, and the message for the client | – | – |
//! | `serving` | the serving configuration: TLS, authentication, headers, rate limit | – | `bcrypt`, `clap`, `http`, `jiff`, `rustls`, `serde`, `serde_path_to_error`, `serde_saphyr`, `thiserror`, `zeroize` |
//! | `page` | what people read in a browser | `facts` | `askama` |
//! | `server` | connections, TLS, routes, authentication | `denial`, `facts`, `metrics`, `page`, `serving` | `arc_swap`, `axum`, `base64`, `bcrypt`, `futures_util`, `hyper`, `hyper_util`, `rcgen`, `rustls`, `sha2`, `thiserror`, `tokio`, `tokio_rustls`, `tokio_util`, `tracing`, `x509_parser` |
//! | `log` | the log and its flags | – | `clap`, `tracing`, `tracing_subscriber` |
//! | `cli` | the command line | `api`, `log`, `rbac`, `serving` | `clap`, `clap_complete`, `jiff` |
//! | `command` | the commands, from their flags to their results | `api`, `cli`, `metrics`, `poll`, `rbac`, `server`, `snapshot` | `anyhow`, `tokio`, `tokio_util`, `tracing` |
//!
//! Only `api`, `poll`, `server` and `command` are asynchronous, and only `api` and `server` look at a clock.

pub mod api;
pub mod certificate;
pub mod cli;
pub mod command;
pub mod denial;
pub mod facts;
pub mod impact;
pub mod log;
pub mod metrics;
pub mod page;
pub mod poll;
pub mod rbac;
pub mod rotation;
pub mod server;
pub mod serving;
pub mod snapshot;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from, if the build was told by the environment variable of that name.
pub const REVISION: &str = match option_env!("NOTAFTER_REVISION") {
    Some(revision) => revision,
    None => "unknown",
};
