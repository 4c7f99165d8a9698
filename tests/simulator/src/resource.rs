//! The resources that the simulated API server has.

use self::Part::{CertManager, Kubernetes, Olm, OpenShift};
use self::Scope::{Cluster, Namespace};

/// A resource of the API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource {
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) scope: Scope,
    pub(crate) part: Part,
}

/// The scope of a resource: its objects are in namespaces, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Namespace,
    Cluster,
}

/// The part of a cluster that brings a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Kubernetes,
    Olm,
    CertManager,
    OpenShift,
}

const ADMISSION: &str = "admissionregistration.k8s.io";
const CONFIG: &str = "config.openshift.io";

/// Every resource that a simulated cluster can have.
pub(crate) const RESOURCES: [Resource; 17] = [
    Resource::new("", ("v1", "secrets"), "Secret", Namespace, Kubernetes),
    Resource::new("", ("v1", "services"), "Service", Namespace, Kubernetes),
    Resource::new("", ("v1", "configmaps"), "ConfigMap", Namespace, Kubernetes),
    Resource::new(
        "apiregistration.k8s.io",
        ("v1", "apiservices"),
        "APIService",
        Cluster,
        Kubernetes,
    ),
    Resource::new(
        ADMISSION,
        ("v1", "validatingwebhookconfigurations"),
        "ValidatingWebhookConfiguration",
        Cluster,
        Kubernetes,
    ),
    Resource::new(
        ADMISSION,
        ("v1", "mutatingwebhookconfigurations"),
        "MutatingWebhookConfiguration",
        Cluster,
        Kubernetes,
    ),
    Resource::new(
        "apiextensions.k8s.io",
        ("v1", "customresourcedefinitions"),
        "CustomResourceDefinition",
        Cluster,
        Kubernetes,
    ),
    Resource::new(
        "networking.k8s.io",
        ("v1", "ingresses"),
        "Ingress",
        Namespace,
        Kubernetes,
    ),
    Resource::new(
        "gateway.networking.k8s.io",
        ("v1", "gateways"),
        "Gateway",
        Namespace,
        OpenShift,
    ),
    Resource::new(
        "operators.coreos.com",
        ("v1alpha1", "clusterserviceversions"),
        "ClusterServiceVersion",
        Namespace,
        Olm,
    ),
    Resource::new(
        "cert-manager.io",
        ("v1", "certificates"),
        "Certificate",
        Namespace,
        CertManager,
    ),
    Resource::new(
        CONFIG,
        ("v1", "clusterversions"),
        "ClusterVersion",
        Cluster,
        OpenShift,
    ),
    Resource::new(
        CONFIG,
        ("v1", "apiservers"),
        "APIServer",
        Cluster,
        OpenShift,
    ),
    Resource::new(CONFIG, ("v1", "ingresses"), "Ingress", Cluster, OpenShift),
    Resource::new(
        "operator.openshift.io",
        ("v1", "etcds"),
        "Etcd",
        Cluster,
        OpenShift,
    ),
    Resource::new(
        "operator.openshift.io",
        ("v1", "ingresscontrollers"),
        "IngressController",
        Namespace,
        OpenShift,
    ),
    Resource::new(
        "route.openshift.io",
        ("v1", "routes"),
        "Route",
        Namespace,
        OpenShift,
    ),
];

impl Resource {
    /// Returns a resource; version and plural are a pair.
    const fn new(
        group: &'static str,
        (version, plural): (&'static str, &'static str),
        kind: &'static str,
        scope: Scope,
        part: Part,
    ) -> Self {
        Self {
            group,
            version,
            plural,
            kind,
            scope,
            part,
        }
    }

    /// The name that tells it from every other: its plural, with the group where two have the same.
    pub(crate) fn name(&self) -> &'static str {
        match (self.group, self.plural) {
            (CONFIG, "ingresses") => "ingresses.config.openshift.io",
            (_, plural) => plural,
        }
    }

    /// Returns whether a resource is custom: not served in protobuf, and with fewer field labels.
    pub(crate) fn is_custom(&self) -> bool {
        self.part != Kubernetes
    }

    /// Returns `group/version`, or the version alone for the core group.
    pub(crate) fn api_version(&self) -> String {
        let Self { group, version, .. } = self;
        if group.is_empty() {
            (*version).into()
        } else {
            format!("{group}/{version}")
        }
    }
}
