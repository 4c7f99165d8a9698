//! What the cluster says of how servers in it are to be served.

use std::sync::Arc;

/// Whose client certificates its API server believes, and which TLS an OpenShift's servers are to speak.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Serving {
    /// The CA of client certificates in PEM (ConfigMap `kube-system/extension-apiserver-authentication`); absent where
    /// it has not been asked for, or the cluster has none.
    pub client_ca: Option<Arc<str>>,
    /// Absent on clusters that are no OpenShift.
    pub tls: Option<Arc<TlsProfile>>,
}

/// The `tlsSecurityProfile` of OpenShift's API server, as far as it goes beyond what is good enough for any of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsProfile {
    /// Whether TLS 1.2 is too old.
    pub is_tls13_only: bool,
    /// The cipher suites that it allows, by OpenSSL's names; absent if the usual ones are.
    pub ciphers: Option<Vec<Box<str>>>,
}
