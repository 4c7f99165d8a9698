//! notafter reports when the certificates of a Kubernetes or OpenShift cluster expire.
//!
//! A polling loop lists every TLS secret and every operator of the cluster and publishes what it
//! concludes as metrics. Everything flows in one direction:
//!
//! ```text
//!  API server ─► api ─► facts ─► rotation, impact ─► snapshot ─► metrics ─► server ─► Prometheus
//!                 ▲                                     └──────► page ──────┘
//!            wire, kinds
//!                 └──── poll drives this half, once an interval ────┘   a request never reaches left
//!                                                                       of the snapshot
//! ```
//!
//! *Facts* are what the cluster reported: plain values, with certificates parsed and private keys
//! dropped. *Judgement* is a pure function of facts: the manager of a certificate, the time by which it
//! is renewed, and the consumers that fail with it. The *snapshot* of both knows no clock and never
//! changes; every view is a function of it. So rendered text stays the same until the cluster changes,
//! and a scrape costs next to nothing.
//!
//! # Modules
//!
//! Each module may use those named in its row, and no other; a test reads this table and the source.
//!
//! | module | contents | may use | crates of its own |
//! |---|---|---|---|
//! | `certificate` | dates and names of certificates, PEM blocks, chains | – | `base64`, `sha2`, `webpki_roots`, `x509_parser` |
//! | `object` | kinds, identities, and the metadata that managers mark | `certificate` | `strum` |
//! | `rbac` | rights, and their YAML | – | `sha2`, `thiserror` |
//! | `facts` | what the cluster reported | `certificate`, `object` | `strum` |
//! | `health` | the result of each list's last poll | `rbac` | – |
//! | `wire` | one object in protobuf, JSON or YAML | `certificate`, `object` | `base64`, `jiff`, `serde`, `serde_json`, `serde_saphyr`, `thiserror`, `zeroize` |
//! | `kinds` | for each kind: its list, the right to it, and the facts that an object yields | `certificate`, `facts`, `object`, `rbac`, `wire` | `k8s_openapi`, `serde`, `serde_json`, `smallvec` |
//! | `rotation` | manager, due date, evidence and remedy of each certificate | `certificate`, `facts`, `object` | `jiff`, `strum`, `wildmatch` |
//! | `impact` | the consumers that fail with a certificate | `facts`, `object` | `strum` |
//! | `snapshot` | the judged whole | `certificate`, `facts`, `health`, `impact`, `object`, `rotation` | `strum` |
//! | `urgency` | whether a certificate needs a person, and how soon, at a given time | `facts`, `object`, `rotation`, `snapshot` | `serde`, `strum` |
//! | `report` | everything that is known at a given time, as plain values, and the choice among them | `certificate`, `facts`, `health`, `impact`, `object`, `rbac`, `rotation`, `snapshot`, `urgency` | `form_urlencoded`, `jiff`, `serde`, `strum`, `thiserror` |
//! | `explain` | everything that is concluded about one object | `object`, `report`, `rotation`, `snapshot`, `urgency` | – |
//! | `output` | reports, explanations and diagnoses as text, for people and for programs | `doctor`, `explain`, `facts`, `report`, `urgency` | `anstyle`, `askama`, `clap`, `csv`, `serde_json`, `serde_saphyr`, `unicode_width` |
//! | `api` | the polling protocol: requests, lists, and their failures | `denial`, `facts`, `health`, `kinds`, `object`, `rbac`, `wire` | `clap`, `flate2`, `futures_util`, `http`, `http_body_util`, `jiff`, `k8s_openapi`, `kube`, `serde`, `serde_json`, `thiserror`, `tokio`, `tracing`, `zeroize` |
//! | `offline` | files instead of an API server: dumps, must-gathers, certificates, kubeconfigs | `certificate`, `facts`, `health`, `kinds`, `object`, `wire` | `base64`, `flate2`, `rustix`, `serde`, `serde_json`, `serde_saphyr`, `strum`, `thiserror`, `zeroize` |
//! | `prometheus` | what a Prometheus knows about notafter: targets, rules, Alertmanagers | `api` | `form_urlencoded`, `futures_util`, `http`, `http_body_util`, `kube`, `rustls`, `serde`, `serde_json`, `thiserror`, `tokio`, `zeroize` |
//! | `doctor` | whether notafter can read, and whether what it finds reaches anybody | `api`, `prometheus`, `rbac`, `report` | `serde`, `strum` |
//! | `poll` | the schedule of polls | `api`, `rotation`, `snapshot` | `tokio` |
//! | `metrics` | the tables of metric families, their text and its compressed form | `certificate`, `facts`, `health`, `impact`, `object`, `rotation`, `snapshot` | `bytes`, `crc32fast`, `flate2`, `procfs`, `strum` |
//! | `publish` | the result of the last poll, in the forms that requests are answered from | `metrics`, `snapshot` | `arc_swap` |
//! | `page` | the pages for people, and the frame of every page | `explain`, `facts`, `health`, `object`, `output`, `report`, `rotation`, `snapshot`, `urgency` | `askama`, `base64`, `form_urlencoded`, `percent_encoding`, `sha2`, `strum` |
//! | `runbooks` | the runbooks of the alerts, as Markdown and HTML | `page` | `pulldown_cmark` |
//! | `denial` | the denial of a request: its reason, and the message for the client | – | – |
//! | `serving` | the serving configuration: TLS, authentication, headers, rate limit | – | `bcrypt`, `clap`, `http`, `jiff`, `rustls`, `serde`, `serde_path_to_error`, `serde_saphyr`, `thiserror`, `zeroize` |
//! | `server` | connections, TLS, routes, authentication | `denial`, `facts`, `health`, `metrics`, `page`, `publish`, `report`, `runbooks`, `serving`, `urgency` | `arc_swap`, `axum`, `base64`, `bcrypt`, `futures_util`, `hyper`, `hyper_util`, `rcgen`, `rustls`, `serde`, `serde_json`, `sha2`, `thiserror`, `tokio`, `tokio_rustls`, `tokio_util`, `tracing`, `x509_parser` |
//! | `log` | the log and its flags | – | `clap`, `tracing`, `tracing_subscriber` |
//! | `cli` | the command line | `api`, `log`, `output`, `prometheus`, `rbac`, `rotation`, `serving` | `clap`, `clap_complete`, `clap_mangen`, `jiff` |
//! | `command` | the commands, from their flags to their results | `api`, `cli`, `doctor`, `explain`, `facts`, `health`, `kinds`, `metrics`, `object`, `offline`, `output`, `poll`, `rbac`, `report`, `rotation`, `server`, `snapshot`, `urgency` | `anyhow`, `futures_util`, `indicatif`, `rustix`, `tokio`, `tokio_util`, `tracing` |
//!
//! Only `api`, `prometheus`, `poll`, `server` and `command` are asynchronous, and only `api`, `command`, `log` and
//! `server` read a clock.
//!
//! # How to add
//!
//! * **a kind of object** that holds or uses certificates: a file in `kinds/`, its line in
//!   `kinds::ALL`, a variant of `object::Kind` if it has none, and a fact if it yields a new one.
//! * **a manager**: a file in `rotation/` with its line in `RULES`, a variant of `rotation::Manager`, its
//!   evidence in `rotation/evidence.rs`, and its labels and annotations in `object/marks.rs`. Where
//!   a sign and a due date say all about it, a row in `rotation/controllers/table.rs` instead of the file.
//! * **an output**: a module that is a function of the [`snapshot`], with a route in `server` or a command.
//! * **an alert**: a rule in `alerts/notafter.yaml`, its cases in `tests/alerts/`, its runbook in
//!   `docs/runbooks/` with its line in `runbooks::ALL`, and its row in `docs/alerts.md`.

#![warn(
    clippy::string_slice,
    reason = "its panic quotes the text, which could be a private key"
)]

pub mod api;
pub mod certificate;
pub mod cli;
pub mod command;
pub mod denial;
pub mod doctor;
pub mod explain;
pub mod facts;
pub mod health;
pub mod impact;
pub mod kinds;
pub mod log;
pub mod metrics;
pub mod object;
pub mod offline;
pub mod output;
pub mod page;
pub mod poll;
pub mod prometheus;
pub mod publish;
pub mod rbac;
pub mod report;
pub mod rotation;
pub mod runbooks;
pub mod server;
pub mod serving;
pub mod snapshot;
pub mod urgency;
pub mod wire;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from, if the build was told by the environment variable of that name.
pub const REVISION: &str = match option_env!("NOTAFTER_REVISION") {
    Some(revision) => revision,
    None => "unknown",
};
