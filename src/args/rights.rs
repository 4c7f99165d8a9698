//! The flags of `notafter rights`, named as those of `notafter serve` whose rights they ask for.

use std::str::FromStr;

use super::namespace;

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

/// Who notafter is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

// === impl ServiceAccount ===

impl FromStr for ServiceAccount {
    type Err = String;

    /// The name is one of RFC 1123's subdomains: labels with dots between them.
    fn from_str(text: &str) -> Result<Self, String> {
        let (namespace, name) = text.split_once('/').ok_or("expected NAMESPACE/NAME")?;
        let namespace = super::namespace(namespace)?;
        if name.len() > 253
            || name
                .split('.')
                .any(|label| super::namespace(label).is_err())
        {
            return Err("expected the name of a service account after the /".into());
        }
        Ok(Self {
            namespace,
            name: name.into(),
        })
    }
}
