//! The flags of TLS, and of who may ask.

use std::path::PathBuf;

use clap::ArgGroup;

use crate::terms::{ClientCaFlag, Flags, PairFlag, Source};

/// How notafter is served, and to whom.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(group = ArgGroup::new("pair").multiple(false).args(["tls_cert", "tls_self_signed"]))]
#[command(group = ArgGroup::new("ca").multiple(false).args(["client_ca", "client_ca_from_cluster"]))]
pub struct Entrance {
    /// The serving certificate with its chain, in PEM; read again when it changes
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
    /// Serve TLS with a certificate made at the start: nobody can verify it, but nobody can read along
    #[arg(long, env = "NOTAFTER_TLS_SELF_SIGNED")]
    pub tls_self_signed: bool,
    /// Whoever has a client certificate of this CA may scrape; in PEM, read again when it changes
    #[arg(
        long,
        env = "NOTAFTER_CLIENT_CA",
        value_name = "FILE",
        requires = "pair"
    )]
    pub client_ca: Option<PathBuf>,
    /// The same with the CA of the cluster's own clients, which the API server publishes
    #[arg(
        long,
        env = "NOTAFTER_CLIENT_CA_FROM_CLUSTER",
        requires = "pair",
        requires = "client_names"
    )]
    pub client_ca_from_cluster: bool,
    /// Only client certificates with this common name may scrape; repeatable
    #[arg(
        long = "client-name",
        env = "NOTAFTER_CLIENT_NAME",
        value_name = "NAME",
        value_delimiter = ',',
        requires = "ca"
    )]
    pub client_names: Vec<String>,
    /// Whoever has a bearer token whose bearer the cluster allows to get /metrics may scrape
    #[arg(long, env = "NOTAFTER_TOKEN_REVIEW")]
    pub token_review: bool,
    /// TLS and users as the web configuration file of Prometheus exporters has them
    #[arg(
        long = "web.config.file",
        env = "NOTAFTER_WEB_CONFIG_FILE",
        value_name = "FILE",
        conflicts_with_all = ["pair", "ca"]
    )]
    pub web_config_file: Option<PathBuf>,
}

// === impl Entrance ===

impl Entrance {
    /// Where the terms are that these flags name.
    pub fn source(&self) -> Source {
        let tokens = self.token_review;
        if let Some(file) = self.web_config_file.clone() {
            return Source::Web { file, tokens };
        }
        let files = self.tls_cert.clone().zip(self.tls_key.clone());
        let pair = files.map(|(certificate, key)| PairFlag::Files { certificate, key });
        let pair = pair.or(self.tls_self_signed.then_some(PairFlag::SelfSigned));
        let ca = self.client_ca.clone().map(ClientCaFlag::File);
        let client_ca = ca.or(self.client_ca_from_cluster.then_some(ClientCaFlag::Cluster));
        Source::Flags(Flags {
            pair,
            client_ca,
            client_names: self.client_names.clone(),
            tokens,
        })
    }
}
