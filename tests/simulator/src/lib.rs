//! A simulated Kubernetes API server, for notafter's tests and its demo.
//!
//! It speaks the real protocol over HTTP: selectors, `limit` and `continue`, resource versions, metadata-only
//! lists, protobuf and JSON, gzip, Status, refusals, and faults on demand. What it answers is checked against
//! a real kube-apiserver: tests/e2e sends the same requests to both.
//!
//! [`Managers`] are those who renew certificates in such a cluster, on a clock that a test moves.

mod answer;
pub mod certificate;
mod cluster;
mod fault;
mod list;
pub mod managers;
mod openshift;
mod platform;
mod protobuf;
mod resource;
mod review;
mod selector;
mod server;
mod status;
mod store;

pub use self::cluster::{Cluster, Request, kubeconfig};
pub use self::fault::Fault;
pub use self::managers::{Managers, OlmVersion};
pub use self::openshift::openshift;
pub use self::protobuf::item as protobuf;

/// Chance for a test, from the seed in `NOTAFTER_SEED` or a new one; the seed is printed, so that a failure can be
/// had again.
#[expect(clippy::print_stderr, reason = "a failed test shows it")]
pub fn rng() -> fastrand::Rng {
    let seed = std::env::var("NOTAFTER_SEED")
        .ok()
        .and_then(|it| it.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    eprintln!("NOTAFTER_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}
