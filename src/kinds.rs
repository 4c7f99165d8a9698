//! The kinds of objects that are read: for each the place of its list, the right that the list
//! needs, and the facts that an object yields.
//!
//! One file for each kind, named after it. A poll and a file are read by the same functions.

mod api_server;
mod api_service;
mod cert_manager_certificate;
mod cluster_service_version;
mod cluster_version;
mod config_map;
mod custom_resource_definition;
mod etcd;
mod gateway;
mod ingress;
mod ingress_config;
mod ingress_controller;
mod references;
mod route;
mod secret;
mod selection;
mod service;
mod webhook;

use std::collections::BTreeSet;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::facts::{Fact, InvalidField};
use crate::object::Kind;
use crate::rbac::Rule;
use crate::wire::{Form, Item, Malformed};

pub use self::config_map::{CLIENT_CA, CLIENT_CA_NAMESPACE};
pub use self::selection::Condition;

/// The facts about one object. Nearly every object yields one, which is then kept in place.
pub type ObjectFacts = SmallVec<[Fact; 1]>;

/// A list of objects of one kind: its place in the API, and the meaning of its objects.
pub struct Resource {
    /// The kind of its objects.
    pub kind: Kind,
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version within the group.
    pub version: &'static str,
    /// The resource within the version.
    pub plural: &'static str,
    /// The purpose of the list, for the administrator who has to allow it.
    pub purpose: &'static str,
    /// The field selector, if the list is not of all objects.
    pub fields: Option<&'static str>,
    /// The label selector, if the list is not of all objects.
    pub labels: Option<&'static str>,
    /// The form that its items are requested in.
    pub form: Form,
    /// The number of whole objects that are requested at a time.
    pub page: u32,
    /// True if its objects are in namespaces; others need rights in the whole cluster.
    pub is_namespaced: bool,
    /// True if a cluster may lack the resource.
    pub is_optional: bool,
    read: fn(&Item<'_>, &mut ObjectFacts) -> Result<(), Malformed>,
}

/// The lists that every poll of a whole cluster reads.
pub static ALL: [&Resource; 16] = [
    &secret::SECRETS,
    &cluster_service_version::OPERATORS,
    &service::SERVICES,
    &cert_manager_certificate::CERTIFICATES,
    &api_service::API_SERVICES,
    &webhook::VALIDATING,
    &webhook::MUTATING,
    &custom_resource_definition::DEFINITIONS,
    &cluster_version::CLUSTER_VERSIONS,
    &api_server::API_SERVERS,
    &ingress_config::INGRESS_CONFIGS,
    &ingress_controller::INGRESS_CONTROLLERS,
    &etcd::ETCDS,
    &route::ROUTES,
    &ingress::INGRESSES,
    &gateway::GATEWAYS,
];

/// The verbs of polls. Even a single object is requested as the list of that name.
const LIST: &[&str] = &["list"];
const LIST_AND_WATCH: &[&str] = &["list", "watch"];

/// Returns the rights that a role must hold for the lists: those of the whole cluster, or of one
/// namespace; with watches or without.
pub fn rules(is_namespaced: bool, watch: bool) -> Vec<Rule> {
    let resources = ALL.iter();
    let resources = resources.filter(|resource| resource.is_namespaced || !is_namespaced);
    Rule::combined(resources.map(|resource| resource.rule(watch)))
}

// === impl Resource ===

impl Resource {
    /// A resource in a group and version of the API, namespaced and present in every cluster, whose
    /// objects are read whole.
    const fn new(
        kind: Kind,
        (group, version): (&'static str, &'static str),
        plural: &'static str,
        read: fn(&Item<'_>, &mut ObjectFacts) -> Result<(), Malformed>,
    ) -> Self {
        Self {
            kind,
            group,
            version,
            plural,
            purpose: "",
            fields: None,
            labels: None,
            form: Form::Json,
            page: 100,
            is_namespaced: true,
            is_optional: false,
            read,
        }
    }

    const fn purpose(self, purpose: &'static str) -> Self {
        Self { purpose, ..self }
    }

    const fn form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    const fn page(self, page: u32) -> Self {
        Self { page, ..self }
    }

    /// Confines the list to the objects that a field selector selects.
    const fn with_fields(self, selector: &'static str) -> Self {
        Self {
            fields: Some(selector),
            ..self
        }
    }

    /// Confines the list to the objects that a label selector selects.
    const fn with_labels(self, selector: &'static str) -> Self {
        Self {
            labels: Some(selector),
            ..self
        }
    }

    /// Makes the resource cluster-scoped.
    const fn cluster_scoped(self) -> Self {
        Self {
            is_namespaced: false,
            ..self
        }
    }

    /// Makes the absence of the resource no failure.
    const fn optional(self) -> Self {
        Self {
            is_optional: true,
            ..self
        }
    }

    /// The name of the list in metrics, logs and [`crate::facts::Facts::knows`]: that of the
    /// resource as `kubectl get` takes it.
    pub fn name(&self) -> Arc<str> {
        match self.group {
            "" => self.plural.into(),
            group => format!("{}.{group}", self.plural).into(),
        }
    }

    /// The right that the list needs, with watches or without.
    pub fn rule(&self, watch: bool) -> Rule {
        let name = self.fields;
        let name = name.and_then(|fields| fields.strip_prefix("metadata.name="));
        let verbs = if watch { LIST_AND_WATCH } else { LIST };
        Rule::new(self.group, self.plural, verbs)
            .with_purpose(self.purpose)
            .with_name(name)
    }

    /// Returns the resource of the objects with that `apiVersion` and `kind`, in whatever version.
    pub fn of(api_version: &str, kind: &str) -> Option<&'static Self> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let mut all = ALL.into_iter();
        all.find(|resource| resource.group == group && resource.kind.as_str() == kind)
    }

    /// The conditions of its selectors; nothing if one of them is not understood.
    pub fn conditions(&self) -> Option<Vec<Condition>> {
        Condition::all(self.fields, self.labels)
    }

    /// Returns whether the list has an object, in whatever encoding it comes: an API server selects,
    /// a file holds everything.
    ///
    /// # Errors
    /// If it is not an object of that kind.
    pub fn selects(&self, item: &Item<'_>) -> Result<bool, Malformed> {
        for condition in self.conditions().ok_or(Malformed)? {
            if !condition.is_met_by(item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads an item of the list as far as its identity.
    ///
    /// # Errors
    /// If its metadata cannot be read.
    pub fn item<'a>(&self, bytes: &'a [u8]) -> Result<Item<'a>, Malformed> {
        match self.form {
            Form::Metadata | Form::Protobuf => Item::protobuf(self.kind, bytes),
            Form::Json => Item::json(self.kind, bytes),
        }
    }

    /// Returns the facts about an object of the list, in whatever encoding it comes.
    ///
    /// # Errors
    /// If it is not an object of that kind.
    pub fn read(&self, item: &Item<'_>) -> Result<ObjectFacts, Malformed> {
        let mut facts = ObjectFacts::new();
        (self.read)(item, &mut facts)?;
        Ok(facts)
    }
}

/// Adds the fields of an object that cannot be used; each once, as an author may repeat one in a
/// list a hundred thousand times.
fn report_invalid(
    item: &Item<'_>,
    paths: impl IntoIterator<Item = &'static str>,
    facts: &mut ObjectFacts,
) {
    let paths: BTreeSet<&'static str> = paths.into_iter().collect();
    facts.extend(paths.into_iter().map(|path| {
        let object = item.object();
        Fact::InvalidField(Arc::new(InvalidField { object, path }))
    }));
}
