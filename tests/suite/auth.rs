//! TLS and authentication: the answers to a scraper, the counters, and changes without a restart.

mod certificates;
mod client;
mod flags;
mod logged;
mod passwords;
mod tls;
mod tokens;

use std::path::PathBuf;
use std::time::Duration;

use notafter::denial::DenialReason;
use notafter::server::Server;
use notafter::serving::ServingArgs;
use notafter_simulator::Cluster;
use notafter_simulator::certificate::{Authority, Draft, Pair};
use tempfile::TempDir;

use self::client::Client;
use crate::scrape::Scrape;
use crate::served::{PATIENCE, Served};
use crate::world::{World, certificate};

const PROMETHEUS: &str = "system:serviceaccount:openshift-monitoring:prometheus-k8s";

/// A folder with a serving pair and a CA of clients, as an administrator or the kubelet puts them
/// there.
struct Files {
    folder: TempDir,
    serving: Authority,
    clients: Authority,
}

impl Files {
    fn new() -> Self {
        let files = Self {
            folder: tempfile::tempdir().unwrap(),
            serving: Draft::named("serving-ca").authority(),
            clients: Draft::named("client-ca").authority(),
        };
        files.put_pair(&files.pair("first"));
        files.put("ca.crt", &files.clients.pair.certificate);
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// A serving pair of that common name.
    fn pair(&self, name: &str) -> Pair {
        let draft = Draft::named(name).hosts(&["localhost"]).serving();
        draft.signed_by(&self.serving)
    }

    fn put_pair(&self, pair: &Pair) {
        self.put("tls.crt", &pair.certificate);
        self.put("tls.key", &pair.key);
    }

    /// The flags for TLS with the pair.
    fn flags(&self) -> ServingArgs {
        ServingArgs {
            tls_cert: Some(self.path("tls.crt")),
            tls_key: Some(self.path("tls.key")),
            ..ServingArgs::default()
        }
    }

    /// The flags for TLS with client certificates of the CA that have one of these names.
    fn for_clients(&self, names: &[&str]) -> ServingArgs {
        ServingArgs {
            client_ca: Some(self.path("ca.crt")),
            client_names: names.iter().map(|name| (*name).to_owned()).collect(),
            ..self.flags()
        }
    }

    /// A client that trusts the serving CA, and presents no credentials.
    fn client(&self, served: &Served) -> Client {
        Client::new(served.address).believing(&self.serving)
    }

    /// A client certificate of the CA of clients.
    fn issue(&self, name: &str) -> Pair {
        Draft::named(name).client().signed_by(&self.clients)
    }
}

fn shop() -> Cluster {
    let cluster = Cluster::new();
    cluster.apply(crate::world::tls("shop", "web", &certificate("web", 90)));
    cluster
}

async fn served(args: ServingArgs) -> Served {
    Served::by(World::listed(shop()), Server::new(args, None).unwrap()).await
}

/// Waits until something is so.
async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "{what} in the end");
}

/// The number of denials for a reason, as a scrape has it.
async fn denied(client: &Client, reason: DenialReason) -> i64 {
    let answer = client.get("/metrics").await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let labels = [("reason", reason.as_str())];
    Scrape::read(&answer.text()).value("notafter_refused_requests_total", &labels)
}
