//! The flags of `notafter rights`, named as those of `notafter serve` whose rights they ask for.

use super::namespace;
use crate::rbac::ServiceAccount;

/// The flags of `notafter rights`.
#[derive(Debug, clap::Args)]
pub struct Rights {
    /// A namespace to look at: a Role there, and nothing cluster-wide; repeatable; without it, all of them
    #[arg(
        long = "namespace",
        env = "NOTAFTER_NAMESPACE",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = namespace
    )]
    pub namespaces: Vec<String>,
    /// With the right to ask who a bearer token is, and whether they may read /metrics
    #[arg(long, env = "NOTAFTER_TOKEN_REVIEW")]
    pub token_review: bool,
    /// With the right to read which CA signs the cluster's client certificates
    #[arg(long, env = "NOTAFTER_CLIENT_CA_FROM_CLUSTER")]
    pub client_ca_from_cluster: bool,
    /// The service account that notafter runs as
    #[arg(
        long,
        env = "NOTAFTER_SERVICE_ACCOUNT",
        value_name = "NAMESPACE/NAME",
        default_value = "notafter/notafter"
    )]
    pub service_account: ServiceAccount,
}
