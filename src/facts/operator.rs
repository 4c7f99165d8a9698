//! Operators, as OLM knows them.

/// An operator as OLM installed it: a ClusterServiceVersion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// Its namespace.
    pub namespace: Box<str>,
    /// Its name, such as `packageserver`.
    pub name: Box<str>,
    /// `spec.version`, or empty.
    pub version: Box<str>,
    /// `status.phase`; absent where it is none of the known ones.
    pub phase: Option<Phase>,
    /// `status.reason`, or empty.
    pub reason: Box<str>,
    /// `status.lastTransitionTime` (Unix seconds).
    pub last_transition: Option<i64>,
    /// `status.certsLastUpdated` (Unix seconds): when OLM believes that it made its certificates.
    pub certs_last_updated: Option<i64>,
    /// `status.certsRotateAt` (Unix seconds): when OLM believes that it must renew them.
    pub certs_rotate_at: Option<i64>,
    /// The deployments that OLM makes certificates for: those of owned APIServices and of webhooks.
    pub deployments: Box<[Box<str>]>,
    /// The ClusterOperator that reports it (label `olm.clusteroperator.name`), or empty.
    pub cluster_operator: Box<str>,
    /// The fields that could not be understood, by path (`status.phase`).
    pub strange: Vec<&'static str>,
}

/// The phases of a ClusterServiceVersion (operator-framework/api:
/// `pkg/operators/v1alpha1/clusterserviceversion_types.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No phase yet: the empty string.
    None,
    /// Waiting for requirements.
    Pending,
    /// Requirements are met.
    InstallReady,
    /// Deployments are being made, or do not become ready.
    Installing,
    /// All is well, by OLM's word.
    Succeeded,
    /// Something is wrong, by OLM's word.
    Failed,
    /// Declared by OLM's API, set by no code of it.
    Unknown,
    /// A newer version is being installed.
    Replacing,
    /// A newer version has been installed.
    Deleting,
}

// === impl Phase ===

impl Phase {
    /// Every phase with the name that OLM gives it.
    pub const ALL: [(&str, Self); 9] = [
        ("", Self::None),
        ("Pending", Self::Pending),
        ("InstallReady", Self::InstallReady),
        ("Installing", Self::Installing),
        ("Succeeded", Self::Succeeded),
        ("Failed", Self::Failed),
        ("Unknown", Self::Unknown),
        ("Replacing", Self::Replacing),
        ("Deleting", Self::Deleting),
    ];
}
