//! The role of a certificate: whether it counts.

use strum::{IntoStaticStr, VariantArray};

use crate::certificate::Certificate;
use crate::facts::{Field, Purpose};

/// The role of a certificate, by its place and the certificates beside it. The name is a value of the
/// label `role`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Role {
    /// The first certificate of a serving field, presented by a server or client; in a bundle of CAs of
    /// one name, the one that expires last.
    Leaf,
    /// A certificate that a verifier may need on the way from the leaf to a root.
    Chain,
    /// A certificate that is not needed: there is a path from the leaf without it that expires no
    /// sooner.
    Unused,
    /// A self-signed certificate, as verifiers have it in their own stores.
    Root,
    /// A certificate in another field, which verifies others.
    Trust,
}

// === impl Role ===

impl Role {
    /// The name of the role.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns whether the object expires with the certificate. A root, a certificate that is not
    /// needed, and a trusted one do not count.
    pub fn counts(self) -> bool {
        matches!(self, Self::Leaf | Self::Chain)
    }

    pub(super) fn of(field: &Field, position: usize, certificate: &Certificate) -> Self {
        match field.purpose {
            Purpose::Trust => Self::Trust,
            Purpose::Serving if position == field.chain.leaf() => Self::Leaf,
            Purpose::Serving if field.chain.is_unused(position) => Self::Unused,
            Purpose::Serving if certificate.is_self_signed() => Self::Root,
            Purpose::Serving => Self::Chain,
        }
    }
}
