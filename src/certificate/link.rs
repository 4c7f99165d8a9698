//! The fields of a certificate by which a verifier finds its issuer.

use x509_parser::prelude::X509Certificate;
use x509_parser::x509::{X509Name, X509Version};

use super::{KeyId, extensions, is_same_key, name, parse, roots};

/// The connections of one certificate to others, and its expiry.
pub(super) struct Link {
    subject: String,
    issuer: String,
    public_key: Box<[u8]>,
    subject_key: Option<KeyId>,
    authority_key: Option<KeyId>,
    /// The last second of its validity (Unix seconds).
    pub(super) not_after: i64,
    /// True if it is signed with its own key.
    pub(super) is_self_signed: bool,
    /// True if its name and key are those of a public root.
    pub(super) is_public_root: bool,
    /// The use that its extensions name.
    usage: Usage,
    /// True if it is for a server or a person, with a subject alternative name.
    pub(super) is_named: bool,
}

/// The use of a certificate by its extensions (RFC 5280 sections 4.2.1.3 and 4.2.1.9).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Usage {
    /// A CA, which signs other certificates.
    Authority,
    /// Not a CA.
    EndEntity,
    /// Not named, as in version 1, or a CA without a key usage.
    Unclear,
}

// === impl Link ===

impl Link {
    /// Reads a certificate (DER); nothing if the parser refuses it.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = parse(der).ok()?;
        let (subject, issuer) = (certificate.subject(), certificate.issuer());
        let public_key = certificate.public_key();
        let subject_key = extensions::subject_key(&certificate);
        let authority_key = extensions::authority_key(&certificate);
        Some(Self {
            subject: comparable(subject),
            issuer: comparable(issuer),
            public_key: public_key.raw.into(),
            subject_key,
            authority_key,
            not_after: certificate.validity().not_after.timestamp(),
            is_self_signed: subject.as_raw() == issuer.as_raw()
                && is_same_key(subject_key, authority_key) != Some(false),
            is_public_root: roots::is_public(subject.as_raw(), public_key.raw),
            usage: Usage::of(&certificate),
            is_named: extensions::has_alternative_name(&certificate),
        })
    }

    /// Returns whether a verifier can have it in its own store, and needs no issuer for it.
    pub(super) fn is_root(&self) -> bool {
        self.is_self_signed || self.is_public_root
    }

    pub(super) fn is_authority(&self) -> bool {
        self.usage == Usage::Authority
    }

    pub(super) fn is_end_entity(&self) -> bool {
        self.usage == Usage::EndEntity
    }

    /// Returns whether both have the same subject.
    pub(super) fn is_namesake_of(&self, other: &Self) -> bool {
        self.subject == other.subject
    }

    /// Returns whether both have the same subject and public key, as a certificate has with its renewal,
    /// and a root with its signature by another one.
    pub(super) fn is_same_authority_as(&self, other: &Self) -> bool {
        self.is_namesake_of(other) && self.has_same_key_as(other)
    }

    pub(super) fn has_same_key_as(&self, other: &Self) -> bool {
        self.public_key == other.public_key
    }

    /// Returns whether its name is that of the issuer of another certificate.
    pub(super) fn is_named_as_issuer_of(&self, other: &Self) -> bool {
        self.subject == other.issuer
    }

    /// Returns whether its key is the one that another certificate says it was signed with; nothing if
    /// one of the two does not say.
    pub(super) fn has_signed(&self, other: &Self) -> Option<bool> {
        is_same_key(self.subject_key, other.authority_key)
    }
}

// === impl Usage ===

impl Usage {
    fn of(certificate: &X509Certificate<'_>) -> Self {
        match extensions::is_ca(certificate) {
            Some(true) if extensions::signs_certificates(certificate) => Self::Authority,
            Some(false) if certificate.version() == X509Version::V3 => Self::EndEntity,
            _ => Self::Unclear,
        }
    }
}

/// Returns a name in a form that is equal for the names that some verifier takes for equal: without
/// regard to string types, case and blanks (RFC 5280 section 7.1).
fn comparable(name: &X509Name<'_>) -> String {
    let mut text = name::render(name).to_lowercase();
    text.retain(|char| !char.is_whitespace() && char != '\\');
    text
}
