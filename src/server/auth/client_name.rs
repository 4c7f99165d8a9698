//! The name in a client certificate, exactly as it is, since it is compared with accepted names.

use std::net::{Ipv4Addr, Ipv6Addr};

use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::serving::ClientNames;

/// The names in a certificate; those that are not text are left out.
#[derive(Debug, Default)]
pub(in crate::server) struct ClientName {
    /// The common name; the last one if there are several, as in Go and so in Kubernetes
    /// (golang/go: src/crypto/x509/pkix/pkix.go, `FillFromRDNSequence`).
    pub(super) common_name: Option<Box<str>>,
    /// The alternative names: DNS, IP, e-mail, URI.
    alternative_names: Vec<Box<str>>,
}

impl ClientName {
    /// Reads a certificate; one that cannot be read has no name.
    pub(in crate::server) fn of(der: &[u8]) -> Self {
        let Ok((_, certificate)) = X509Certificate::from_der(der) else {
            return Self::default();
        };
        let common_name = certificate.subject().iter_common_name().last();
        let names = certificate.subject_alternative_name().ok().flatten();
        let names = names.iter().flat_map(|names| &names.value.general_names);
        Self {
            common_name: common_name
                .and_then(|name| name.as_str().ok())
                .map(Into::into),
            alternative_names: names.filter_map(text).collect(),
        }
    }

    /// Returns whether one of the names is accepted.
    pub(super) fn is_among(&self, names: &ClientNames) -> bool {
        let has = |names: &[String], own: &str| names.iter().any(|name| name == own);
        match names {
            ClientNames::Any => true,
            ClientNames::Common(names) => {
                let own = self.common_name.as_deref();
                own.is_some_and(|own| has(names, own))
            }
            ClientNames::Alternative(names) => {
                self.alternative_names.iter().any(|own| has(names, own))
            }
        }
    }
}

fn text(name: &GeneralName<'_>) -> Option<Box<str>> {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => {
            Some((*text).into())
        }
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|bytes| Ipv4Addr::from(bytes).to_string());
            let v6 =
                |_| <[u8; 16]>::try_from(*bytes).map(|bytes| Ipv6Addr::from(bytes).to_string());
            v4.or_else(v6).ok().map(Into::into)
        }
        _ => None,
    }
}
