//! Operators that OLM manages.

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::object::ObjectRef;

/// An operator that OLM installed: a ClusterServiceVersion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The ClusterServiceVersion.
    pub object: ObjectRef,
    /// `spec.version`, or empty.
    pub version: Box<str>,
    /// `status.phase`; absent where it is none of the known phases.
    pub phase: Option<Phase>,
    /// `status.reason`, or empty.
    pub reason: Box<str>,
    /// `status.lastTransitionTime` (Unix seconds).
    pub last_transition: Option<i64>,
    /// `status.certsLastUpdated` (Unix seconds): the time at which OLM believes it issued the
    /// certificates.
    pub certs_last_updated: Option<i64>,
    /// `status.certsRotateAt` (Unix seconds): the time at which OLM believes it must renew them.
    pub certs_rotate_at: Option<i64>,
    /// The deployments that OLM issues certificates for: those of owned APIServices and of
    /// webhooks.
    pub deployments: Box<[Box<str>]>,
    /// The ClusterOperator that reports the operator (label `olm.clusteroperator.name`), or empty.
    pub cluster_operator: Box<str>,
}

/// The phases of a ClusterServiceVersion, with the names that OLM gives them
/// (operator-framework/api: `pkg/operators/v1alpha1/clusterserviceversion_types.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
pub enum Phase {
    /// Not processed yet: the empty string.
    #[strum(serialize = "")]
    None,
    /// Waiting for requirements.
    Pending,
    /// Requirements are met.
    InstallReady,
    /// Deployments are being created, or do not become ready.
    Installing,
    /// Installed and healthy, according to OLM.
    Succeeded,
    /// Broken, according to OLM.
    Failed,
    /// Declared by OLM's API, set by none of its code.
    Unknown,
    /// A newer version is being installed.
    Replacing,
    /// A newer version has been installed.
    Deleting,
}

// === impl Phase ===

impl Phase {
    /// The name of the phase. OLM's name of the first one is the empty string.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            phase => phase.into(),
        }
    }
}
