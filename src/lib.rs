//! notafter says when the certificates of a Kubernetes or OpenShift cluster end.

pub mod api;
pub mod certificate;
pub mod facts;
pub mod metrics;
pub mod snapshot;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from, if the build was told by the environment variable of that name.
pub const REVISION: &str = match option_env!("NOTAFTER_REVISION") {
    Some(revision) => revision,
    None => "unknown",
};
