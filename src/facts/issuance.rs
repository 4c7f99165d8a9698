//! cert-manager's orders for certificates.

use crate::object::ObjectRef;

/// An order for a certificate: cert-manager's Certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuance {
    /// The Certificate.
    pub object: ObjectRef,
    /// The secret that the certificate is written to: `spec.secretName`.
    pub secret: Box<str>,
    /// `status.renewalTime` (Unix seconds).
    pub renewal: Option<i64>,
    /// True if `spec.renewal.policy` is `Disabled`.
    pub is_disabled: bool,
}
