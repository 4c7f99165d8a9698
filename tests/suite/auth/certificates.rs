//! Client certificates: their names, their CA, and their validity.

use notafter::denial::DenialReason;
use notafter::server::Server;
use notafter::serving::{ClusterAuthArgs, ServingArgs};
use notafter_simulator::certificate::{Authority, Draft};
use serde_json::{Value, json};

use super::{Files, PROMETHEUS, denied, served, shop, until};
use crate::served::Served;
use crate::world::World;

#[tokio::test]
async fn only_certificates_of_the_ca_with_an_accepted_name_are_accepted() {
    let files = Files::new();
    let served = served(files.for_clients(&[PROMETHEUS, "auditor"])).await;
    let anybody = files.client(&served);
    let prometheus = anybody.clone().showing(&files.issue(PROMETHEUS));
    let auditor = anybody.clone().showing(&files.issue("auditor"));
    let kubelet = anybody
        .clone()
        .showing(&files.issue("system:node:worker-0"));
    let nameless = anybody.clone().showing(&files.issue(""));
    for path in ["/metrics", "/", "/runbooks/NotafterDown", "/secrets"] {
        let found = if path == "/secrets" { 404 } else { 200 };
        assert_eq!(prometheus.status(path).await, found, "{path}");
        assert_eq!(auditor.status(path).await, found, "{path}");
        assert_eq!(anybody.status(path).await, 401, "{path}");
        assert_eq!(kubelet.status(path).await, 403, "{path}");
        assert_eq!(nameless.status(path).await, 403, "{path}");
    }
    let why = anybody.get("/metrics").await.unwrap().text();
    assert_eq!(why, "a client certificate is required\n");
    let why = kubelet.get("/metrics").await.unwrap().text();
    let told =
        "the client certificate is valid, but its name \"system:node:worker-0\" is not accepted\n";
    assert_eq!(why, told);
    for (refusal, times) in [
        (DenialReason::NoCredentials, 5),
        (DenialReason::ClientName, 9),
    ] {
        assert_eq!(denied(&prometheus, refusal).await, times, "{refusal:?}");
    }
    served.stop().await;
}

#[tokio::test]
async fn probes_need_no_credentials() {
    let files = Files::new();
    let served = served(files.for_clients(&[PROMETHEUS])).await;
    let probe = files.client(&served);
    until("it is ready", async || probe.status("/ready").await == 200).await;
    assert_eq!(probe.status("/live").await, 200);
    served.stop().await;
}

#[tokio::test]
async fn without_names_every_certificate_of_the_ca_is_accepted() {
    let files = Files::new();
    let served = served(files.for_clients(&[])).await;
    let client = files.client(&served);
    let anyone = client.clone().showing(&files.issue("whoever"));
    assert_eq!(anyone.status("/metrics").await, 200);
    assert_eq!(client.status("/metrics").await, 401);
    served.stop().await;
}

#[tokio::test]
async fn an_expired_certificate_or_one_of_another_ca_ends_the_handshake_with_an_alert() {
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
    assert_eq!(
        denied(&prometheus, DenialReason::ClientCertificate).await,
        4
    );
    served.stop().await;
}

#[tokio::test]
async fn a_new_ca_is_loaded_and_an_unusable_one_is_not() {
    let files = Files::new();
    let served = served(files.for_clients(&[PROMETHEUS])).await;
    let old = files.client(&served).showing(&files.issue(PROMETHEUS));
    assert_eq!(old.status("/metrics").await, 200);
    let next = Draft::named("next-ca").authority();
    let pair = Draft::named(PROMETHEUS).client().signed_by(&next);
    let new = files.client(&served).showing(&pair);
    assert_eq!(new.status("/metrics").await, 0);
    files.put("ca.crt", &next.pair.certificate);
    served.server.reload();
    assert_eq!(new.status("/metrics").await, 200);
    assert_eq!(old.status("/metrics").await, 0);
    files.put("ca.crt", "no certificate");
    served.server.reload();
    assert_eq!(new.status("/metrics").await, 200);
    served.stop().await;
}

/// The ConfigMap in which the API server publishes the CA of its clients.
fn published(authority: &Authority) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "kube-system", "name": "extension-apiserver-authentication"},
        "data": {"client-ca-file": authority.pair.certificate, "requestheader-client-ca-file": "another"},
    })
}

#[tokio::test]
async fn the_client_ca_of_the_cluster_is_followed_and_stays_trusted_through_an_outage() {
    let (files, cluster) = (Files::new(), shop());
    let args = ServingArgs {
        cluster_auth: ClusterAuthArgs {
            client_ca_from_cluster: true,
            token_review: false,
        },
        client_names: vec![PROMETHEUS.into()],
        ..files.flags()
    };
    let world = World::with_client_ca(cluster.clone());
    let served = Served::by(world, Server::new(args, None).unwrap()).await;
    let prometheus = files.client(&served).showing(&files.issue(PROMETHEUS));
    let unknown = prometheus.get("/metrics").await.unwrap();
    assert_eq!(unknown.status, 401);
    let why =
        "the client CA of the cluster is not known yet, so no client certificate is accepted\n";
    assert_eq!(unknown.text(), why);
    cluster.apply(published(&files.clients));
    until("its CA is known", async || {
        prometheus.status("/metrics").await == 200
    })
    .await;
    // What is known about the cluster is published a moment after the CA.
    until("its list is published", async || {
        let scrape = prometheus.get("/metrics").await.unwrap().text();
        scrape.contains("notafter_list_up{resource=\"configmaps\",scope=\"kube-system\"} 1\n")
    })
    .await;
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
    let rule = "- {apiGroups: [&#34;&#34;], resources: [&#34;configmaps&#34;], \
                resourceNames: [&#34;extension-apiserver-authentication&#34;], verbs: [&#34;list&#34;]}";
    until("it is denied twice", async || {
        renewed.get("/").await.unwrap().text().contains(rule)
    })
    .await;
    served.stop().await;
}
