//! The state of a simulated API server: objects, access, faults, and the requests so far.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::fault::{Fault, Injected};
use crate::resource::{Part, RESOURCES, Resource, Scope};
use crate::store::{Key, Store};

/// The state of a simulated API server.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) store: Store,
    /// The parts that are installed beside Kubernetes itself.
    pub(crate) parts: BTreeSet<Part>,
    /// The token that requests must bear, if any.
    pub(crate) token: Option<String>,
    /// The user of every request, if it is not notafter's service account.
    pub(crate) user: Option<String>,
    /// The user of every token that token reviews accept.
    pub(crate) bearers: BTreeMap<String, String>,
    /// The users that may get `/metrics`.
    pub(crate) scrapers: BTreeSet<String>,
    /// The lists that are forbidden: a resource, in a namespace or (empty) in all.
    pub(crate) refused: BTreeSet<(String, String)>,
    /// The watches that are forbidden, as `refused` has the lists.
    pub(crate) refused_watches: BTreeSet<(String, String)>,
    pub(crate) is_unreachable: bool,
    pub(crate) refused_connections: usize,
    pub(crate) faults: Vec<Injected>,
    pub(crate) requests: Vec<Request>,
    /// The number of answers that are being sent piece by piece.
    pub(crate) streams: usize,
}

/// A request that the API server received.
#[derive(Clone, Debug)]
pub struct Request {
    /// Path and query, percent-decoded.
    pub target: String,
    /// The `Accept` header.
    pub accept: String,
    /// True if the client accepts gzip.
    pub gzip: bool,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// The status of the answer.
    pub status: u16,
    /// The size of the answer's body on the wire; 0 with a fault.
    pub bytes: usize,
}

impl State {
    /// The resources that this cluster has.
    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource> {
        let has = |part| part == Part::Kubernetes || self.parts.contains(&part);
        RESOURCES
            .into_iter()
            .filter(move |resource| has(resource.part))
    }

    /// The fault that is to happen to a request, if any.
    pub(crate) fn take_fault(&mut self, target: &str) -> Option<Fault> {
        let found = self
            .faults
            .iter_mut()
            .find(|fault| fault.times > 0 && target.contains(&fault.wanted))?;
        found.times -= 1;
        Some(found.fault.clone())
    }

    /// Returns whether a connection is refused; counts it.
    pub(crate) fn refuse_connection(&mut self) -> bool {
        self.refused_connections += usize::from(self.is_unreachable);
        self.is_unreachable
    }

    /// The resource of a kind that the cluster has, as `find_resource` takes it.
    pub(crate) fn resource(&self, kind: &str) -> Resource {
        self.find_resource(kind)
            .unwrap_or_else(|| panic!("no resource has kind {kind:?}"))
    }

    /// The resource of a kind; where two groups have the same kind, of `Kind.group`.
    pub(crate) fn find_resource(&self, kind: &str) -> Option<Resource> {
        let is_named = |resource: &Resource| match kind.split_once('.') {
            Some((kind, group)) => (resource.kind, resource.group) == (kind, group),
            None => resource.kind == kind,
        };
        self.resources().find(is_named)
    }

    /// The resource that an object belongs to.
    pub(crate) fn resource_of(&self, object: &Value) -> Resource {
        let text = |field: &str| object[field].as_str().unwrap_or_default();
        let (kind, version) = (text("kind"), text("apiVersion"));
        self.resources()
            .find(|resource| resource.kind == kind && resource.api_version() == version)
            .unwrap_or_else(|| self.resource(kind))
    }

    pub(crate) fn key(&self, kind: &str, namespace: &str, name: &str) -> Key {
        Key {
            resource: self.resource(kind).name(),
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

/// The place of an object.
pub(crate) fn key_of(resource: Resource, object: &Value) -> Key {
    let text = |field: &str| object["metadata"][field].as_str();
    let namespace = match resource.scope {
        Scope::Namespace => text("namespace").expect("such an object is in a namespace"),
        Scope::Cluster => "",
    };
    Key {
        resource: resource.name(),
        namespace: namespace.into(),
        name: text("name").expect("an object has a name").into(),
    }
}
