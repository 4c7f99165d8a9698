//! The managers of certificates.

use strum::{IntoStaticStr, VariantArray};

/// A manager that renews certificates, or the lack of one. The name is a value of the label
/// `manager`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Manager {
    /// The Operator Lifecycle Manager.
    Olm,
    /// OpenShift's service CA operator.
    ServiceCa,
    /// A platform operator, by library-go's certrotation.
    #[strum(serialize = "certrotation")]
    CertRotation,
    /// A platform operator, by certificate signing requests.
    Csr,
    /// cert-manager.
    CertManager,
    /// OpenShift's ingress operator, which never renews.
    IngressOperator,
    /// Another operator, by rules of its own.
    Operator,
    /// Helm, at upgrades if at all.
    Helm,
    /// The manager of the original that this is a copy of.
    Copy,
    /// No known manager.
    None,
}

impl Manager {
    /// The manager's name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns whether a secret of this manager can be the original of copies. The operators of the
    /// platform manage secrets in platform namespaces only.
    pub(super) fn manages_originals(self, is_in_platform: bool) -> bool {
        match self {
            Self::Olm | Self::ServiceCa | Self::CertManager => true,
            Self::CertRotation | Self::Csr | Self::IngressOperator => is_in_platform,
            Self::Operator | Self::Helm | Self::Copy | Self::None => false,
        }
    }
}
