//! A certificate's dates, names and fingerprint, as far as they can be read.
//!
//! The rule of this room: a strange field never loses an expiry date, and no date is ever invented. So a
//! certificate that the parser refuses is walked as far as its validity, and a date that is no date is
//! absent. Nothing here knows Kubernetes, the time now, or what a date means to anybody.

mod name;
mod pem;
mod validity;

use std::fmt::Write;

use sha2::{Digest, Sha256};
use x509_parser::certificate::X509CertificateParser;
use x509_parser::extensions::{GeneralName, SubjectAlternativeName};
use x509_parser::nom::Parser;
use x509_parser::oid_registry::OID_X509_EXT_SUBJECT_ALT_NAME;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The most bytes that are kept of a name. Names are written by whoever may write an object, up to its 1 MiB;
/// real ones are under 200 bytes (RFC 5280's upper bound of most attributes is 64).
const LONGEST_NAME: usize = 256;

/// The same for the DNS names: enough for the three that OLM writes, however long service and namespace are.
const LONGEST_DNS_NAMES: usize = 512;

/// One certificate block of a text: what could be read of it, and what is wrong with it.
///
/// At least one of the two is there; both are where the dates were saved from a malformed certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What could be read.
    pub certificate: Option<Certificate>,
    /// What is wrong.
    pub defect: Option<Defect>,
}

/// Why a certificate block is not wholly usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// The block has a BEGIN line and no END line.
    Unterminated,
    /// What stands between BEGIN and END is not base64.
    BadBase64,
    /// What the base64 holds is not a certificate that the parser accepts, or one of its dates is no date.
    Malformed,
}

/// What is known of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The first second of its validity (Unix seconds); absent where that date is unreadable.
    pub not_before: Option<i64>,
    /// The last second of its validity (Unix seconds); absent where that date is unreadable.
    pub not_after: Option<i64>,
    /// The subject as RFC 4514 writes it, bounded in length; empty where unreadable.
    pub subject: Box<str>,
    /// The issuer, in the same form.
    pub issuer: Box<str>,
    /// The serial number in upper-case hexadecimal, as `openssl x509 -serial` prints a positive one.
    pub serial: Box<str>,
    /// SHA-256 of the certificate's DER.
    pub fingerprint: [u8; 32],
    /// The DNS names of the subject alternative name, in their order, with `,` between; bounded as well.
    pub dns_names: Box<str>,
    /// Subject and issuer are the same name: a root, by its own word.
    pub self_issued: bool,
}

/// Every certificate block of a text, in its order; blocks of other kinds are skipped undecoded.
pub fn blocks(text: &[u8]) -> Vec<Block> {
    pem::certificates(text)
        .map(|der| der.map_or_else(Block::unusable, |der| Block::read(&der)))
        .collect()
}

// === impl Block ===

impl Block {
    fn unusable(defect: Defect) -> Self {
        Self {
            certificate: None,
            defect: Some(defect),
        }
    }

    fn read(der: &[u8]) -> Self {
        // Without the deep parse a broken extension costs only itself, and half of the time is saved.
        let parsed = X509CertificateParser::new()
            .with_deep_parse_extensions(false)
            .parse(der);
        if let Ok((rest, certificate)) = parsed {
            // `TRUSTED CERTIFICATE` blocks carry OpenSSL's own data behind the certificate.
            let der = &der[..der.len() - rest.len()];
            return Self {
                certificate: Some(Certificate::new(&certificate, der)),
                defect: None,
            };
        }
        let certificate = validity::salvage(der).map(|(not_before, not_after)| Certificate {
            not_before,
            not_after,
            subject: "".into(),
            issuer: "".into(),
            serial: "".into(),
            fingerprint: Sha256::digest(der).into(),
            dns_names: "".into(),
            self_issued: false,
        });
        Self {
            certificate,
            defect: Some(Defect::Malformed),
        }
    }
}

// === impl Certificate ===

impl Certificate {
    fn new(certificate: &X509Certificate<'_>, der: &[u8]) -> Self {
        Self {
            not_before: Some(certificate.validity().not_before.timestamp()),
            not_after: Some(certificate.validity().not_after.timestamp()),
            subject: bounded(name::render(certificate.subject())).into(),
            issuer: bounded(name::render(certificate.issuer())).into(),
            serial: serial(certificate.raw_serial()).into(),
            fingerprint: Sha256::digest(der).into(),
            dns_names: dns_names(certificate).into(),
            self_issued: certificate.subject().as_raw() == certificate.issuer().as_raw(),
        }
    }
}

/// The integer's bytes without the zeros that only keep it positive.
fn serial(bytes: &[u8]) -> String {
    let start = bytes
        .iter()
        .position(|&byte| byte != 0)
        .unwrap_or(bytes.len().saturating_sub(1));
    hexadecimal(&bytes[start..]).to_ascii_uppercase()
}

fn dns_names(certificate: &X509Certificate<'_>) -> String {
    let extension = certificate
        .extensions()
        .iter()
        .find(|it| it.oid == OID_X509_EXT_SUBJECT_ALT_NAME);
    let names = extension.and_then(|it| SubjectAlternativeName::from_der(it.value).ok());
    let mut text = String::new();
    for name in names.iter().flat_map(|(_, names)| &names.general_names) {
        let GeneralName::DNSName(name) = name else {
            continue;
        };
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(name);
        if text.len() > LONGEST_DNS_NAMES {
            break;
        }
    }
    cut(text, LONGEST_DNS_NAMES)
}

/// A name as it is kept: whole if it is of usual length, else its beginning and an ellipsis.
pub fn bounded(name: String) -> String {
    cut(name, LONGEST_NAME)
}

fn cut(mut text: String, longest: usize) -> String {
    const ELLIPSIS: char = '…';
    if text.len() > longest {
        text.truncate(text.floor_char_boundary(longest - ELLIPSIS.len_utf8()));
        text.push(ELLIPSIS);
    }
    text
}

/// Two lower-case digits a byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            let _ = write!(text, "{byte:02x}"); // a String never refuses
            text
        })
}
