//! Client certificates: whose, from whom, and until when.

use notafter::server::Gate;
use notafter::server::Refusal;
use notafter::terms::{ClientCaFlag, Flags, Source};
use notafter_simulator::certificate::{Authority, Draft};
use serde_json::{Value, json};

use super::{Files, PROMETHEUS, refused, served, shop, until};
use crate::served::Served;
use crate::world::World;

#[tokio::test]
async fn only_who_has_a_certificate_of_the_ca_with_an_allowed_name_may_ask() {
    let files = Files::new();
    let served = served(files.for_clients(&[PROMETHEUS, "auditor"])).await;
    let anybody = files.client(&served);
    let prometheus = anybody.clone().showing(&files.issue(PROMETHEUS));
    let auditor = anybody.clone().showing(&files.issue("auditor"));
    let kubelet = anybody
        .clone()
        .showing(&files.issue("system:node:worker-0"));
    let nameless = anybody.clone().showing(&files.issue(""));
    for path in ["/metrics", "/", "/secrets"] {
        let found = if path == "/secrets" { 404 } else { 200 };
        assert_eq!(prometheus.status(path).await, found, "{path}");
        assert_eq!(auditor.status(path).await, found, "{path}");
        assert_eq!(anybody.status(path).await, 401, "{path}");
        assert_eq!(kubelet.status(path).await, 403, "{path}");
        assert_eq!(nameless.status(path).await, 403, "{path}");
    }
    let why = anybody.get("/metrics").await.unwrap().text();
    assert_eq!(why, "a client certificate is needed\n");
    let why = kubelet.get("/metrics").await.unwrap().text();
    let told = "the client certificate of \"system:node:worker-0\" is good, but it may not ask\n";
    assert_eq!(why, told);
    for (refusal, times) in [(Refusal::NoCredentials, 4), (Refusal::ClientName, 7)] {
        assert_eq!(refused(&prometheus, refusal).await, times, "{refusal:?}");
    }
    served.stop().await;
}

#[tokio::test]
async fn probes_need_nothing() {
    let files = Files::new();
    let served = served(files.for_clients(&[PROMETHEUS])).await;
    let probe = files.client(&served);
    until("it is ready", async || probe.status("/ready").await == 200).await;
    assert_eq!(probe.status("/live").await, 200);
    served.stop().await;
}

#[tokio::test]
async fn without_names_every_certificate_of_the_ca_will_do() {
    let files = Files::new();
    let served = served(files.for_clients(&[])).await;
    let client = files.client(&served);
    let anyone = client.clone().showing(&files.issue("whoever"));
    assert_eq!(anyone.status("/metrics").await, 200);
    assert_eq!(client.status("/metrics").await, 401);
    served.stop().await;
}

#[tokio::test]
async fn a_certificate_that_has_ended_or_is_of_another_ca_ends_the_handshake_and_says_why() {
    let files = Files::new();
    let served = served(files.for_clients(&[PROMETHEUS])).await;
    let client = files.client(&served);
    let draft = || Draft::named(PROMETHEUS).client();
    let stranger = Draft::named("client-ca").authority();
    let of_stranger = draft().signed_by(&stranger);
    let ended = draft()
        .valid(1_000_000_000, 1_100_000_000)
        .signed_by(&files.clients);
    let early = draft()
        .valid(4_000_000_000, 4_100_000_000)
        .signed_by(&files.clients);
    let a_servers = Draft::named(PROMETHEUS).serving().signed_by(&files.clients);
    // As the alerts of TLS have it, and so Prometheus's page of targets.
    for (pair, said) in [
        (&of_stranger, "received fatal alert: "),
        (&ended, "received fatal alert: CertificateExpired"),
        (&early, "received fatal alert: "),
        (&a_servers, "received fatal alert: "),
    ] {
        let error = client
            .clone()
            .showing(pair)
            .get("/metrics")
            .await
            .err()
            .unwrap();
        assert!(error.contains(said), "{error}");
    }
    let prometheus = client.showing(&files.issue(PROMETHEUS));
    assert_eq!(refused(&prometheus, Refusal::ClientCertificate).await, 4);
    served.stop().await;
}

#[tokio::test]
async fn a_new_ca_is_followed_and_an_unusable_one_is_not() {
    let files = Files::new();
    let served = served(files.for_clients(&[PROMETHEUS])).await;
    let old = files.client(&served).showing(&files.issue(PROMETHEUS));
    assert_eq!(old.status("/metrics").await, 200);
    let next = Draft::named("next-ca").authority();
    let pair = Draft::named(PROMETHEUS).client().signed_by(&next);
    let new = files.client(&served).showing(&pair);
    assert_eq!(new.status("/metrics").await, 0);
    files.put("ca.crt", &next.pair.certificate);
    served.gate.read_again();
    assert_eq!(new.status("/metrics").await, 200);
    assert_eq!(old.status("/metrics").await, 0);
    files.put("ca.crt", "no certificate");
    served.gate.read_again();
    assert_eq!(new.status("/metrics").await, 200);
    served.stop().await;
}

/// What the API server publishes of its clients' CA.
fn published(authority: &Authority) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "kube-system", "name": "extension-apiserver-authentication"},
        "data": {"client-ca-file": authority.pair.certificate, "requestheader-client-ca-file": "another"},
    })
}

#[tokio::test]
async fn the_clusters_own_ca_is_followed_from_poll_to_poll_and_believed_through_an_outage() {
    let (files, cluster) = (Files::new(), shop());
    let source = Source::Flags(Flags {
        client_ca: Some(ClientCaFlag::Cluster),
        client_names: vec![PROMETHEUS.into()],
        ..files.flags()
    });
    let mut world = World::of(cluster.clone()).await;
    world.watched = world.watched.with_client_ca();
    let gate = Gate::new(source, None).unwrap();
    let served = Served::behind(world, gate).await;
    let prometheus = files.client(&served).showing(&files.issue(PROMETHEUS));
    let unknown = prometheus.get("/metrics").await.unwrap();
    assert_eq!(unknown.status, 401);
    let why = "the CA of the cluster's clients is not known, so no certificate is believed\n";
    assert_eq!(unknown.text(), why);
    cluster.apply(published(&files.clients));
    until("its CA is known", async || {
        prometheus.status("/metrics").await == 200
    })
    .await;
    let scrape = prometheus.get("/metrics").await.unwrap().text();
    let told = "notafter_list_up{resource=\"configmaps\",scope=\"kube-system\"} 1\n";
    assert!(scrape.contains(told), "{scrape}");
    let next = Draft::named("next-ca").authority();
    cluster.apply(published(&next));
    let pair = Draft::named(PROMETHEUS).client().signed_by(&next);
    let renewed = files.client(&served).showing(&pair);
    until("its new CA is known", async || {
        renewed.status("/metrics").await == 200
    })
    .await;
    assert_eq!(prometheus.status("/metrics").await, 0);
    cluster.refuse("configmaps", "kube-system");
    let down = "notafter_list_up{resource=\"configmaps\",scope=\"kube-system\"} 0\n";
    until("it cannot be read", async || {
        renewed.get("/metrics").await.unwrap().text().contains(down)
    })
    .await;
    let page = renewed.get("/").await.unwrap().text();
    let rule = "- {apiGroups: [&#34;&#34;], resources: [&#34;configmaps&#34;], \
                resourceNames: [&#34;extension-apiserver-authentication&#34;], verbs: [&#34;list&#34;]}";
    assert!(page.contains(rule), "{page}");
    served.stop().await;
}
