//! The public roots: the CAs whose keys verifiers have in their own stores.

use webpki_roots::TLS_SERVER_ROOTS;
use x509_parser::asn1_rs::{Any, FromDer};

/// Returns whether a subject and a public key (each its whole DER) are those of a root that Mozilla
/// trusts for TLS servers. A certificate of that name and key, whichever CA signed it, certifies what a
/// verifier with that root knows already.
pub(super) fn is_public(subject: &[u8], public_key: &[u8]) -> bool {
    // The list has both without the header of the outer sequence (rustls-pki-types: `TrustAnchor`).
    let (Some(subject), Some(public_key)) = (content(subject), content(public_key)) else {
        return false;
    };
    TLS_SERVER_ROOTS.iter().any(|root| {
        root.subject.as_ref() == subject && root.subject_public_key_info.as_ref() == public_key
    })
}

fn content(der: &[u8]) -> Option<&[u8]> {
    Any::from_der(der).ok().map(|(_, element)| element.data)
}
