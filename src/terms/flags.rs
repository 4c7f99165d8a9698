//! What the flags say of it.

use std::path::PathBuf;

use super::{Access, ClientCa, Names, Pair, Terms, TermsError, Text, Tls};

/// The flags that say something about it.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The serving pair.
    pub pair: Option<PairFlag>,
    /// Whose client certificates are believed.
    pub client_ca: Option<ClientCaFlag>,
    /// The common names that a client certificate may have; any if there are none.
    pub client_names: Vec<String>,
    /// Whether bearer tokens are reviewed.
    pub tokens: bool,
}

/// Where the serving pair is.
#[derive(Clone, Debug)]
pub enum PairFlag {
    /// Nowhere: it is made.
    SelfSigned,
    /// In files, in PEM.
    Files {
        /// The certificate, with its chain.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
}

/// Where the CA of client certificates is.
#[derive(Clone, Debug)]
pub enum ClientCaFlag {
    /// In a file, in PEM.
    File(PathBuf),
    /// In the cluster's ConfigMap `kube-system/extension-apiserver-authentication`.
    Cluster,
}

// === impl Flags ===

impl Flags {
    pub(super) fn read(&self) -> Result<Terms, TermsError> {
        let client_ca = match &self.client_ca {
            None => None,
            Some(ClientCaFlag::Cluster) => Some(ClientCa::Cluster),
            Some(ClientCaFlag::File(path)) => Some(ClientCa::Pem(Text::read("--client-ca", path)?)),
        };
        let names = if self.client_names.is_empty() {
            Names::Any
        } else {
            Names::Common(self.client_names.clone())
        };
        let certificate = client_ca.is_some().then_some(names);
        let tls = match &self.pair {
            None => None,
            Some(pair) => Some(Tls::new(pair.read()?, client_ca)),
        };
        Ok(Terms {
            tls,
            access: Access {
                certificate,
                tokens: self.tokens,
                ..Access::default()
            },
            ..Terms::default()
        })
    }
}

impl PairFlag {
    fn read(&self) -> Result<Pair, TermsError> {
        Ok(match self {
            Self::SelfSigned => Pair::SelfSigned,
            Self::Files { certificate, key } => Pair::Pem {
                certificate: Text::read("--tls-cert", certificate)?,
                key: Text::read("--tls-key", key)?,
            },
        })
    }
}
