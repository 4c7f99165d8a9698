//! What a certificate says, as far as those who renew certificates look at it.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::pem::parse_x509_pem;
use x509_parser::x509::X509Name;

/// A certificate that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// From when it is valid (Unix seconds).
    pub not_before: i64,
    /// Until when it is valid (Unix seconds).
    pub not_after: i64,
    /// The organization of its subject; empty if it has none.
    pub organization: String,
    /// The common name of its subject; empty if it has none.
    pub common_name: String,
    /// The common name of its issuer; empty if it has none.
    pub issuer: String,
    /// The host names that it is good for.
    pub hosts: Vec<String>,
    /// Which key it is for; empty if it does not say.
    pub key_id: Vec<u8>,
    /// Which key it was signed with; empty if it does not say.
    pub authority_key_id: Vec<u8>,
}

// === impl Parsed ===

impl Parsed {
    /// The first certificate of a PEM text, if that is one.
    pub fn first(pem: &str) -> Option<Self> {
        let (_, block) = parse_x509_pem(pem.as_bytes()).ok()?;
        let certificate = block.parse_x509().ok()?;
        let validity = certificate.validity();
        let mut parsed = Self {
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
            organization: organization(certificate.subject()),
            common_name: common_name(certificate.subject()),
            issuer: common_name(certificate.issuer()),
            ..Self::default()
        };
        parsed.read_extensions(&certificate);
        Some(parsed)
    }

    /// Whether it is valid at a time (Unix seconds).
    pub fn is_active(&self, now: i64) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }

    /// Whether an authority's key has signed it.
    pub fn is_signed_by(&self, authority: &Self) -> bool {
        self.authority_key_id == authority.key_id && self.issuer == authority.common_name
    }

    fn read_extensions(&mut self, certificate: &X509Certificate<'_>) {
        for extension in certificate.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(id) => self.key_id = id.0.to_vec(),
                ParsedExtension::AuthorityKeyIdentifier(authority) => {
                    let id = authority.key_identifier.as_ref();
                    self.authority_key_id = id.map(|id| id.0.to_vec()).unwrap_or_default();
                }
                ParsedExtension::SubjectAlternativeName(names) => {
                    self.hosts = names.general_names.iter().filter_map(host).collect();
                }
                _ => {}
            }
        }
    }
}

fn host(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).into()),
        _ => None,
    }
}

fn common_name(name: &X509Name<'_>) -> String {
    let mut found = name.iter_common_name();
    let text = found.next().and_then(|it| it.as_str().ok());
    text.unwrap_or_default().into()
}

fn organization(name: &X509Name<'_>) -> String {
    let mut found = name.iter_organization();
    let text = found.next().and_then(|it| it.as_str().ok());
    text.unwrap_or_default().into()
}
