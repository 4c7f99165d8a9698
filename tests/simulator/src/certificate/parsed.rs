//! The fields of a certificate that managers look at.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::pem::parse_x509_pem;
use x509_parser::x509::X509Name;

/// A parsed certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The time at which the certificate becomes valid (Unix seconds).
    pub not_before: i64,
    /// The time at which the certificate expires (Unix seconds).
    pub not_after: i64,
    /// The subject's organization, or empty.
    pub organization: String,
    /// The subject's common name, or empty.
    pub common_name: String,
    /// The issuer's common name, or empty.
    pub issuer: String,
    /// The host names.
    pub hosts: Vec<String>,
    /// The subject key identifier, or empty.
    pub key_id: Vec<u8>,
    /// The authority key identifier, or empty.
    pub authority_key_id: Vec<u8>,
}

// === impl Parsed ===

impl Parsed {
    /// Parses the first certificate of a PEM text.
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

    /// Returns whether an authority's key signed the certificate.
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
    let text = found.next().and_then(|name| name.as_str().ok());
    text.unwrap_or_default().into()
}

fn organization(name: &X509Name<'_>) -> String {
    let mut found = name.iter_organization();
    let text = found.next().and_then(|name| name.as_str().ok());
    text.unwrap_or_default().into()
}
