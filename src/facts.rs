//! What the cluster said, as plain values: certificates already parsed, keys already gone.
//!
//! Facts know neither how they were fetched nor what they will be used for. They are shared, never changed:
//! an object that is the same in the next poll is the same [`Arc`].

use std::sync::Arc;
use std::time::Duration;

use crate::certificate::Block;

/// Everything that is known of a cluster after a poll.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Grows whenever any secret or operator came, went or changed; never because of a list's health.
    pub revision: u64,
    /// TLS secrets, by namespace and name.
    pub secrets: Vec<Arc<Secret>>,
    /// ClusterServiceVersions that are no copies, by namespace and name.
    pub operators: Vec<Arc<Operator>>,
    /// Every list that is polled, and how it fared.
    pub lists: Vec<List>,
}

/// A secret of type `kubernetes.io/tls`, without its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its namespace.
    pub namespace: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// `Kind/name` of the object that owns it, or what `openshift.io/owning-component` says, or empty.
    pub owner: Box<str>,
    /// The data keys that hold certificates or should, by name; never `tls.key`.
    pub keys: Box<[Key]>,
}

/// A data key of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name, such as `tls.crt`, `ca.crt` or `olmCAKey`.
    pub name: Box<str>,
    /// Its certificate blocks in their order; none only in a `tls.crt` that holds something else.
    pub blocks: Box<[Block]>,
}

/// The name of the list that matters most.
pub const SECRETS: &str = "secrets";

/// The data key that the type `kubernetes.io/tls` requires to hold a certificate (and lets be empty).
pub const TLS_CRT: &str = "tls.crt";

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

/// A list that is asked of the API server in every poll.
#[derive(Clone, Debug)]
pub struct List {
    /// The resource as `kubectl get` takes it: `secrets`, `clusterserviceversions.operators.coreos.com`.
    pub resource: &'static str,
    /// The namespace it is confined to; absent for the whole cluster.
    pub namespace: Option<Arc<str>>,
    /// How its last poll ended.
    pub state: State,
    /// Objects in its last complete answer.
    pub objects: usize,
    /// When its last complete answer had arrived (Unix seconds).
    pub last_success: Option<i64>,
    /// How long its last poll took.
    pub duration: Duration,
}

/// How the last poll of a list ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It has not ended yet.
    Unread,
    /// With everything there is.
    Complete,
    /// The cluster does not have this resource: there is nothing to see, and nothing broken.
    Absent,
    /// The API server refuses it: the rule to add to a role, as one line of YAML.
    Refused(String),
    /// It failed: why, in one sentence.
    Failed(String),
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

// === impl List ===

impl List {
    /// Whether its last poll saw everything there is.
    pub fn is_up(&self) -> bool {
        matches!(self.state, State::Complete | State::Absent)
    }

    /// Whether its last poll failed in a way that may pass.
    pub fn is_in_trouble(&self) -> bool {
        matches!(self.state, State::Failed(_))
    }
}
