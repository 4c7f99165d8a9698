//! The flags of the connection to a cluster, and of the namespaces in it.

use std::path::PathBuf;

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
fn namespace(text: &str) -> Result<String, &'static str> {
    if rbac::is_label(text) {
        Ok(text.into())
    } else {
        Err("expected the name of a namespace")
    }
}
