//! What shows that a certificate will not be renewed.

/// A state in which its manager does not renew a certificate, whatever it believes of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// OLM: an unfixed one is at work, and has no date to renew it at.
    RotateAtAbsent,
    /// OLM: an unfixed one is at work, and means to renew it after its end.
    RotateAtTooLate,
    /// OLM: the operator waits for requirements.
    RequirementsNotMet,
    /// OLM: the operator waits until the one it replaces can be upgraded.
    NotUpgradeable,
    /// OLM: the namespace has no operator group, too many, or one that does not fit.
    OperatorGroup,
    /// OLM: the installation goes on and on; OLM does not look at certificates meanwhile.
    Installing,
    /// OLM: the installation was given up.
    InstallFailed,
    /// OLM: no operator of the namespace has the deployment that it was made for.
    OperatorGone,
    /// OLM: the operator is there, and its secret is not.
    SecretMissing,
    /// OLM: an APIService or webhook trusts another CA.
    CaBundleDiffers,
    /// service-ca: it failed ten times, and does not try any more.
    GaveUp,
    /// service-ca: the Service does not exist.
    ServiceGone,
    /// service-ca: it was made for another Service of that name, or for one of another name.
    OtherService,
    /// service-ca: no Service asks for it.
    NotRequested,
    /// service-ca: the Service asks for it, and was never given one.
    NeverSigned,
    /// service-ca: the CA has another key by now, and this was not issued again.
    OldCa,
    /// certrotation: by its annotations it is renewed after its end.
    AnnotationsContradict,
    /// cert-manager: no Certificate asks for it.
    CertificateGone,
    /// cert-manager: its Certificate forbids renewals.
    RenewalDisabled,
    /// cert-manager: two Certificates want the same secret.
    Contested,
    /// cert-manager: its CA had ended before it was issued.
    ExpiredCa,
    /// The ingress operator never renews it.
    NeverRenewed,
}

impl Evidence {
    /// Every kind of evidence, with its name and its meaning.
    pub const ALL: [(Self, &str, &str); 22] = [
        (
            Self::RotateAtAbsent,
            "rotate_at_absent",
            "an unfixed OLM is at work, and has no date to renew it at",
        ),
        (
            Self::RotateAtTooLate,
            "rotate_at_too_late",
            "an unfixed OLM is at work, and means to renew it after its end",
        ),
        (
            Self::RequirementsNotMet,
            "requirements_not_met",
            "the operator waits for requirements, and OLM renews nothing meanwhile",
        ),
        (
            Self::NotUpgradeable,
            "not_upgradeable",
            "the operator waits for the one it replaces, and OLM renews nothing meanwhile",
        ),
        (
            Self::OperatorGroup,
            "operator_group",
            "the namespace has no operator group, too many, or one that does not fit, and OLM renews nothing meanwhile",
        ),
        (
            Self::Installing,
            "installing",
            "the installation does not come to an end, and OLM renews nothing meanwhile",
        ),
        (
            Self::InstallFailed,
            "install_failed",
            "OLM has given the installation up",
        ),
        (
            Self::OperatorGone,
            "operator_gone",
            "no operator of the namespace has the deployment that it was made for",
        ),
        (
            Self::SecretMissing,
            "secret_missing",
            "the operator is there, and its secret is not",
        ),
        (
            Self::CaBundleDiffers,
            "ca_bundle_differs",
            "an APIService or webhook of the operator trusts another CA",
        ),
        (
            Self::GaveUp,
            "gave_up",
            "service-ca failed ten times, and does not try any more",
        ),
        (
            Self::ServiceGone,
            "service_gone",
            "the Service that it was made for does not exist",
        ),
        (
            Self::OtherService,
            "other_service",
            "it was made for another Service, of that name or not",
        ),
        (
            Self::NotRequested,
            "not_requested",
            "no Service asks for it",
        ),
        (
            Self::NeverSigned,
            "never_signed",
            "the Service asks for it, and service-ca never gave it one",
        ),
        (
            Self::OldCa,
            "old_ca",
            "the service CA has another key by now, and this was not issued again",
        ),
        (
            Self::AnnotationsContradict,
            "annotations_contradict",
            "its annotations are not of this certificate, and by them it is renewed after its end",
        ),
        (
            Self::CertificateGone,
            "certificate_gone",
            "no Certificate of cert-manager asks for it",
        ),
        (
            Self::RenewalDisabled,
            "renewal_disabled",
            "its Certificate forbids renewals",
        ),
        (
            Self::Contested,
            "contested",
            "more than one Certificate wants this secret",
        ),
        (
            Self::ExpiredCa,
            "expired_ca",
            "its CA had ended before it was issued",
        ),
        (
            Self::NeverRenewed,
            "never_renewed",
            "the ingress operator never renews what it makes",
        ),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(it, _, _)| *it == self);
        found.expect("the table has all evidence").1
    }

    /// Whether it means that whoever could renew it does not exist: what is so orphaned is nobody's original.
    pub(super) fn is_orphaned(self) -> bool {
        matches!(
            self,
            Self::OperatorGone
                | Self::ServiceGone
                | Self::OtherService
                | Self::NotRequested
                | Self::CertificateGone
        )
    }
}
