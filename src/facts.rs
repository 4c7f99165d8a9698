//! The report of the cluster, as plain values: certificates parsed, private keys dropped.
//!
//! Facts know neither how they were fetched nor how they will be used. They are shared, never
//! changed: an object that is unchanged in the next poll is the same [`Arc`].

mod cluster_tls;
mod consumer;
mod holder;
mod issuance;
pub mod names;
mod operator;
mod service;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use self::cluster_tls::{ClusterTls, TlsProfile};
pub use self::consumer::{Consumer, Use};
pub use self::holder::{Field, Holder, MOST_BLOCKS, OLM_CA, Purpose};
pub use self::issuance::Issuance;
pub use self::operator::{Operator, Phase};
pub use self::service::Service;
use crate::object::ObjectRef;

/// Everything in a cluster, as far as it could be read.
#[derive(Debug, Default)]
pub struct Facts {
    /// Objects that hold certificates, by namespace and name.
    pub holders: Vec<Arc<Holder>>,
    /// ClusterServiceVersions that are not copies, by namespace and name.
    pub operators: Vec<Arc<Operator>>,
    /// Services, by namespace and name.
    pub services: Vec<Arc<Service>>,
    /// cert-manager's Certificates, by namespace and name.
    pub issuances: Vec<Arc<Issuance>>,
    /// Objects that need a certificate.
    pub consumers: Vec<Arc<Consumer>>,
    /// Fields that hold something unexpected.
    pub invalid_fields: Vec<Arc<InvalidField>>,
    /// True if the cluster has a ClusterVersion, as OpenShift and OKD do.
    pub is_openshift: bool,
    /// The nodes that OpenShift's etcd runs on; nothing where they are not known.
    pub etcd_nodes: Option<Arc<[Box<str>]>>,
    /// The lists that have been complete: for these, absence is evidence.
    pub known: Vec<KnownList>,
    /// The names of the lists that have not been complete, in one of their namespaces at least.
    pub unknown: BTreeSet<Arc<str>>,
}

/// A fact about an object. An object yields none, one, or several.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The object holds certificates.
    Holder(Arc<Holder>),
    /// The object is an operator.
    Operator(Arc<Operator>),
    /// The object is a Service.
    Service(Arc<Service>),
    /// The object orders a certificate.
    Issuance(Arc<Issuance>),
    /// The object needs certificates.
    Consumer(Arc<Consumer>),
    /// A field of the object cannot be used.
    InvalidField(Arc<InvalidField>),
    /// The existence of the object means that the cluster is an OpenShift or OKD.
    OpenShift,
    /// The object names the nodes that OpenShift's etcd runs on.
    EtcdNodes(Arc<[Box<str>]>),
    /// The object holds the CA of the cluster's client certificates, in PEM.
    ClientCa(Arc<str>),
    /// The object says which TLS the cluster's servers must accept.
    TlsProfile(Arc<TlsProfile>),
}

/// A field that holds something unexpected, and is treated as absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidField {
    /// The object.
    pub object: ObjectRef,
    /// The path of the field, such as `status.phase`.
    pub path: &'static str,
}

/// A list that has been complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownList {
    /// The name of the list.
    pub list: Arc<str>,
    /// The namespace it is confined to; absent for the whole cluster.
    pub namespace: Option<Arc<str>>,
}

/// The name of the list of TLS secrets.
pub const SECRETS: &str = "secrets";
/// The name of the list of ClusterServiceVersions.
pub const OPERATORS: &str = "clusterserviceversions.operators.coreos.com";
/// The name of the list of Services.
pub const SERVICES: &str = "services";
/// The name of the list of cert-manager's Certificates.
pub const ISSUANCES: &str = "certificates.cert-manager.io";

// === impl Fact ===

impl Fact {
    /// Returns whether the fact concerns serving, and no certificate of the cluster.
    pub fn is_about_serving(&self) -> bool {
        matches!(self, Self::ClientCa(_) | Self::TlsProfile(_))
    }
}

// === impl Facts ===

impl Facts {
    /// Takes up a fact about an object.
    pub fn add(&mut self, fact: Fact) {
        match fact {
            Fact::Holder(holder) => self.holders.push(holder),
            Fact::Operator(operator) => self.operators.push(operator),
            Fact::Service(service) => self.services.push(service),
            Fact::Issuance(issuance) => self.issuances.push(issuance),
            Fact::Consumer(consumer) => self.consumers.push(consumer),
            Fact::InvalidField(field) => self.invalid_fields.push(field),
            Fact::OpenShift => self.is_openshift = true,
            Fact::EtcdNodes(nodes) => self.etcd_nodes = Some(nodes),
            // Serving is not judged: see `ClusterTls`.
            Fact::ClientCa(_) | Fact::TlsProfile(_) => {}
        }
    }

    /// Returns whether a secret holds the certificate of a node on which etcd no longer runs, or that
    /// only bootstrapped the cluster. Nobody renews it, and nothing needs it.
    pub fn is_of_gone_etcd_node(&self, place: (&str, &str)) -> bool {
        let Some(known) = &self.etcd_nodes else {
            return false;
        };
        let is_known = |node: &str| known.iter().any(|known| **known == *node);
        let mut nodes = names::etcd_nodes(place).peekable();
        nodes.peek().is_some() && !nodes.any(is_known)
    }

    /// Returns whether a list has been complete wherever it is polled.
    pub fn knows_all(&self, list: &str) -> bool {
        let mut known = self.known.iter();
        known.any(|known| &*known.list == list) && !self.unknown.contains(list)
    }

    /// Returns whether a list has been complete for a namespace. Only then an object that is not in
    /// it does not exist.
    pub fn knows(&self, list: &str, namespace: &str) -> bool {
        let covers = |known: &KnownList| {
            let scope = known.namespace.as_deref();
            &*known.list == list && scope.is_none_or(|scope| scope == namespace)
        };
        self.known.iter().any(covers)
    }
}
