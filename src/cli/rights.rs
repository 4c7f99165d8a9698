//! The flags of `notafter rights`: those of `notafter serve` that need rights, and the subject that the
//! rights are granted to.

use crate::api::namespace;
use crate::rbac::{ServiceAccount, Subject, User};

/// The flags of `notafter rights`.
#[derive(Debug, clap::Args)]
pub struct RightsArgs {
    /// Grant a Role in this namespace instead of a ClusterRole; repeatable
    #[arg(
        long = "namespace",
        env = "NOTAFTER_NAMESPACE",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = namespace
    )]
    pub namespaces: Vec<String>,
    /// Leave out the verb watch, for a notafter that runs with --no-watch
    #[arg(long, env = "NOTAFTER_NO_WATCH")]
    pub no_watch: bool,
    /// Include the right to read the cluster's client CA, for `serve --client-ca-from-cluster`
    #[arg(long, env = "NOTAFTER_CLIENT_CA_FROM_CLUSTER")]
    pub client_ca_from_cluster: bool,
    /// Include the rights to review bearer tokens, for `serve --token-review`
    #[arg(long, env = "NOTAFTER_TOKEN_REVIEW")]
    pub token_review: bool,
    /// Grant the rights to the service account that notafter runs as
    #[arg(
        long,
        env = "NOTAFTER_SERVICE_ACCOUNT",
        value_name = "NAMESPACE/NAME",
        default_value = ServiceAccount::DEFAULT
    )]
    service_account: ServiceAccount,
    /// Grant the rights to this user instead of a service account, for `scan`, `explain` and `doctor`
    #[arg(
        long,
        env = "NOTAFTER_USER",
        value_name = "NAME",
        conflicts_with = "service_account"
    )]
    user: Option<User>,
}

// === impl RightsArgs ===

impl RightsArgs {
    /// The subject that the rights are granted to.
    pub fn subject(&self) -> Subject {
        match &self.user {
            Some(user) => Subject::User(user.clone()),
            None => Subject::ServiceAccount(self.service_account.clone()),
        }
    }
}
