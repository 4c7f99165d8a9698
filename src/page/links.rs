//! URLs, relative to the overview.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::object::ObjectRef;
use crate::urgency::Urgency;

/// Everything but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The URL of the page about an object; nothing where a browser would read its name as a folder
/// (RFC 3986, section 5.2.4), as no real name is.
pub(super) fn secret(object: &ObjectRef) -> Option<String> {
    let (namespace, name) = object.place();
    let is_folder = |part: &str| matches!(part, "" | "." | "..");
    if is_folder(namespace) || is_folder(name) {
        return None;
    }
    let encoded = |part| utf8_percent_encode(part, RESERVED);
    Some(format!("secrets/{}/{}", encoded(namespace), encoded(name)))
}

/// The name of the runbook about an urgency.
pub(super) fn runbook(urgency: Urgency) -> Option<&'static str> {
    match urgency {
        Urgency::Expired => Some("CertificateExpired"),
        Urgency::NotYetValid => Some("CertificateNotYetValid"),
        Urgency::Imminent => Some("CertificateExpiryImminent"),
        Urgency::Blocked => Some("CertificateRotationBlocked"),
        Urgency::Overdue => Some("CertificateRenewalOverdue"),
        Urgency::Soon => Some("CertificateExpiresSoon"),
        Urgency::Ok | Urgency::Unknown => None,
    }
}
