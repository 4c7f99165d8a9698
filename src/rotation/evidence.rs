//! Evidence that a certificate will not be renewed.

use strum::{EnumMessage, IntoStaticStr, VariantArray};

/// A state in which the manager does not renew a certificate, whatever it reports about itself.
///
/// The name of a variant is a value of the label `reason`, its documentation the meaning that
/// people read.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumMessage, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Evidence {
    // OLM.
    /// An OLM before v0.29.0 manages the certificate and has no date to renew it at.
    RotateAtAbsent,
    /// An OLM before v0.29.0 manages the certificate and will not renew it before it expires.
    RotateAtTooLate,
    /// The operator's requirements are not met; OLM renews nothing until they are.
    RequirementsNotMet,
    /// The operator waits for its predecessor to be upgradeable; OLM renews nothing meanwhile.
    NotUpgradeable,
    /// The namespace has no suitable OperatorGroup, or several; OLM renews nothing meanwhile.
    OperatorGroup,
    /// The operator's installation does not complete; OLM renews nothing meanwhile.
    Installing,
    /// OLM gave up installing the operator.
    InstallFailed,
    /// No operator in the namespace has the deployment that the certificate was issued for.
    OperatorGone,
    /// The operator exists, but the secret with its certificate does not.
    SecretMissing,
    /// An APIService or webhook of the operator trusts a different CA.
    CaBundleDiffers,

    // service-ca.
    /// service-ca failed ten times and no longer tries.
    GaveUp,
    /// The Service that the certificate was issued for does not exist.
    ServiceGone,
    /// The certificate was issued for another Service, perhaps an earlier one of the same name.
    OtherService,
    /// No Service requests the certificate.
    NotRequested,
    /// The service CA has a new key, and the certificate was not reissued.
    OldCa,

    // certrotation.
    /// The annotations are another certificate's; by them, this one is renewed after it expires.
    AnnotationsContradict,
    /// etcd no longer runs on the node that the certificate was issued for; nothing needs it.
    NodeGone,

    // cert-manager.
    /// No cert-manager Certificate requests the certificate.
    CertificateGone,
    /// The cert-manager Certificate disables renewal.
    RenewalDisabled,
    /// The issuing CA had expired before the certificate was issued.
    ExpiredCa,

    // The ingress operator, and others.
    /// The controller that created the certificate never renews it.
    NeverRenewed,
}

impl Evidence {
    /// The name of the evidence.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The meaning of the evidence, in a sentence.
    pub fn meaning(self) -> &'static str {
        self.get_documentation().unwrap_or_default()
    }

    /// Returns whether no manager is left that could renew the certificate. An orphan has no
    /// copies.
    pub(super) fn is_orphaned(self) -> bool {
        matches!(
            self,
            Self::OperatorGone
                | Self::ServiceGone
                | Self::OtherService
                | Self::NotRequested
                | Self::NodeGone
                | Self::CertificateGone
        )
    }
}
