//! A certificate's dates, names and fingerprint, as far as they can be read.
//!
//! The rule of this room: a strange field never loses an expiry date, and no date is ever invented. So a
//! certificate that the parser refuses is walked as far as its validity, and a date that is no date is
//! absent. Nothing here knows Kubernetes, the time now, or what a date means to anybody.

mod extensions;
mod name;
mod pem;
mod validity;

use std::fmt::Write;

use sha2::{Digest, Sha256};
use x509_parser::certificate::X509CertificateParser;
use x509_parser::nom::Parser;
use x509_parser::prelude::X509Certificate;

/// The most bytes that are kept of a name. Names are written by whoever may write an object, up to its 1 MiB;
/// real ones are under 200 bytes (RFC 5280's upper bound of most attributes is 64).
const LONGEST_NAME: usize = 256;

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Its own key, as its subject key identifier has it.
    pub subject_key: Option<KeyId>,
    /// The key that signed it, as its authority key identifier has it.
    pub authority_key: Option<KeyId>,
}

/// The first 20 bytes of a key identifier: all of it, unless its issuer has a method of its own (RFC 5280
/// section 4.2.1.2); zeros behind a shorter one.
pub type KeyId = [u8; 20];

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
            fingerprint: Sha256::digest(der).into(),
            ..Certificate::default()
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
            dns_names: extensions::dns_names(certificate).into(),
            self_issued: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            subject_key: extensions::subject_key(certificate),
            authority_key: extensions::authority_key(certificate),
        }
    }

    /// The issuer's common name; empty if it has none.
    pub fn issuer_common_name(&self) -> &str {
        let mut attributes = self.issuer.split([',', '+']);
        attributes
            .find_map(|attribute| attribute.strip_prefix("CN="))
            .unwrap_or_default()
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
