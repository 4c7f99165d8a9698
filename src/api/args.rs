//! The flags of the connection to a cluster, of the namespaces in it, and of watches.

use std::path::PathBuf;
use std::time::Duration;

use super::Access;
use crate::rbac;

/// The flags of the cluster to poll.
#[derive(Debug, clap::Args)]
pub struct ClusterArgs {
    /// The kubeconfig to use; without it, a pod's service account, $KUBECONFIG or ~/.kube/config
    #[arg(long, env = "NOTAFTER_KUBECONFIG", value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig to use; without it, its current one
    #[arg(long, env = "NOTAFTER_CONTEXT", value_name = "NAME")]
    pub context: Option<String>,
    /// The namespaces.
    #[command(flatten)]
    pub scope: NamespaceArgs,
}

/// The flags that confine notafter to some namespaces, which also confine the rights that it needs.
#[derive(Debug, clap::Args)]
pub struct NamespaceArgs {
    /// Poll only this namespace, which needs a Role there and no ClusterRole; repeatable; without
    /// it, all of them
    #[arg(
        long = "namespace",
        env = "NOTAFTER_NAMESPACE",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = namespace
    )]
    pub namespaces: Vec<String>,
}

/// The flag that decides whether lists are watched, which needs a right of its own.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct WatchArgs {
    /// List metadata in every poll instead of watching for some seconds; needs only the verb list,
    /// and costs the API server more
    #[arg(long, env = "NOTAFTER_NO_WATCH")]
    pub no_watch: bool,
}

/// The shortest and the longest time that a quiet poll watches for. The API server takes whole
/// seconds, and reports its current version by a bookmark two seconds before a watch ends
/// (kubernetes/apiserver: `pkg/storage/cacher/cache_watcher.go`, `nextBookmarkTime`).
const WATCH: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

// === impl WatchArgs ===

impl WatchArgs {
    /// The time that a quiet poll watches for, in whole seconds; none if it lists metadata instead:
    /// because that is asked for, or because the deadline of a poll leaves no time for more.
    pub fn time(self, interval: Duration, timeout: Duration) -> Option<Duration> {
        let [shortest, longest] = WATCH;
        let time = (interval / 10).min(timeout / 3).clamp(shortest, longest);
        let time = Duration::from_secs(time.as_secs());
        (!self.no_watch && timeout >= 2 * time).then_some(time)
    }
}

// === impl ClusterArgs ===

impl ClusterArgs {
    /// The way to the cluster.
    pub fn access(&self) -> Access {
        Access {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
        }
    }
}

/// Reads the name of a namespace; it becomes a part of a path.
///
/// # Errors
/// If it cannot be one.
pub fn namespace(text: &str) -> Result<String, &'static str> {
    if rbac::is_label(text) {
        Ok(text.into())
    } else {
        Err("expected the name of a namespace")
    }
}
