//! A simulated Kubernetes API server, for notafter's tests and its demo.
//!
//! The server speaks the real protocol over HTTP: selectors, `limit` and `continue`, resource
//! versions, watches, metadata only, protobuf and JSON, gzip, Status, access control, and faults on
//! demand. Its answers are checked against a real kube-apiserver: tests/e2e sends the same requests
//! to both.
//!
//! [`Managers`] renew the certificates of such a cluster, on a clock that a test moves.

mod access;
mod answer;
pub mod certificate;
mod client;
mod cluster;
mod event;
mod fault;
mod faulty;
mod form;
mod history;
mod list;
pub mod managers;
mod object;
mod openshift;
mod path;
mod platform;
mod protobuf;
mod query;
mod reply;
mod resource;
mod review;
mod selector;
mod server;
mod state;
mod status;
mod store;
mod watch;

pub use self::client::client;
pub use self::cluster::{Cluster, kubeconfig};
pub use self::fault::Fault;
pub use self::managers::{Managers, OlmVersion};
pub use self::openshift::openshift;
pub use self::protobuf::item as protobuf;
pub use self::state::Request;

/// Returns random numbers for a test, seeded by `NOTAFTER_SEED` or anew. The seed is printed, so
/// that a failure can be reproduced.
#[expect(clippy::print_stderr, reason = "a failed test shows it")]
pub fn rng() -> fastrand::Rng {
    let seed = std::env::var("NOTAFTER_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    eprintln!("NOTAFTER_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}
