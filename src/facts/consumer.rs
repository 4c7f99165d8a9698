//! Objects that fail without a certificate.

use crate::object::ObjectRef;

/// An object that cannot do its work without a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// The object.
    pub object: ObjectRef,
    /// The certificates that it needs.
    pub uses: Vec<Use>,
}

/// A certificate that a consumer needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The object that provides the certificate: the Secret that holds it, or the Service behind
    /// which it is presented.
    pub target: ObjectRef,
    /// True if requests for objects that are built into Kubernetes, such as pods, fail without it.
    pub is_vital: bool,
    /// The fingerprints of the CAs that the certificate is verified by; nothing where none is
    /// named.
    pub trusts: Option<Box<[[u8; 32]]>>,
}
