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
    /// Kyverno.
    Kyverno,
    /// CloudNativePG.
    #[strum(serialize = "cloudnative-pg")]
    CloudNativePg,
    /// KubeVirt, and its Containerized Data Importer.
    #[strum(serialize = "kubevirt")]
    KubeVirt,
    /// HyperShift, for a hosted control plane.
    #[strum(serialize = "hypershift")]
    HyperShift,
    /// The hub of Open Cluster Management.
    OpenClusterManagement,
    /// KubeMacPool, or another user of kube-admission-webhook.
    #[strum(serialize = "kubemacpool")]
    KubeMacPool,
    /// Longhorn.
    Longhorn,
    /// Rancher.
    Rancher,
    /// k3s or RKE2.
    #[strum(serialize = "k3s")]
    K3s,
    /// Another user of Rancher's dynamiclistener.
    #[strum(serialize = "dynamiclistener")]
    DynamicListener,
    /// Antrea.
    Antrea,
    /// Cilium, by a cron job.
    Cilium,
    /// Grove.
    Grove,
    /// Another operator, by rules of its own.
    Operator,
    /// Somebody else, by a declaration of the owner.
    Owner,
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

    /// The manager of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        let mut all = Self::VARIANTS.iter().copied();
        all.find(|manager| manager.as_str() == name)
    }

    /// The names of all managers.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::VARIANTS.iter().map(|manager| manager.as_str())
    }

    /// Returns whether a secret of this manager can be the original of copies. The operators of the
    /// platform manage secrets in platform namespaces only.
    pub(super) fn manages_originals(self, is_in_platform: bool) -> bool {
        match self {
            Self::Olm | Self::ServiceCa | Self::CertManager => true,
            Self::CertRotation | Self::Csr | Self::IngressOperator => is_in_platform,
            _ => false,
        }
    }
}
