//! The resources that are polled: one file each for where it is, which of it, and what it means.

mod api_server;
mod api_service;
mod client_ca;
mod consumer;
mod crd;
mod ingress;
mod ingress_controller;
mod issued;
mod operator;
mod platform;
mod route;
mod secret;
mod service;
mod webhook;

use std::sync::Arc;

use kube::core::params::ListParams;

use super::body::Form;
use super::json;
use super::object::{Identity, Malformed};
use super::protobuf;
use crate::facts::{ClusterTls, Consumer, Facts, Issued, Operator, Secret, Service, TlsProfile};

pub(super) use self::client_ca::{CLIENT_CA, NAMESPACE as CLIENT_CA_NAMESPACE};

/// What a poll has to know of a resource.
pub(super) struct Resource {
    /// As `kubectl get` takes it.
    pub(super) name: &'static str,
    /// `""` for the core group.
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) plural: &'static str,
    /// What its list is good for, to whoever has to allow it.
    pub(super) purpose: &'static str,
    /// Which of its objects.
    pub(super) fields: Option<&'static str>,
    pub(super) labels: Option<&'static str>,
    /// What its values come as.
    pub(super) form: Form,
    /// How many values to ask for at a time.
    pub(super) page: u32,
    /// Whether its objects are in namespaces; those that are not can only be seen by who may see them all.
    pub(super) is_namespaced: bool,
    /// Whether a cluster may be without it.
    pub(super) is_optional: bool,
    /// What an object means.
    pub(super) decode: fn(&[u8]) -> Result<Fact, Malformed>,
}

/// An object that was decoded.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fact {
    Secret(Arc<Secret>),
    Operator(Arc<Operator>),
    Service(Arc<Service>),
    Issued(Arc<Issued>),
    Consumer(Arc<Consumer>),
    OpenShift,
    /// The consumer that an API server's configuration is, and the TLS that it asks for.
    ApiServer(Arc<Consumer>, Arc<TlsProfile>),
    /// The CA of client certificates, if there is one.
    ClientCa(Option<Arc<str>>),
}

/// All of them.
pub(super) static TABLE: [&Resource; 13] = [
    &secret::SECRETS,
    &operator::OPERATORS,
    &service::SERVICES,
    &issued::CERTIFICATES,
    &api_service::API_SERVICES,
    &webhook::VALIDATING,
    &webhook::MUTATING,
    &crd::DEFINITIONS,
    &platform::CLUSTER_VERSIONS,
    &api_server::API_SERVERS,
    &ingress::INGRESSES,
    &ingress_controller::INGRESS_CONTROLLERS,
    &route::ROUTES,
];

// === impl Fact ===

impl Fact {
    /// Adds it to the facts, or to the TLS settings that the cluster publishes.
    pub(super) fn put(&self, facts: &mut Facts, cluster_tls: &mut ClusterTls) {
        match self {
            Self::Secret(it) => facts.secrets.push(it.clone()),
            Self::Operator(it) => facts.operators.push(it.clone()),
            Self::Service(it) => facts.services.push(it.clone()),
            Self::Issued(it) => facts.issued.push(it.clone()),
            Self::Consumer(it) => facts.consumers.push(it.clone()),
            Self::OpenShift => facts.is_openshift = true,
            Self::ApiServer(consumer, profile) => {
                facts.consumers.push(consumer.clone());
                cluster_tls.profile = Some(profile.clone());
            }
            Self::ClientCa(pem) => cluster_tls.client_ca.clone_from(pem),
        }
    }
}

// === impl Resource ===

impl Resource {
    /// The path of its list, in one namespace or all.
    pub(super) fn path(&self, namespace: Option<&str>) -> String {
        let Self {
            group,
            version,
            plural,
            ..
        } = self;
        let root = if group.is_empty() {
            format!("/api/{version}")
        } else {
            format!("/apis/{group}/{version}")
        };
        match namespace {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}"),
            None => format!("{root}/{plural}"),
        }
    }

    /// The query that selects its objects, or the one of that name.
    pub(super) fn query(&self, name: Option<&str>) -> ListParams {
        let name = name.map(|name| format!("metadata.name={name}"));
        let fields: Vec<&str> = name.as_deref().into_iter().chain(self.fields).collect();
        ListParams {
            field_selector: Some(fields.join(",")).filter(|fields| !fields.is_empty()),
            label_selector: self.labels.map(str::to_owned),
            ..ListParams::default()
        }
    }

    /// Who one of its values is.
    pub(super) fn identity<'a>(&self, item: &'a [u8]) -> Result<Identity<'a>, Malformed> {
        match self.form {
            Form::Json => json::identity(item),
            Form::Protobuf | Form::Metadata => protobuf::identity(item),
        }
    }
}
