//! The requests that each poll sends to the API server, and the certificates known afterwards.

use std::sync::Arc;

use notafter::api::Polling;
use notafter_simulator::{Cluster, Fault};
use serde_json::json;

use crate::world::{DAY, SHORT, THEN, World, certificate, secret, tls};

const SECRETS: &str = "/api/v1/secrets?fieldSelector=type=kubernetes.io/tls";
const METADATA: &str =
    "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// A cluster with `count` TLS secrets: `shop/web-0`, `shop/web-1`, …
pub(crate) fn shop(count: usize) -> Cluster {
    let (cluster, pair) = (Cluster::new(), certificate("web", 90));
    for index in 0..count {
        cluster.apply(tls("shop", &format!("web-{index}"), &pair));
    }
    cluster
}

#[tokio::test(start_paused = true)]
async fn the_first_poll_reads_all_tls_secrets_in_pages_of_250() {
    let mut world = World::of(shop(600));
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates().len(), 600);
    let requests: Vec<String> = world
        .asked()
        .into_iter()
        .filter(|request| request.contains("secrets"))
        .collect();
    assert_eq!(requests.len(), 3, "{requests:?}");
    assert!(
        requests
            .iter()
            .all(|request| request.starts_with(&format!("200 {SECRETS}&limit=250"))),
        "{requests:?}"
    );
    assert!(
        requests[1].contains("&continue=") && requests[2].contains("&continue="),
        "{requests:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn secrets_of_other_types_are_never_requested() {
    let cluster = shop(1);
    let mut opaque = secret(
        "shop",
        "opaque",
        &[("tls.crt", b"-----BEGIN CERTIFICATE-----")],
    );
    opaque["type"] = "Opaque".into();
    cluster.apply(opaque);
    let mut world = World::of(cluster);
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates(), ["shop/web-0/tls.crt/0"]);
    assert!(scrape.problems().is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_watches_a_quiet_poll_is_one_metadata_list_from_the_watch_cache() {
    let mut world = World::listed(shop(600));
    world.poll().await;
    let revision = world.cluster.revision();
    world.asked();
    world.poll().await;
    let requests: Vec<_> = world
        .cluster
        .requests()
        .into_iter()
        .filter(|request| request.target.contains("secrets"))
        .collect();
    let [request] = &requests[..] else {
        panic!("{requests:?}")
    };
    let at_least_as_new = format!("&resourceVersion={revision}&resourceVersionMatch=NotOlderThan");
    assert_eq!(request.target, format!("{SECRETS}{at_least_as_new}"));
    assert_eq!(request.accept, METADATA);
    assert!(request.gzip, "metadata compresses well");
}

#[tokio::test]
async fn values_are_requested_uncompressed_and_every_request_has_a_user_agent() {
    let mut world = World::connected(shop(3), &Polling::listing(SHORT)).await;
    world.poll().await;
    for request in world.cluster.requests() {
        assert_eq!(request.gzip, request.accept == METADATA, "{request:?}");
        assert_eq!(
            request.user_agent,
            format!("notafter/{}", env!("CARGO_PKG_VERSION"))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn without_watches_only_the_changed_secret_is_read_in_full() {
    let mut world = World::listed(shop(600));
    world.poll().await;
    world
        .cluster
        .apply(tls("shop", "web-17", &certificate("web", 30)));
    world.asked();
    let scrape = world.poll().await;
    let requests: Vec<_> = world
        .asked()
        .into_iter()
        .filter(|request| request.contains("/secrets"))
        .collect();
    let by_name = "200 /api/v1/namespaces/shop/secrets?fieldSelector=metadata.name=web-17,type=kubernetes.io/tls";
    assert!(requests.contains(&by_name.to_owned()), "{requests:?}");
    assert!(
        !requests.iter().any(|request| request.contains("limit=")),
        "{requests:?}"
    );
    let expiry = scrape.value("cert_not_after_seconds", &[("name", "web-17")]);
    assert_eq!(expiry, THEN + 30 * DAY);
}

#[tokio::test(start_paused = true)]
async fn without_watches_a_mass_renewal_is_read_in_pages() {
    let mut world = World::listed(shop(300));
    world.poll().await;
    let renewed = certificate("web", 30);
    for index in 0..200 {
        world
            .cluster
            .apply(tls("shop", &format!("web-{index}"), &renewed));
    }
    world.asked();
    let scrape = world.poll().await;
    let requests = world.asked();
    assert!(
        !requests
            .iter()
            .any(|request| request.contains("metadata.name")),
        "{requests:?}"
    );
    assert_eq!(
        requests
            .iter()
            .filter(|request| request.contains("/secrets") && request.contains("limit=250"))
            .count(),
        2,
        "{requests:?}"
    );
    let expiries = scrape.all("cert_not_after_seconds", &[]);
    assert_eq!(
        expiries
            .iter()
            .filter(|sample| sample.whole() == THEN + 30 * DAY)
            .count(),
        200
    );
}

#[tokio::test(start_paused = true)]
async fn a_removed_key_removes_its_series() {
    let cluster = Cluster::new();
    let pair = certificate("web", 90);
    let ca = certificate("ca", 900).certificate;
    let data = [
        ("ca.crt", ca.as_bytes()),
        ("tls.crt", pair.certificate.as_bytes()),
    ];
    cluster.apply(secret("shop", "web", &data));
    let mut world = World::of(cluster);
    assert_eq!(
        world.poll().await.certificates(),
        ["shop/web/ca.crt/0", "shop/web/tls.crt/0"]
    );
    world.cluster.apply(tls("shop", "web", &pair));
    assert_eq!(world.poll().await.certificates(), ["shop/web/tls.crt/0"]);
}

#[tokio::test(start_paused = true)]
async fn deleting_a_secret_keeps_those_with_the_same_name_prefix() {
    let cluster = Cluster::new();
    for name in ["web", "web-tls", "web2"] {
        cluster.apply(tls("shop", name, &certificate(name, 90)));
    }
    cluster.apply(tls("shop2", "web", &certificate("web", 90)));
    let mut world = World::of(cluster);
    world.poll().await;
    world.cluster.delete("Secret", "shop", "web");
    let remaining = [
        "shop/web-tls/tls.crt/0",
        "shop/web2/tls.crt/0",
        "shop2/web/tls.crt/0",
    ];
    assert_eq!(world.poll().await.certificates(), remaining);
    assert_eq!(world.secrets().objects, 3);
}

#[tokio::test(start_paused = true)]
async fn a_recreated_secret_replaces_the_deleted_one() {
    let mut world = World::of(shop(1));
    world.poll().await;
    world.cluster.delete("Secret", "shop", "web-0");
    world
        .cluster
        .apply(tls("shop", "web-0", &certificate("web", 30)));
    let expiry = world.poll().await.value("cert_not_after_seconds", &[]);
    assert_eq!(expiry, THEN + 30 * DAY);
}

#[tokio::test(start_paused = true)]
async fn a_secret_deleted_between_metadata_and_value_is_removed_and_its_list_stays_healthy() {
    let mut world = World::listed(shop(30));
    world.poll().await;
    world
        .cluster
        .apply(tls("shop", "web-3", &certificate("web", 30)));
    let delete = |cluster: &Cluster| cluster.delete("Secret", "shop", "web-3");
    world.cluster.inject(
        Fault::Meanwhile(Arc::new(delete)),
        "metadata.name=web-3,",
        1,
    );
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates().len(), 29);
    assert!(scrape.is_up("secrets"));
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_cluster_keeps_the_same_inventory() {
    let mut world = World::of(shop(3));
    world.poll().await;
    let before = world.snapshot.inventory.clone();
    world.poll().await;
    assert!(
        Arc::ptr_eq(&before, &world.snapshot.inventory),
        "nothing is evaluated or rendered again"
    );
    world
        .cluster
        .apply(tls("shop", "web-9", &certificate("web", 30)));
    world.poll().await;
    assert!(!Arc::ptr_eq(&before, &world.snapshot.inventory));
}

#[tokio::test(start_paused = true)]
async fn a_new_client_ca_or_tls_profile_is_published_without_a_new_inventory() {
    let cluster = shop(3);
    cluster.install_openshift(true);
    let api_server = |profile: &str| {
        json!({
            "apiVersion": "config.openshift.io/v1", "kind": "APIServer", "metadata": {"name": "cluster"},
            "spec": {"tlsSecurityProfile": {"type": profile}},
        })
    };
    let client_ca = |pem: &str| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"namespace": "kube-system", "name": "extension-apiserver-authentication"},
            "data": {"client-ca-file": pem},
        })
    };
    cluster.apply(api_server("Intermediate"));
    cluster.apply(client_ca("one"));
    let mut world = World::with_client_ca(cluster);
    let mut published = world.watched.cluster_tls();
    world.watch().await;
    let before = world.snapshot.inventory.clone();
    assert!(published.has_changed().unwrap());
    for (object, is_tls13_only, pem) in [
        (client_ca("another"), false, "another"),
        (api_server("Modern"), true, "another"),
    ] {
        published.mark_unchanged();
        world.cluster.apply(object);
        world.watch().await;
        assert!(Arc::ptr_eq(&before, &world.snapshot.inventory), "{pem}");
        assert!(published.has_changed().unwrap());
        let current = published.borrow().clone();
        assert_eq!(current.client_ca.as_deref(), Some(pem));
        assert_eq!(current.profile.unwrap().is_tls13_only, is_tls13_only);
    }
    published.mark_unchanged();
    world.watch().await;
    assert!(!published.has_changed().unwrap(), "nothing has changed");
}

#[tokio::test(start_paused = true)]
async fn a_poll_confined_to_namespaces_lists_each_of_them_once() {
    let cluster = shop(2);
    cluster.apply(tls("blog", "web", &certificate("web", 90)));
    cluster.apply(tls("hidden", "web", &certificate("web", 90)));
    cluster.refuse("secrets", "");
    let mut world = World::confined(cluster, &["shop", "blog", "shop"]);
    let scrape = world.poll().await;
    let expected = [
        "blog/web/tls.crt/0",
        "shop/web-0/tls.crt/0",
        "shop/web-1/tls.crt/0",
    ];
    assert_eq!(scrape.certificates(), expected);
    let requests: Vec<_> = world
        .asked()
        .into_iter()
        .filter(|request| request.contains("/secrets"))
        .collect();
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(
        requests
            .iter()
            .all(|request| request.starts_with("200 /api/v1/namespaces/")),
        "{requests:?}"
    );
    let scopes = scrape.all("notafter_list_up", &[("resource", "secrets")]);
    assert_eq!(
        scopes
            .iter()
            .map(|sample| sample.label("scope"))
            .collect::<Vec<_>>(),
        ["blog", "shop"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_denied_namespace_does_not_hide_the_others() {
    let cluster = shop(1);
    cluster.apply(tls("blog", "web", &certificate("web", 90)));
    cluster.refuse("secrets", "blog");
    let mut world = World::confined(cluster, &["blog", "shop"]);
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates(), ["shop/web-0/tls.crt/0"]);
    let up = |scope| {
        scrape.value(
            "notafter_list_up",
            &[("resource", "secrets"), ("scope", scope)],
        )
    };
    assert_eq!((up("blog"), up("shop")), (0, 1));
}
