//! Kubernetes objects as every module names them: kind, namespace, name, and the metadata that
//! tells how a certificate is managed.

pub mod marks;

use std::fmt;

use strum::{IntoStaticStr, VariantArray};

pub use self::marks::{Mark, Marks};
use crate::certificate::bounded;

/// The kinds of objects that hold, use, or manage certificates. Declared in the order of their
/// names, so that sorting by kind sorts by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
pub enum Kind {
    /// OpenShift's configuration of the API server (`config.openshift.io`).
    #[strum(serialize = "APIServer")]
    ApiServer,
    /// An API that is served by another server (`apiregistration.k8s.io`).
    #[strum(serialize = "APIService")]
    ApiService,
    /// cert-manager's order for a certificate (`cert-manager.io`).
    Certificate,
    /// OpenShift's report about a platform component (`config.openshift.io`).
    ClusterOperator,
    /// An operator installed by OLM (`operators.coreos.com`).
    ClusterServiceVersion,
    /// The object that only OpenShift and OKD have (`config.openshift.io`).
    ClusterVersion,
    /// A ConfigMap.
    ConfigMap,
    /// The definition of a custom resource (`apiextensions.k8s.io`).
    CustomResourceDefinition,
    /// OpenShift's etcd (`operator.openshift.io`).
    Etcd,
    /// A file of certificates, in PEM or DER; its name is its path, and it is of no cluster.
    File,
    /// A Gateway (`gateway.networking.k8s.io`).
    Gateway,
    /// An Ingress (`networking.k8s.io`).
    Ingress,
    /// OpenShift's configuration of the default routes (`config.openshift.io`).
    #[strum(serialize = "Ingress")]
    IngressConfig,
    /// A set of OpenShift's routers (`operator.openshift.io`).
    IngressController,
    /// A kubeconfig; its name is its path, and it is of no cluster.
    Kubeconfig,
    /// Webhooks that change objects (`admissionregistration.k8s.io`).
    MutatingWebhookConfiguration,
    /// A Route (`route.openshift.io`).
    Route,
    /// A Secret.
    Secret,
    /// A Service.
    Service,
    /// Webhooks that accept or reject objects (`admissionregistration.k8s.io`).
    ValidatingWebhookConfiguration,
}

/// The identity of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// The kind.
    pub kind: Kind,
    /// The namespace; empty for a cluster-scoped object.
    pub namespace: Box<str>,
    /// The name.
    pub name: Box<str>,
}

/// The metadata of an object, as far as it tells how a certificate is managed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// `creationTimestamp` (Unix seconds, by the API server's clock); 0 if absent.
    pub created: i64,
    /// The first owners, each as `Kind/name`. The API server checks neither.
    pub owners: Box<[Box<str>]>,
    /// Labels and annotations of certificate managers.
    pub marks: Marks,
    /// The labels that selectors name; empty where none does.
    pub labels: Box<[Label]>,
}

/// A label of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The key.
    pub key: Box<str>,
    /// The value; may be empty.
    pub value: Box<str>,
}

// === impl Kind ===

impl Kind {
    /// The kind's name, as in manifests.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The data key or field path that holds the certificate which an object of this kind serves.
    /// Of the kinds that are read today only Secrets have one (kubernetes/api: core/v1/types.go,
    /// `TLSCertKey`).
    pub fn leaf_path(self) -> &'static str {
        match self {
            Self::Secret => "tls.crt",
            _ => "",
        }
    }
}

// === impl ObjectRef ===

impl ObjectRef {
    /// An object of that kind, namespace and name.
    pub fn new(kind: Kind, namespace: impl Into<Box<str>>, name: impl Into<Box<str>>) -> Self {
        Self {
            kind,
            namespace: namespace.into(),
            name: name.into(),
        }
    }

    /// Namespace and name, to look objects of one kind up by.
    pub fn place(&self) -> (&str, &str) {
        (&self.namespace, &self.name)
    }

    /// `Kind/name`, or `Kind/namespace/name` for an object of another namespace than the reader's.
    pub fn seen_from(&self, namespace: &str) -> String {
        let kind = self.kind.as_str();
        if self.namespace.is_empty() || *self.namespace == *namespace {
            format!("{kind}/{}", self.name)
        } else {
            format!("{kind}/{}/{}", self.namespace, self.name)
        }
    }
}

impl fmt::Display for ObjectRef {
    /// Writes `namespace/name`, or the name alone of an object without a namespace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.namespace.is_empty() {
            write!(f, "{}/", self.namespace)?;
        }
        f.write_str(&self.name)
    }
}

// === impl Label ===

impl Label {
    /// A label; its value is bounded, since a file may hold any.
    pub fn new(key: &str, value: String) -> Self {
        Self {
            key: key.into(),
            value: bounded(value).into(),
        }
    }
}

// === impl Meta ===

impl Meta {
    /// Returns whether one of the owners is of that kind.
    pub fn is_owned_by(&self, kind: &str) -> bool {
        let is_kind = |owner: &str| owner.split_once('/').is_some_and(|(of, _)| of == kind);
        self.owners.iter().any(|owner| is_kind(owner))
    }

    /// Returns whether the object has that label, as far as labels are kept.
    pub fn has_label(&self, label: &Label) -> bool {
        self.labels.contains(label)
    }

    /// `Kind/name` of the first owner, else the platform component that owns the object, else
    /// empty.
    pub fn owner(&self) -> &str {
        match self.owners.first() {
            Some(owner) => owner,
            None => self.marks.get(Mark::OwningComponent).unwrap_or_default(),
        }
    }
}
