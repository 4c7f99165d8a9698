//! The serving configuration: TLS, authentication, response headers and the rate limit.
//!
//! Flags or a web configuration file provide it, and it is read again while notafter runs. Here it is
//! plain values, with the contents of every file that they name, so that two of them can be
//! compared; the server decides what they mean for a connection or a request.

mod args;
mod web_config;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use rustls::{CipherSuite, NamedGroup};
use zeroize::Zeroizing;

pub use self::args::{ClusterAuthArgs, ServingArgs};
pub use self::web_config::WebConfigError;

/// The configuration, with the contents of every file that it names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ServingConfig {
    /// TLS; absent for plain HTTP.
    pub tls: Option<TlsConfig>,
    /// Authentication of requests, besides client certificates.
    pub auth: AuthConfig,
    /// Headers of every response.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The rate limit of all clients together.
    pub rate_limit: Option<RateLimit>,
}

/// TLS of the connections.
#[derive(Clone, PartialEq, Eq)]
pub struct TlsConfig {
    /// The serving certificate and its key.
    pub key_pair: KeyPair,
    /// The use of client certificates.
    pub client_certificates: ClientCertificates,
    /// The oldest version that is accepted; by default the cluster's TLS profile decides.
    pub min_version: Option<TlsVersion>,
    /// The newest version that is accepted; by default the newest there is.
    pub max_version: Option<TlsVersion>,
    /// The cipher suites of TLS 1.2; by default the cluster's TLS profile decides.
    pub cipher_suites: Option<Vec<CipherSuite>>,
    /// The key exchange groups in order of preference.
    pub key_exchange_groups: Option<Vec<NamedGroup>>,
}

/// A serving certificate and its private key.
#[derive(Clone, PartialEq, Eq)]
pub enum KeyPair {
    /// Generated, and trusted by no client.
    SelfSigned,
    /// In PEM.
    Pem {
        /// The certificate with its chain.
        certificate: PemText,
        /// The private key.
        key: PemText,
    },
}

/// The use of client certificates. Probes present none, so no connection requires one.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientCertificates {
    /// None is requested.
    Ignored,
    /// A certificate must be signed by the CA if one is presented; it authenticates nobody.
    Verified(ClientCa),
    /// A certificate that is signed by the CA and has one of the names authenticates its client.
    Accepted {
        /// The CA that signs client certificates.
        ca: ClientCa,
        /// The names of which a certificate must have one.
        names: ClientNames,
    },
}

/// A CA that signs client certificates.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientCa {
    /// In PEM.
    Pem(PemText),
    /// The client CA of the cluster, as published by the API server.
    Cluster,
}

/// The names that a client certificate may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientNames {
    /// Any name.
    Any,
    /// Any of these common names.
    Common(Vec<String>),
    /// Any of these alternative names (DNS, IP, e-mail, URI).
    Alternative(Vec<String>),
}

/// PEM text that may hold a private key: it is wiped when it is dropped, and cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PemText {
    /// The flag or field that the text comes from, for messages: `--tls-key /etc/tls/tls.key`.
    pub origin: String,
    /// The text itself.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// Authentication of requests by a header.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AuthConfig {
    /// The bcrypt hashes of passwords, by user; empty if no password is required.
    pub users: BTreeMap<String, String>,
    /// True if bearer tokens are accepted that the cluster authorizes to GET `/metrics`.
    pub token_review: bool,
}

/// The rate limit of all clients together: a bucket of requests that refills over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The time in which the bucket gains one request.
    pub interval: Duration,
    /// The capacity of the bucket.
    pub burst: u32,
}

/// A serving configuration that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ServingConfigError {
    /// A file that a flag names cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The web configuration file is invalid.
    #[error(transparent)]
    WebConfig(#[from] WebConfigError),
}

/// A file that cannot be read. The message holds the cause: as a source it would be repeated.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: {error}")]
pub struct FileError {
    /// The flag or field that names the file, and its path.
    origin: String,
    error: std::io::Error,
}

// === impl ServingConfig ===

impl ServingConfig {
    /// The names of accepted client certificates; absent if no certificate authenticates a client.
    pub fn client_names(&self) -> Option<&ClientNames> {
        match &self.tls.as_ref()?.client_certificates {
            ClientCertificates::Accepted { names, .. } => Some(names),
            ClientCertificates::Ignored | ClientCertificates::Verified(_) => None,
        }
    }

    /// Returns whether client certificates must be signed by the client CA of the cluster.
    pub fn uses_cluster_client_ca(&self) -> bool {
        let client_ca = self
            .tls
            .as_ref()
            .and_then(|tls| tls.client_certificates.ca());
        client_ca == Some(&ClientCa::Cluster)
    }

    /// Returns whether requests need no authentication.
    pub fn is_open(&self) -> bool {
        self.client_names().is_none() && self.auth.users.is_empty() && !self.auth.token_review
    }
}

// === impl TlsConfig ===

impl TlsConfig {
    /// TLS with the default versions, cipher suites and groups.
    fn new(key_pair: KeyPair, client_certificates: ClientCertificates) -> Self {
        Self {
            key_pair,
            client_certificates,
            min_version: None,
            max_version: None,
            cipher_suites: None,
            key_exchange_groups: None,
        }
    }
}

// === impl ClientCertificates ===

impl ClientCertificates {
    /// The CA that must have signed a certificate.
    pub fn ca(&self) -> Option<&ClientCa> {
        match self {
            Self::Ignored => None,
            Self::Verified(ca) | Self::Accepted { ca, .. } => Some(ca),
        }
    }
}

// === impl PemText ===

impl PemText {
    /// Reads the file that a flag or field names.
    fn read(named_by: &str, path: &Path) -> Result<Self, FileError> {
        let origin = format!("{named_by} {}", path.display());
        match fs::read(path) {
            Ok(bytes) => Ok(Self {
                origin,
                bytes: Zeroizing::new(bytes),
            }),
            Err(error) => Err(FileError { origin, error }),
        }
    }
}
