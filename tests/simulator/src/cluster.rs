//! A simulated cluster, as a test or the demo holds it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::fault::{Fault, Injected};
use crate::resource::{OPERATORS, Resource, SECRETS};
use crate::store::{Key, Store};

/// A cluster and its API server. Clones are the same cluster.
#[derive(Clone, Default)]
pub struct Cluster(Arc<Mutex<State>>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) has_olm: bool,
    /// The token that requests must bear, if any.
    pub(crate) token: Option<String>,
    /// What may not be listed: a resource, in a namespace or (empty) in all.
    pub(crate) refused: BTreeSet<(String, String)>,
    pub(crate) faults: Vec<Injected>,
    pub(crate) requests: Vec<Request>,
}

/// A request that the API server got.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its path and query, percent-decoded.
    pub target: String,
    /// What it accepts.
    pub accept: String,
    /// Whether it accepts gzip.
    pub gzip: bool,
    /// Who it says it is from.
    pub user_agent: String,
    /// The status it was answered with.
    pub status: u16,
    /// The size of the answer's body as it was sent.
    pub bytes: usize,
}

impl Cluster {
    /// A cluster without OLM, and without any object.
    pub fn new() -> Self {
        Self::default()
    }

    /// A cluster with OLM, and without any object.
    pub fn with_olm() -> Self {
        let cluster = Self::default();
        cluster.install_olm(true);
        cluster
    }

    /// Brings OLM, or takes it away with all its objects.
    pub fn install_olm(&self, installed: bool) {
        self.state().has_olm = installed;
    }

    /// Makes its API server listen on a free port of loopback, in plain HTTP, until the runtime ends.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("loopback has a free port");
        let address = listener.local_addr().expect("it was just bound");
        self.serve(listener);
        address
    }

    /// Makes its API server listen there.
    pub fn serve(&self, listener: TcpListener) -> tokio::task::JoinHandle<()> {
        let router = crate::server::router(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it never ends") })
    }

    /// Creates or replaces an object of a kind that the cluster has.
    pub fn apply(&self, object: Value) {
        let mut state = self.state();
        let resource = state.resource_of(&object);
        state.store.put(key_of(resource, &object), object);
    }

    /// The same for every document of a YAML text.
    pub fn apply_yaml(&self, text: &str) {
        let objects: Vec<Value> = serde_saphyr::from_multiple(text).expect("a fixture is YAML");
        for object in objects {
            self.apply(object);
        }
    }

    /// Deletes an object by its kind, namespace and name.
    pub fn delete(&self, kind: &str, namespace: &str, name: &str) {
        assert!(
            self.try_delete(kind, namespace, name),
            "there is no {kind} {namespace}/{name}"
        );
    }

    /// The same for an object that may not be there; says whether it was.
    pub fn try_delete(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let mut state = self.state();
        let resource = state
            .resources()
            .find(|it| it.kind == kind)
            .expect("a kind that the cluster has");
        let key = Key {
            resource: resource.plural,
            namespace: namespace.into(),
            name: name.into(),
        };
        state.store.delete(&key)
    }

    /// Makes every continue token that was given out so far expire.
    pub fn compact(&self) {
        self.state().store.compact();
    }

    /// The newest revision there is.
    pub fn revision(&self) -> u64 {
        self.state().store.revision()
    }

    /// Goes back to an older revision, as if etcd was restored from a backup.
    pub fn restore(&self, revision: u64) {
        self.state().store.restore(revision);
    }

    /// From now on refuses lists of a resource in a namespace, or in all at once if that is empty.
    pub fn refuse(&self, plural: &str, namespace: &str) {
        self.state()
            .refused
            .insert((plural.into(), namespace.into()));
    }

    /// Takes a refusal back.
    pub fn allow(&self, plural: &str, namespace: &str) {
        self.state()
            .refused
            .remove(&(plural.into(), namespace.into()));
    }

    /// From now on answers only requests that bear this token.
    pub fn expect_token(&self, token: &str) {
        self.state().token = Some(token.into());
    }

    /// Makes something go wrong with so many of the requests whose path and query contain that.
    pub fn inject(&self, fault: Fault, wanted: &str, times: usize) {
        self.state().faults.push(Injected {
            fault,
            wanted: wanted.into(),
            times,
        });
    }

    /// Takes back whatever is still to go wrong.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// The requests since the last call, in the order of their answers.
    pub fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.state().requests)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0
            .lock()
            .expect("no test goes on after a panic in the simulator")
    }
}

impl State {
    /// The resources that this cluster has.
    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource> + use<> {
        [SECRETS]
            .into_iter()
            .chain(self.has_olm.then_some(OPERATORS))
    }

    /// The fault that is to happen to a request, if any.
    pub(crate) fn take_fault(&mut self, target: &str) -> Option<Fault> {
        let found = self
            .faults
            .iter_mut()
            .find(|it| it.times > 0 && target.contains(&it.wanted))?;
        found.times -= 1;
        Some(found.fault.clone())
    }

    fn resource_of(&self, object: &Value) -> Resource {
        let kind = object["kind"].as_str().unwrap_or_default();
        self.resources()
            .find(|it| it.kind == kind)
            .unwrap_or_else(|| panic!("no resource has kind {kind:?}"))
    }
}

fn key_of(resource: Resource, object: &Value) -> Key {
    let text = |field: &str| {
        object["metadata"][field]
            .as_str()
            .expect("an object has a name and a namespace")
    };
    Key {
        resource: resource.plural,
        namespace: text("namespace").into(),
        name: text("name").into(),
    }
}

/// A kubeconfig for a cluster that listens there, with a token or without.
pub fn kubeconfig(address: SocketAddr, token: Option<&str>) -> String {
    let user = token.map_or_else(|| json!({}), |token| json!({"token": token}));
    let kubeconfig = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "simulated",
        "clusters": [{"name": "simulated", "cluster": {"server": format!("http://{address}")}}],
        "users": [{"name": "simulated", "user": user}],
        "contexts": [{"name": "simulated", "context": {"cluster": "simulated", "user": "simulated"}}],
    });
    kubeconfig.to_string()
}
