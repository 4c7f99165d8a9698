//! Dates, names and fingerprint of a certificate, as far as they can be read.
//!
//! The rule of this module: an odd field never loses an expiry date, and no date is ever invented.
//! A certificate that the parser refuses is walked as far as its validity, and a date that cannot
//! be read is absent. Nothing here knows Kubernetes, the current time, or what a date means.

mod chain;
mod extensions;
mod link;
mod name;
mod path;
mod pem;
mod roots;
mod salvage;

use std::fmt::Write;

use sha2::{Digest, Sha256};
use x509_parser::certificate::X509CertificateParser;
use x509_parser::error::X509Result;
use x509_parser::nom::Parser;
use x509_parser::prelude::X509Certificate;

pub use self::chain::Chain;

/// The most bytes kept of a name. Names are written by the author of an object, up to its 1 MiB;
/// real ones are under 200 bytes (RFC 5280's upper bound of most attributes is 64). A serial number,
/// too, is as long as its author likes, where RFC 5280 allows 20 bytes (section 4.1.2.2).
const LONGEST_NAME: usize = 256;

/// A certificate block of a PEM text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A certificate that the parser accepts.
    Sound(Certificate),
    /// The dates of a certificate that the parser refuses; its other fields are empty.
    Salvaged(Certificate),
    /// A block of which not even a date can be read.
    Unreadable(Defect),
}

/// The reason why a certificate block is not wholly usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// The block has a BEGIN line and no END line.
    Unterminated,
    /// The text between BEGIN and END is not base64.
    BadBase64,
    /// The base64 does not hold a certificate that the parser accepts, or one of its dates is not a
    /// date.
    Malformed,
    /// The object holds more blocks than are read of one: this block and all behind it are left
    /// out.
    LeftOut,
}

/// The fields of one certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// The first second of its validity (Unix seconds); absent where the date is unreadable.
    pub not_before: Option<i64>,
    /// The last second of its validity (Unix seconds); absent where the date is unreadable.
    pub not_after: Option<i64>,
    /// The subject in the form of RFC 4514, bounded in length; empty where unreadable.
    pub subject: Box<str>,
    /// The issuer, in the same form.
    pub issuer: Box<str>,
    /// The serial number in upper-case hexadecimal, as `openssl x509 -serial` prints a positive
    /// one; bounded in length.
    pub serial: Box<str>,
    /// SHA-256 of the certificate's DER.
    pub fingerprint: [u8; 32],
    /// The DNS names of the subject alternative name, in their order, separated by commas; bounded.
    pub dns_names: Box<str>,
    /// True if subject and issuer are the same name, as in a root.
    pub self_issued: bool,
    /// The subject key identifier.
    pub subject_key: Option<KeyId>,
    /// The authority key identifier: the key that signed the certificate.
    pub authority_key: Option<KeyId>,
}

/// The first 20 bytes of a key identifier: all of it, unless the issuer uses a method of its own
/// (RFC 5280 section 4.2.1.2); a shorter one is padded with zeros.
pub type KeyId = [u8; 20];

/// Returns whether two identifiers are those of the same key; nothing if one is absent.
fn is_same_key(one: Option<KeyId>, other: Option<KeyId>) -> Option<bool> {
    Some(one? == other?)
}

/// The time during which a certificate is valid; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// `notBefore` (Unix seconds).
    pub from: i64,
    /// `notAfter` (Unix seconds), later than `from`.
    pub until: i64,
}

/// Returns every certificate block of a PEM text, in order, each read when it is asked for; other
/// blocks are skipped undecoded.
pub fn blocks(text: &[u8]) -> impl Iterator<Item = Block> {
    pem::certificates(text).map(|der| der.map_or_else(Block::Unreadable, |der| Block::read(&der)))
}

/// Returns the certificate blocks of a text that is presented to the other side of a connection, at most
/// so many, and the part that each of them plays.
pub fn presented(text: &[u8], most: usize) -> (Vec<Block>, Chain) {
    let certificates: Vec<_> = pem::certificates(text).take(most).collect();
    let blocks = certificates.iter().map(|der| match der {
        Ok(der) => Block::read(der),
        Err(defect) => Block::Unreadable(*defect),
    });
    let readable = certificates.iter().map(|der| der.as_deref().ok());
    (blocks.collect(), Chain::of(readable))
}

// === impl Block ===

impl Block {
    /// The certificate, if at least one of its dates can be read.
    pub fn certificate(&self) -> Option<&Certificate> {
        match self {
            Self::Sound(certificate) | Self::Salvaged(certificate) => Some(certificate),
            Self::Unreadable(_) => None,
        }
    }

    /// The defect of a block that is not wholly usable.
    pub fn defect(&self) -> Option<Defect> {
        match self {
            Self::Sound(_) => None,
            Self::Salvaged(_) => Some(Defect::Malformed),
            Self::Unreadable(defect) => Some(*defect),
        }
    }

    /// Reads a certificate in DER; bytes behind it are left out.
    pub fn read(der: &[u8]) -> Self {
        if let Ok((rest, certificate)) = parse(der) {
            // `TRUSTED CERTIFICATE` blocks carry OpenSSL's own data after the certificate.
            let der = &der[..der.len() - rest.len()];
            return Self::Sound(Certificate::new(&certificate, der));
        }
        match salvage::dates(der) {
            Some((not_before, not_after)) => Self::Salvaged(Certificate {
                not_before,
                not_after,
                fingerprint: Sha256::digest(der).into(),
                ..Certificate::default()
            }),
            None => Self::Unreadable(Defect::Malformed),
        }
    }
}

/// Parses a certificate, and returns the bytes behind it as well. Without the deep parse a broken
/// extension costs only itself, and half of the time is saved.
fn parse(der: &[u8]) -> X509Result<'_, X509Certificate<'_>> {
    let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
    parser.parse(der)
}

// === impl Certificate ===

impl Certificate {
    fn new(certificate: &X509Certificate<'_>, der: &[u8]) -> Self {
        Self {
            not_before: Some(certificate.validity().not_before.timestamp()),
            not_after: Some(certificate.validity().not_after.timestamp()),
            subject: bounded(name::render(certificate.subject())).into(),
            issuer: bounded(name::render(certificate.issuer())).into(),
            serial: bounded(serial(certificate.raw_serial())).into(),
            fingerprint: Sha256::digest(der).into(),
            dns_names: extensions::dns_names(certificate).into(),
            self_issued: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            subject_key: extensions::subject_key(certificate),
            authority_key: extensions::authority_key(certificate),
        }
    }

    /// The validity; nothing where a date is unreadable, or the certificate expires before it
    /// becomes valid.
    pub fn validity(&self) -> Option<Validity> {
        Validity::new(self.not_before?, self.not_after?)
    }

    /// Returns whether it is signed with its own key, as far as its names and key identifiers say. A CA
    /// that changes its key issues certificates to itself that are not (RFC 5280 section 6.1).
    pub fn is_self_signed(&self) -> bool {
        self.self_issued && is_same_key(self.subject_key, self.authority_key) != Some(false)
    }

    /// The issuer's common name; empty if it has none.
    pub fn issuer_common_name(&self) -> &str {
        let mut attributes = self.issuer.split([',', '+']);
        attributes
            .find_map(|attribute| attribute.strip_prefix("CN="))
            .unwrap_or_default()
    }
}

// === impl Validity ===

impl Validity {
    /// The time between two dates (Unix seconds); nothing if it is empty.
    pub fn new(from: i64, until: i64) -> Option<Self> {
        (from < until).then_some(Self { from, until })
    }

    /// The length in seconds.
    pub fn length(self) -> i64 {
        // Certificates and RFC 3339 have years of four digits, so nothing here can overflow.
        self.until.saturating_sub(self.from)
    }

    /// A fraction of the length, in seconds.
    pub fn fraction(self, part: i64, whole: i64) -> i64 {
        self.length() / whole * part
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

/// Returns a name of usual length as it is, and a longer one cut, with an ellipsis.
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

/// Returns two lower-case digits for each byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            let _ = write!(text, "{byte:02x}"); // a String never refuses
            text
        })
}
