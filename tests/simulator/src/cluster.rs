//! A simulated cluster, as a test or the demo holds it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::fault::{Fault, Injected};
use crate::resource::{Part, RESOURCES, Resource, Scope};
use crate::store::{Key, Store};

/// A cluster and its API server. Clones are the same cluster.
#[derive(Clone, Default)]
pub struct Cluster(Arc<Mutex<State>>);

#[derive(Default)]
pub(crate) struct State {
    pub(crate) store: Store,
    /// What it has beside Kubernetes itself.
    parts: BTreeSet<Part>,
    /// The token that requests must bear, if any.
    pub(crate) token: Option<String>,
    /// Whose which token is, of those that it reviews.
    pub(crate) bearers: BTreeMap<String, String>,
    /// Who may get `/metrics`.
    pub(crate) scrapers: BTreeSet<String>,
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
        self.install(Part::Olm, installed);
    }

    /// Brings cert-manager, or takes it away with all its objects.
    pub fn install_cert_manager(&self, installed: bool) {
        self.install(Part::CertManager, installed);
    }

    /// Brings the resources of OpenShift (not those of OLM), or takes them away with all their objects.
    pub fn install_openshift(&self, installed: bool) {
        self.install(Part::OpenShift, installed);
    }

    /// From now on it is that time (Unix seconds) for whatever is created.
    pub fn set_time(&self, seconds: i64) {
        self.state().store.set_time(seconds);
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

    /// Creates or replaces an object of a kind that the cluster has; nothing happens to one that is as it was.
    pub fn apply(&self, object: Value) {
        let mut state = self.state();
        let resource = state.resource(object["kind"].as_str().unwrap_or_default());
        state.store.put(key_of(resource, &object), object);
    }

    /// An object by its kind, namespace (empty if it is in none) and name.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        Some((*self.find(kind, namespace, name)?).clone())
    }

    /// Every object of a kind, in the order of a list.
    pub fn list(&self, kind: &str) -> Vec<Value> {
        let objects = self.objects(kind);
        objects.iter().map(|object| (**object).clone()).collect()
    }

    /// Changes an object; nothing happens if that leaves it as it was.
    pub fn edit(&self, kind: &str, namespace: &str, name: &str, change: impl FnOnce(&mut Value)) {
        let mut object = self
            .get(kind, namespace, name)
            .unwrap_or_else(|| panic!("there is no {kind} {namespace}/{name}"));
        change(&mut object);
        self.apply(object);
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
        let key = state.key(kind, namespace, name);
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

    /// From now on that token is that user's, for whoever asks whose it is.
    pub fn issue_token(&self, token: &str, user: &str) {
        self.state().bearers.insert(token.into(), user.into());
    }

    /// From now on that token is nobody's.
    pub fn revoke_token(&self, token: &str) {
        self.state().bearers.remove(token);
    }

    /// From now on that user may get `/metrics`.
    pub fn allow_metrics(&self, user: &str) {
        self.state().scrapers.insert(user.into());
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

    /// An object, as it is kept.
    pub(crate) fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<Arc<Value>> {
        let state = self.state();
        state.store.current(&state.key(kind, namespace, name))
    }

    /// Every object of a kind, as they are kept.
    pub(crate) fn objects(&self, kind: &str) -> Vec<Arc<Value>> {
        let state = self.state();
        let revision = state.store.revision();
        let objects = state
            .store
            .list(state.resource(kind).plural, None, revision);
        objects.map(|(_, object)| object.clone()).collect()
    }

    fn install(&self, part: Part, installed: bool) {
        let parts = &mut self.state().parts;
        if installed {
            parts.insert(part);
        } else {
            parts.remove(&part);
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0
            .lock()
            .expect("no test goes on after a panic in the simulator")
    }
}

impl State {
    /// The resources that this cluster has.
    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource> {
        let has = |part| part == Part::Kubernetes || self.parts.contains(&part);
        RESOURCES.into_iter().filter(move |it| has(it.part))
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

    fn resource(&self, kind: &str) -> Resource {
        self.resources()
            .find(|it| it.kind == kind)
            .unwrap_or_else(|| panic!("no resource has kind {kind:?}"))
    }

    fn key(&self, kind: &str, namespace: &str, name: &str) -> Key {
        Key {
            resource: self.resource(kind).plural,
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

fn key_of(resource: Resource, object: &Value) -> Key {
    let text = |field: &str| object["metadata"][field].as_str();
    let namespace = match resource.scope {
        Scope::Namespace => text("namespace").expect("such an object is in a namespace"),
        Scope::Cluster => "",
    };
    Key {
        resource: resource.plural,
        namespace: namespace.into(),
        name: text("name").expect("an object has a name").into(),
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
