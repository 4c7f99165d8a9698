//! TLS settings that a cluster publishes for the servers in it.
//!
//! They concern how notafter itself is served and say nothing about certificates, so they are no part of
//! [`super::Facts`].

use std::sync::Arc;

/// The CA of a cluster's client certificates, and the TLS profile of its servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterTls {
    /// The CA of client certificates in PEM (ConfigMap `kube-system/extension-apiserver-authentication`); absent where
    /// it is not read, or the cluster has none.
    pub client_ca: Option<Arc<str>>,
    /// The TLS profile; absent on clusters other than OpenShift.
    pub profile: Option<Arc<TlsProfile>>,
}

/// The `tlsSecurityProfile` of OpenShift's API server, as far as it is stricter than the TLS spoken by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsProfile {
    /// Whether TLS 1.2 is too old.
    pub is_tls13_only: bool,
    /// The allowed cipher suites, by OpenSSL's names; absent if all of the default ones are allowed.
    pub ciphers: Option<Vec<Box<str>>>,
}
