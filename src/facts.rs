//! What the cluster said, as plain values: certificates already parsed, keys already gone.
//!
//! Facts know neither how they were fetched nor what they will be used for. They are shared, never changed:
//! an object that is the same in the next poll is the same [`Arc`].

mod cluster_tls;
mod consumer;
pub mod mark;
mod operator;
mod secret;

use std::sync::Arc;
use std::time::Duration;

pub use self::cluster_tls::{ClusterTls, TlsProfile};
pub use self::consumer::{Consumer, Target, Use};
pub use self::mark::Marks;
pub use self::operator::{Operator, Phase};
pub use self::secret::{Key, Secret, TLS_CRT};

/// What is known of a cluster after a poll.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// What is in it; the same [`Arc`] as before if nothing has changed.
    pub facts: Arc<Facts>,
    /// Every list that is polled, and how it fared.
    pub lists: Vec<List>,
}

/// Everything that is in a cluster, as far as it could be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// TLS secrets, by namespace and name.
    pub secrets: Vec<Arc<Secret>>,
    /// ClusterServiceVersions that are no copies, by namespace and name.
    pub operators: Vec<Arc<Operator>>,
    /// Services, by namespace and name.
    pub services: Vec<Arc<Service>>,
    /// Certificates of cert-manager, by namespace and name.
    pub issued: Vec<Arc<Issued>>,
    /// Whatever names a certificate that it needs.
    pub consumers: Vec<Arc<Consumer>>,
    /// Whether the cluster has a ClusterVersion, as OpenShift and OKD do.
    pub is_openshift: bool,
    /// The lists of resources that the cluster has and that have been complete, by resource and namespace.
    pub known: Vec<(&'static str, Option<Arc<str>>)>,
}

/// The name of the list that matters most.
pub const SECRETS: &str = "secrets";

/// The names of other lists whose silence is no evidence as long as they have not been read.
pub const OPERATORS: &str = "clusterserviceversions.operators.coreos.com";
/// The same.
pub const SERVICES: &str = "services";
/// The same.
pub const ISSUED: &str = "certificates.cert-manager.io";

/// A Service, which may ask service-ca for a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its namespace.
    pub namespace: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Its uid.
    pub uid: Box<str>,
    /// What its annotations say.
    pub marks: Marks,
}

/// What cert-manager is asked to issue: its Certificate, which is no certificate yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issued {
    /// Its namespace.
    pub namespace: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// The secret that it is put into: `spec.secretName`.
    pub secret: Box<str>,
    /// `status.renewalTime` (Unix seconds).
    pub renewal: Option<i64>,
    /// Whether `spec.renewal.policy` is `Disabled`.
    pub is_disabled: bool,
    /// The fields that could not be understood, by path (`status.renewalTime`).
    pub strange: Vec<&'static str>,
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

// === impl Facts ===

impl Facts {
    /// Whether the list of a resource has been complete where a namespace is concerned; only then something that is
    /// not in it is not there.
    pub fn knows(&self, resource: &str, namespace: &str) -> bool {
        self.known.iter().any(|(known, scope)| {
            *known == resource && scope.as_deref().is_none_or(|it| it == namespace)
        })
    }
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
