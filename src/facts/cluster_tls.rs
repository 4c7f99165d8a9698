//! The requirements of the cluster for the servers in it: the clients to trust, and the TLS to
//! accept.
//!
//! They concern the way notafter itself is served, not the certificates of the cluster, so they are
//! no part of [`super::Facts`].

use std::sync::Arc;

use super::Fact;

/// The cluster's CA of client certificates, and its TLS profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterTls {
    /// The CA of client certificates in PEM (ConfigMap
    /// `kube-system/extension-apiserver-authentication`); absent where it is not read, or the
    /// cluster has none.
    pub client_ca: Option<Arc<str>>,
    /// The TLS profile; absent on clusters other than OpenShift.
    pub profile: Option<Arc<TlsProfile>>,
}

/// The `tlsSecurityProfile` of OpenShift's API server, as far as it demands more than any usual
/// one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsProfile {
    /// True if TLS 1.2 is too old.
    pub is_tls13_only: bool,
    /// The cipher suites that are allowed, by OpenSSL's names; absent if the usual ones are.
    pub ciphers: Option<Vec<Box<str>>>,
}

impl ClusterTls {
    /// Takes up a fact, if it concerns serving.
    pub fn add(&mut self, fact: &Fact) {
        match fact {
            Fact::ClientCa(pem) => self.client_ca = Some(pem.clone()),
            Fact::TlsProfile(profile) => self.profile = Some(profile.clone()),
            _ => {}
        }
    }
}
