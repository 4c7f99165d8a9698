//! The extensions that tell which names a certificate is good for and which keys are involved. A
//! broken extension counts as absent.

use x509_parser::extensions::{
    AuthorityKeyIdentifier, BasicConstraints, GeneralName, KeyIdentifier, KeyUsage,
    SubjectAlternativeName, X509Extension,
};
use x509_parser::oid_registry::{
    OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER, OID_X509_EXT_BASIC_CONSTRAINTS, OID_X509_EXT_KEY_USAGE,
    OID_X509_EXT_SUBJECT_ALT_NAME, OID_X509_EXT_SUBJECT_KEY_IDENTIFIER, Oid,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{KeyId, cut};

/// The most bytes kept of all names: enough for the three that OLM writes, however long the names
/// of the service and the namespace are.
const LONGEST_DNS_NAMES: usize = 512;

/// Returns the DNS names of the subject alternative name, in their order, separated by commas.
pub(super) fn dns_names(certificate: &X509Certificate<'_>) -> String {
    let names: Option<SubjectAlternativeName<'_>> =
        read(certificate, &OID_X509_EXT_SUBJECT_ALT_NAME);
    let mut text = String::new();
    for name in names.iter().flat_map(|names| &names.general_names) {
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

pub(super) fn subject_key(certificate: &X509Certificate<'_>) -> Option<KeyId> {
    let id: KeyIdentifier<'_> = read(certificate, &OID_X509_EXT_SUBJECT_KEY_IDENTIFIER)?;
    Some(key_id(id.0))
}

pub(super) fn authority_key(certificate: &X509Certificate<'_>) -> Option<KeyId> {
    let id: AuthorityKeyIdentifier<'_> = read(certificate, &OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER)?;
    Some(key_id(id.key_identifier?.0))
}

/// Returns whether the basic constraints make it a CA, as they do not where they are absent; nothing
/// where they are broken.
pub(super) fn is_ca(certificate: &X509Certificate<'_>) -> Option<bool> {
    let Some(extension) = find(certificate, &OID_X509_EXT_BASIC_CONSTRAINTS) else {
        return Some(false);
    };
    let (_, constraints) = BasicConstraints::from_der(extension.value).ok()?;
    Some(constraints.ca)
}

/// Returns whether the key usage names the signing of certificates.
pub(super) fn signs_certificates(certificate: &X509Certificate<'_>) -> bool {
    let usage: Option<KeyUsage> = read(certificate, &OID_X509_EXT_KEY_USAGE);
    usage.is_some_and(|usage| usage.key_cert_sign())
}

pub(super) fn has_alternative_name(certificate: &X509Certificate<'_>) -> bool {
    find(certificate, &OID_X509_EXT_SUBJECT_ALT_NAME).is_some()
}

fn read<'a, T: FromDer<'a, x509_parser::error::X509Error>>(
    certificate: &'a X509Certificate<'_>,
    oid: &Oid<'_>,
) -> Option<T> {
    let extension = find(certificate, oid)?;
    T::from_der(extension.value).ok().map(|(_, read)| read)
}

fn find<'a, 'b>(
    certificate: &'a X509Certificate<'b>,
    oid: &Oid<'_>,
) -> Option<&'a X509Extension<'b>> {
    let mut extensions = certificate.extensions().iter();
    extensions.find(|extension| extension.oid == *oid)
}

fn key_id(bytes: &[u8]) -> KeyId {
    let mut id = KeyId::default();
    for (to, from) in id.iter_mut().zip(bytes) {
        *to = *from;
    }
    id
}
