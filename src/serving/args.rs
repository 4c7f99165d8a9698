//! The flags of the serving configuration.

use std::path::PathBuf;

use clap::ArgGroup;

use super::web_config;
use super::{
    ClientCa, ClientCertificates, ClientNames, KeyPair, PemText, ServingConfig, ServingConfigError,
    TlsConfig,
};

/// The flags of TLS and authentication.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(group = ArgGroup::new("pair").multiple(false).args(["tls_cert", "tls_self_signed"]))]
#[command(group = ArgGroup::new("ca").multiple(false).args(["client_ca", "client_ca_from_cluster"]))]
// The cluster's client CA signs the certificates of every node and user, so names must select some.
#[command(group = ArgGroup::new("cluster_ca").args(["client_ca_from_cluster"]).requires_all(["pair", "client_names"]))]
pub struct ServingArgs {
    /// Serve TLS with this certificate and its chain, in PEM; the file is read again when it
    /// changes
    #[arg(
        long,
        env = "NOTAFTER_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub tls_cert: Option<PathBuf>,
    /// The private key of the serving certificate, in PEM
    #[arg(
        long,
        env = "NOTAFTER_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub tls_key: Option<PathBuf>,
    /// Serve TLS with a generated certificate, which encrypts but cannot be verified by clients
    #[arg(long, env = "NOTAFTER_TLS_SELF_SIGNED")]
    pub tls_self_signed: bool,
    /// Accept client certificates signed by this CA, in PEM; the file is read again when it changes
    #[arg(
        long,
        env = "NOTAFTER_CLIENT_CA",
        value_name = "FILE",
        requires = "pair"
    )]
    pub client_ca: Option<PathBuf>,
    /// Authentication that needs rights in the cluster.
    #[command(flatten)]
    pub cluster_auth: ClusterAuthArgs,
    /// Accept only client certificates with this common name; repeatable
    #[arg(
        long = "client-name",
        env = "NOTAFTER_CLIENT_NAME",
        value_name = "NAME",
        value_delimiter = ',',
        requires = "ca"
    )]
    pub client_names: Vec<String>,
    /// Read TLS, users and limits from a web configuration file, as Prometheus exporters do
    #[arg(
        long = "web.config.file",
        env = "NOTAFTER_WEB_CONFIG_FILE",
        value_name = "FILE",
        conflicts_with_all = ["pair", "ca"]
    )]
    pub web_config_file: Option<PathBuf>,
}

/// The flags of authentication that needs rights in the cluster; `notafter rights` prints them.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct ClusterAuthArgs {
    /// Accept client certificates signed by the cluster's client CA, as published by the API server
    #[arg(long, env = "NOTAFTER_CLIENT_CA_FROM_CLUSTER")]
    pub client_ca_from_cluster: bool,
    /// Accept bearer tokens that the cluster authorizes to GET /metrics
    #[arg(long, env = "NOTAFTER_TOKEN_REVIEW")]
    pub token_review: bool,
}

// === impl ServingArgs ===

impl ServingArgs {
    /// Reads the configuration, and every file that it names, as they are now.
    ///
    /// # Errors
    /// If a file cannot be read, or the web configuration file is invalid.
    pub fn read(&self) -> Result<ServingConfig, ServingConfigError> {
        let mut config = match &self.web_config_file {
            Some(file) => web_config::read(file)?,
            None => ServingConfig {
                tls: self.tls()?,
                ..ServingConfig::default()
            },
        };
        // The web configuration file has no field for it.
        config.auth.token_review = self.cluster_auth.token_review;
        Ok(config)
    }

    fn tls(&self) -> Result<Option<TlsConfig>, ServingConfigError> {
        let key_pair = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => KeyPair::Pem {
                certificate: PemText::read("--tls-cert", certificate)?,
                key: PemText::read("--tls-key", key)?,
            },
            _ if self.tls_self_signed => KeyPair::SelfSigned,
            _ => return Ok(None),
        };
        let ca = match &self.client_ca {
            Some(path) => Some(ClientCa::Pem(PemText::read("--client-ca", path)?)),
            None => (self.cluster_auth.client_ca_from_cluster).then_some(ClientCa::Cluster),
        };
        let names = match self.client_names.as_slice() {
            [] => ClientNames::Any,
            names => ClientNames::Common(names.to_vec()),
        };
        let client_certificates = match ca {
            Some(ca) => ClientCertificates::Accepted { ca, names },
            None => ClientCertificates::Ignored,
        };
        Ok(Some(TlsConfig::new(key_pair, client_certificates)))
    }
}
