//! A simulated cluster, as tests and the demo use it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::fault::{Fault, Injected};
use crate::resource::Part;
use crate::state::{Request, State, key_of};

/// A cluster and its API server. Clones are the same cluster.
#[derive(Clone, Default)]
pub struct Cluster(Arc<Mutex<State>>);

impl Cluster {
    /// Returns a cluster without OLM and without objects.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a cluster with OLM and without objects.
    pub fn with_olm() -> Self {
        let cluster = Self::default();
        cluster.install_olm(true);
        cluster
    }

    /// Returns another cluster with the same objects, without faults, and with all rights.
    #[must_use]
    pub fn copy(&self) -> Self {
        let state = self.state();
        let copy = State {
            store: state.store.present(),
            parts: state.parts.clone(),
            ..State::default()
        };
        Self(Arc::new(Mutex::new(copy)))
    }

    /// Installs OLM, or removes it with all its objects.
    pub fn install_olm(&self, installed: bool) {
        self.install(Part::Olm, installed);
    }

    /// Installs cert-manager, or removes it with all its objects.
    pub fn install_cert_manager(&self, installed: bool) {
        self.install(Part::CertManager, installed);
    }

    /// Installs the resources of OpenShift (not those of OLM), or removes them with all their
    /// objects.
    pub fn install_openshift(&self, installed: bool) {
        self.install(Part::OpenShift, installed);
    }

    /// Returns whether the cluster has the resource of a kind.
    pub fn has(&self, kind: &str) -> bool {
        self.state().find_resource(kind).is_some()
    }

    /// Sets the time (Unix seconds) at which objects are created from now on.
    pub fn set_time(&self, seconds: i64) {
        self.state().store.set_time(seconds);
    }

    /// Makes the API server unreachable for its clients in this process, or reachable again.
    pub fn set_reachable(&self, reachable: bool) {
        self.state().is_unreachable = !reachable;
    }

    /// Returns the number of requests since the last call that found the API server unreachable.
    pub fn refused_connections(&self) -> usize {
        std::mem::take(&mut self.state().refused_connections)
    }

    /// Makes the API server listen on a free port of loopback, in plain HTTP, until the runtime
    /// ends.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("loopback has a free port");
        let address = listener.local_addr().expect("the listener was just bound");
        self.serve(listener);
        address
    }

    /// Returns the API server as a service, for a client that talks to it without a connection. All
    /// its waiting follows tokio's clock, which a test can pause.
    pub fn router(&self) -> axum::Router {
        crate::server::router(self.clone())
    }

    /// Returns a client that talks to the API server without a connection, and waits by tokio's
    /// clock alone.
    pub fn client(&self) -> kube::Client {
        let cluster = self.clone();
        let is_reachable = move || !cluster.state().refuse_connection();
        crate::client::reachable_client(self.router(), is_reachable)
    }

    /// Makes the API server serve on a listener.
    pub fn serve(&self, listener: TcpListener) -> tokio::task::JoinHandle<()> {
        let router = self.router();
        tokio::spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("axum serves without end");
        })
    }

    /// Creates or replaces an object of a kind that the cluster has; an equal object changes
    /// nothing.
    pub fn apply(&self, object: Value) {
        let mut state = self.state();
        let resource = state.resource_of(&object);
        state.store.put(key_of(resource, &object), object);
    }

    /// Returns an object by its kind, namespace (empty if cluster-scoped) and name.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        Some((*self.find(kind, namespace, name)?).clone())
    }

    /// Returns every object of a kind, in the order of a list.
    pub fn list(&self, kind: &str) -> Vec<Value> {
        let objects = self.objects(kind);
        objects.iter().map(|object| (**object).clone()).collect()
    }

    /// Changes an object.
    pub fn edit(&self, kind: &str, namespace: &str, name: &str, change: impl FnOnce(&mut Value)) {
        let mut object = self
            .get(kind, namespace, name)
            .unwrap_or_else(|| panic!("there is no {kind} {namespace}/{name}"));
        change(&mut object);
        self.apply(object);
    }

    /// Applies every document of a YAML text.
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

    /// Deletes an object that may not exist; returns whether it did.
    pub fn try_delete(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let mut state = self.state();
        let key = state.key(kind, namespace, name);
        state.store.delete(&key)
    }

    /// Makes every continue token issued so far expire. Watches go on: the watch cache keeps the
    /// changes.
    pub fn compact(&self) {
        self.state().store.compact();
    }

    /// Empties the watch cache, as a restart of the API server does: watches end, and those from an
    /// older revision are too old from now on.
    pub fn forget_history(&self) {
        self.state().store.forget_history();
    }

    /// Returns the newest revision.
    pub fn revision(&self) -> u64 {
        self.state().store.revision()
    }

    /// Goes back to an older revision, as if etcd was restored from a backup and the API server
    /// restarted.
    pub fn restore(&self, revision: u64) {
        self.state().store.restore(revision);
    }

    /// Injects a fault into so many of the requests whose path and query contain a text.
    pub fn inject(&self, fault: Fault, wanted: &str, times: usize) {
        self.state().faults.push(Injected {
            fault,
            wanted: wanted.into(),
            times,
        });
    }

    /// Removes all faults.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Returns the requests since the last call, in the order of their answers. A watch is among
    /// them once it has ended or was given up, a request with a fault once its answer begins.
    pub fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.state().requests)
    }

    /// Returns the number of answers that are being sent piece by piece: watches, and the bodies of
    /// faults.
    pub fn streams(&self) -> usize {
        self.state().streams
    }

    /// Returns a shared object.
    pub(crate) fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<Arc<Value>> {
        let state = self.state();
        state.store.current(&state.key(kind, namespace, name))
    }

    /// Returns every object of a kind, shared.
    pub(crate) fn objects(&self, kind: &str) -> Vec<Arc<Value>> {
        let state = self.state();
        let revision = state.store.revision();
        let objects = state
            .store
            .list(state.resource(kind).name(), None, revision);
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

/// Returns a kubeconfig for a cluster at an address, with a token or without.
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
