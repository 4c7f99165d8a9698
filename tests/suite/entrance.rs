//! TLS, and who may ask: what a scraper is told, what is counted, and what changes without a restart.

mod certificates;
mod client;
mod passwords;
mod said;
mod secured;
mod tokens;
mod typed;

use std::path::PathBuf;
use std::time::Duration;

use notafter::server::Gate;
use notafter::server::Refusal;
use notafter::terms::{ClientCaFlag, Flags, PairFlag, Source};
use notafter_simulator::Cluster;
use notafter_simulator::certificate::{Authority, Draft, Pair};
use tempfile::TempDir;

use self::client::Client;
use crate::scrape::Scrape;
use crate::served::{PATIENCE, Served};
use crate::world::{World, certificate, tls};

const PROMETHEUS: &str = "system:serviceaccount:openshift-monitoring:prometheus-k8s";

/// A folder with a serving pair and a CA of clients, as an administrator or the kubelet puts them there.
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

    fn flags(&self) -> Flags {
        let pair = PairFlag::Files {
            certificate: self.path("tls.crt"),
            key: self.path("tls.key"),
        };
        Flags {
            pair: Some(pair),
            ..Flags::default()
        }
    }

    /// The same, for clients of the CA with that name.
    fn for_clients(&self, names: &[&str]) -> Source {
        Source::Flags(Flags {
            client_ca: Some(ClientCaFlag::File(self.path("ca.crt"))),
            client_names: names.iter().map(|it| (*it).to_owned()).collect(),
            ..self.flags()
        })
    }

    /// A client that believes the serving CA, and shows nothing.
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
    cluster.apply(tls("shop", "web", &certificate("web", 90)));
    cluster
}

async fn served(source: Source) -> Served {
    Served::behind(World::of(shop()).await, Gate::new(source, None).unwrap()).await
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

/// How often a scrape says that something was refused.
async fn refused(client: &Client, refusal: Refusal) -> i64 {
    let answer = client.get("/metrics").await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let labels = [("reason", refusal.name())];
    Scrape::read(&answer.text()).value("notafter_refused_requests_total", &labels)
}
