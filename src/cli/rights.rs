//! The flags of `notafter rights`: those of `notafter serve` that need rights, and the service
//! account.

use crate::api::{NamespaceArgs, WatchArgs};
use crate::rbac::ServiceAccount;
use crate::serving::ClusterAuthArgs;

/// The flags of `notafter rights`.
#[derive(Debug, clap::Args)]
pub struct RightsArgs {
    /// The namespaces.
    #[command(flatten)]
    pub scope: NamespaceArgs,
    /// The choice between watches and lists.
    #[command(flatten)]
    pub watch: WatchArgs,
    /// Authentication that needs rights.
    #[command(flatten)]
    pub auth: ClusterAuthArgs,
    /// The service account that notafter runs as
    #[arg(
        long,
        env = "NOTAFTER_SERVICE_ACCOUNT",
        value_name = "NAMESPACE/NAME",
        default_value = "notafter/notafter"
    )]
    pub service_account: ServiceAccount,
}
