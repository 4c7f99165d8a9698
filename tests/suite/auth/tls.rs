//! TLS: versions and cipher suites, the serving pair, and how it is replaced.

use notafter::denial::DenialReason;
use notafter::server::Server;
use notafter::serving::ServingArgs;
use notafter_simulator::Cluster;
use rustls::CipherSuite;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use super::client::Client;
use super::{Files, denied, served, shop, until};
use crate::served::{Served, is_closed};
use crate::world::World;

/// An OpenShift whose servers are to speak that.
fn openshift(profile: &Value) -> Cluster {
    let cluster = shop();
    cluster.install_openshift(true);
    cluster.apply(json!({
        "apiVersion": "config.openshift.io/v1", "kind": "APIServer", "metadata": {"name": "cluster"},
        "spec": {"tlsSecurityProfile": profile},
    }));
    cluster
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_served_and_of_http_only_1_1() {
    let files = Files::new();
    let served = served(files.flags()).await;
    for version in [&TLS12, &TLS13] {
        let client = files.client(&served).speaking(version);
        let answer = client.get("/metrics").await.unwrap();
        assert_eq!(
            (answer.status, answer.name().as_str()),
            (200, "first"),
            "{version:?}"
        );
        assert_eq!(answer.version, Some(version.version));
        assert_eq!(answer.protocol.as_deref(), Some(&b"http/1.1"[..]));
    }
    served.stop().await;
}

#[tokio::test]
async fn a_self_signed_pair_needs_no_file() {
    let served = served(ServingArgs {
        tls_self_signed: true,
        ..ServingArgs::default()
    })
    .await;
    let client = Client::new(served.address).believing_anything();
    assert_eq!(client.status("/metrics").await, 200);
    assert_eq!(client.status("/live").await, 200);
    served.stop().await;
}

#[tokio::test]
async fn a_new_pair_is_served_without_a_restart_and_without_a_request_that_fails() {
    let files = Files::new();
    let served = served(files.flags()).await;
    let client = files.client(&served);
    let second = files.pair("second");
    // Half of it is there: it is not served, nor is anything lost.
    files.put("tls.crt", &second.certificate);
    served.server.reload();
    assert_eq!(client.get("/metrics").await.unwrap().name(), "first");
    files.put("tls.key", &second.key);
    until("the second is served, without anybody's help", async || {
        let answer = client.get("/metrics").await.unwrap();
        assert_eq!(answer.status, 200);
        answer.name() == "second"
    })
    .await;
    for nonsense in [
        "",
        "-----BEGIN CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    ] {
        files.put("tls.crt", nonsense);
        served.server.reload();
        assert_eq!(client.get("/metrics").await.unwrap().name(), "second");
    }
    std::fs::remove_file(files.path("tls.key")).unwrap();
    served.server.reload();
    assert_eq!(client.get("/metrics").await.unwrap().name(), "second");
    files.put_pair(&files.pair("third"));
    served.server.reload();
    assert_eq!(client.get("/metrics").await.unwrap().name(), "third");
    served.stop().await;
}

#[tokio::test]
async fn the_tls_profile_of_the_cluster_is_followed() {
    let files = Files::new();
    let cluster = openshift(&json!({"type": "Modern", "modern": {}}));
    let by_flags = Server::new(files.flags(), None).unwrap();
    let served = Served::by(World::listed(cluster.clone()), by_flags).await;
    let (old, new) = (
        files.client(&served).speaking(&TLS12),
        files.client(&served).speaking(&TLS13),
    );
    until("TLS 1.2 is too old", async || {
        old.get("/live").await.is_err()
    })
    .await;
    assert_eq!(new.status("/live").await, 200);
    let strong = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
    let weaker = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let custom =
        json!({"ciphers": ["ECDHE-ECDSA-AES256-GCM-SHA384"], "minTLSVersion": "VersionTLS12"});
    cluster.edit("APIServer", "", "cluster", |it| {
        it["spec"]["tlsSecurityProfile"] = json!({"type": "Custom", "custom": custom});
    });
    until("TLS 1.2 is spoken again", async || {
        old.clone().with_suite(strong).status("/live").await == 200
    })
    .await;
    assert!(old.clone().with_suite(weaker).get("/live").await.is_err());
    assert_eq!(new.status("/live").await, 200);
    for usual in [
        json!({"type": "Intermediate", "intermediate": {}}),
        json!({"type": "Unheard-of"}),
        json!(null),
    ] {
        cluster.edit("APIServer", "", "cluster", |it| {
            it["spec"]["tlsSecurityProfile"] = custom_again();
        });
        let weaker = old.clone().with_suite(weaker);
        until("it is chosen", async || weaker.get("/live").await.is_err()).await;
        cluster.edit("APIServer", "", "cluster", |it| {
            it["spec"]["tlsSecurityProfile"] = usual.clone();
        });
        until("the usual ones are", async || {
            weaker.status("/live").await == 200
        })
        .await;
    }
    served.stop().await;
}

fn custom_again() -> Value {
    let custom =
        json!({"ciphers": ["ECDHE-ECDSA-AES256-GCM-SHA384"], "minTLSVersion": "VersionTLS12"});
    json!({"type": "Custom", "custom": custom})
}

#[tokio::test]
async fn a_profile_without_a_usable_suite_leaves_tls_1_3() {
    let files = Files::new();
    let custom = json!({"ciphers": ["DES-CBC3-SHA"], "minTLSVersion": "VersionTLS10"});
    let cluster = openshift(&json!({"type": "Custom", "custom": custom}));
    let by_flags = Server::new(files.flags(), None).unwrap();
    let served = Served::by(World::listed(cluster), by_flags).await;
    let (old, new) = (
        files.client(&served).speaking(&TLS12),
        files.client(&served).speaking(&TLS13),
    );
    // TLS 1.2 has no cipher suite left; those of TLS 1.3 are nobody's to choose.
    until("TLS 1.2 is not spoken", async || {
        old.get("/live").await.is_err()
    })
    .await;
    assert_eq!(new.status("/live").await, 200);
    served.stop().await;
}

/// The names that are offered instead of one that is not known.
fn offered(files: &Files, field: &str, unknown: &str) -> Vec<String> {
    files.put("web.yml", &web(field, unknown));
    let error = web_config(files).read().err().unwrap().to_string();
    let (_, names) = error.split_once("must be one of ").unwrap();
    names.split(", ").map(str::to_owned).collect()
}

fn web_config(files: &Files) -> ServingArgs {
    ServingArgs {
        web_config_file: Some(files.path("web.yml")),
        ..ServingArgs::default()
    }
}

fn web(field: &str, name: &str) -> String {
    format!("tls_server_config: {{cert_file: tls.crt, key_file: tls.key, {field}: [{name}]}}\n")
}

#[tokio::test]
async fn every_cipher_suite_and_every_curve_that_can_be_named_is_served() {
    let files = Files::new();
    let suites = offered(&files, "cipher_suites", "TLS_RSA_WITH_RC4_128_SHA");
    let curves = offered(&files, "curve_preferences", "CurveP521");
    assert_eq!(
        (suites.len(), curves.len()),
        (9, 4),
        "three suites are of TLS 1.3"
    );
    for (field, name) in suites
        .iter()
        .map(|it| ("cipher_suites", it))
        .chain(curves.iter().map(|it| ("curve_preferences", it)))
    {
        files.put("web.yml", &web(field, name));
        let served = served(web_config(&files)).await;
        let client = files.client(&served);
        // The pair here is of an elliptic curve; a suite of RSA leaves TLS 1.3 alone.
        let is_tls12 = name.contains("_ECDSA_");
        let version = if is_tls12 { &TLS12 } else { &TLS13 };
        let answer = client.speaking(version).get("/live").await.unwrap();
        assert_eq!(answer.status, 200, "{name}");
        if is_tls12 {
            assert_eq!(answer.suite.as_deref(), Some(name.as_str()));
        }
        served.stop().await;
    }
}

#[tokio::test]
async fn connections_without_tls_and_silent_ones_are_counted_and_closed() {
    let files = Files::new();
    let served = served(files.flags()).await;
    let client = files.client(&served);
    assert!(Client::new(served.address).get("/metrics").await.is_err());
    assert_eq!(denied(&client, DenialReason::Handshake).await, 1);
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(served.connect().await);
    }
    assert_eq!(client.status("/metrics").await, 200, "in between");
    for connection in &mut silent {
        assert!(is_closed(connection).await);
    }
    until("all are counted", async || {
        denied(&client, DenialReason::Silence).await == 200
    })
    .await;
    served.stop().await;
}

#[tokio::test]
async fn a_connection_that_is_kept_open_after_a_request_is_not_counted_as_silent() {
    use tokio::io::AsyncWriteExt;
    let served = served(ServingArgs::default()).await;
    let mut kept = served.connect().await;
    kept.write_all(b"GET /live HTTP/1.1\r\nhost: notafter\r\n\r\n")
        .await
        .unwrap();
    let mut silent = served.connect().await;
    let mut answer = Vec::new();
    kept.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert!(is_closed(&mut silent).await);
    let client = Client::new(served.address);
    until("the other is", async || {
        denied(&client, DenialReason::Silence).await == 1
    })
    .await;
    served.stop().await;
}
