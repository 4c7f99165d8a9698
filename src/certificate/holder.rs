//! Whom a certificate names, exactly: for comparing, where the other rooms' names are for reading.

use std::net::{Ipv4Addr, Ipv6Addr};

use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The names in a certificate, as who issued it wrote them; what is no text is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// The common name; the last, if there are several, as in Go and so in Kubernetes (golang/go:
    /// src/crypto/x509/pkix/pkix.go, `FillFromRDNSequence`).
    pub common_name: Option<Box<str>>,
    /// The alternative names: DNS, IP, e-mail, URI.
    pub alternative_names: Vec<Box<str>>,
}

impl Holder {
    /// Reads a certificate; nobody is named by one that cannot be read.
    pub fn of(der: &[u8]) -> Self {
        let Ok((_, certificate)) = X509Certificate::from_der(der) else {
            return Self::default();
        };
        let common_names = certificate.subject().iter_common_name();
        let alternative_names = certificate.subject_alternative_name().ok().flatten();
        let alternative_names = alternative_names
            .iter()
            .flat_map(|it| &it.value.general_names);
        Self {
            common_name: common_names
                .last()
                .and_then(|it| it.as_str().ok())
                .map(Into::into),
            alternative_names: alternative_names.filter_map(text).collect(),
        }
    }
}

fn text(name: &GeneralName<'_>) -> Option<Box<str>> {
    match name {
        GeneralName::DNSName(it) | GeneralName::RFC822Name(it) | GeneralName::URI(it) => {
            Some((*it).into())
        }
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|it| Ipv4Addr::from(it).to_string());
            let v6 = |_| <[u8; 16]>::try_from(*bytes).map(|it| Ipv6Addr::from(it).to_string());
            v4.or_else(v6).ok().map(Into::into)
        }
        _ => None,
    }
}
