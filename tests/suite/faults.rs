//! Failures between notafter and the API server: each is reported in one sentence, known data is
//! kept, and nothing hangs.

use std::sync::Arc;
use std::time::Duration;

use notafter::api::{Access, Cluster as Watched, Polling};
use notafter::health::{List, State};
use notafter_simulator::{Cluster, Fault, kubeconfig};

use crate::world::{DAY, SHORT, THEN, World, certificate, operator, tls};

/// A value that must never appear in a log line, a state or a metric.
const SECRET: &str = "hunter2-in-a-body";

fn shop(count: usize) -> Cluster {
    let (cluster, pair) = (Cluster::with_olm(), certificate("web", 90));
    for index in 0..count {
        cluster.apply(tls("shop", &format!("web-{index:03}"), &pair));
    }
    cluster.apply(operator("operators", "widgets.v1.4.2", "Succeeded"));
    cluster
}

/// Polls once without a fault, once with `fault` on every request for secrets, and once more
/// without it. Checks that known data is kept, that the other list stays healthy, and that the list
/// of secrets recovers. Returns the reported reason for the failure.
async fn failure_with(fault: Fault) -> String {
    failure_in(World::of(shop(3)), fault).await
}

/// Returns the reported reason for a failure in the given world, like [`failure_with`].
async fn failure_in(mut world: World, fault: Fault) -> String {
    world.poll().await;
    world.cluster.inject(fault, "/secrets", 10);
    world
        .cluster
        .apply(tls("shop", "web-000", &certificate("web", 30)));
    let scrape = world.poll().await;
    assert_eq!(
        scrape.certificates().len(),
        3,
        "known certificates are kept"
    );
    assert!(!scrape.is_up("secrets"));
    let operators = "clusterserviceversions.operators.coreos.com";
    assert!(
        scrape.is_up(operators),
        "a failure of one list does not affect another"
    );
    let reason = world.why();
    world.cluster.heal();
    let scrape = world.poll().await;
    assert!(scrape.is_up("secrets"), "{}", world.why());
    let expiry = scrape.value("cert_not_after_seconds", &[("name", "web-000")]);
    assert_eq!(expiry, THEN + 30 * DAY);
    assert!(
        !reason.contains(SECRET),
        "the reason shows a response body: {reason}"
    );
    reason
}

#[tokio::test(start_paused = true)]
async fn a_server_error_is_reported_with_its_message() {
    let reason = failure_with(Fault::Status(500, None)).await;
    assert_eq!(
        reason,
        "the API server answered 500 Internal Server Error: a fault of the simulator"
    );
}

#[tokio::test(start_paused = true)]
async fn the_content_type_of_a_proxy_page_is_reported_but_not_its_body() {
    let reason = failure_with(Fault::Body(
        "text/html; charset=utf-8",
        format!("<html>{SECRET}"),
    ))
    .await;
    let requested = "application/vnd.kubernetes.protobuf";
    assert_eq!(
        reason,
        format!(
            "the answer is not a list: it is \"text/html\", not {requested:?}: is a proxy in between?"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn json_instead_of_protobuf_is_rejected() {
    let reason = failure_with(Fault::Body(
        "application/json",
        format!("{{\"items\": [\"{SECRET}\"]}}"),
    ))
    .await;
    assert!(reason.contains("it is \"application/json\""), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_body_falsely_labelled_as_protobuf_is_malformed() {
    let reason = failure_with(Fault::Body(
        "application/vnd.kubernetes.protobuf",
        SECRET.into(),
    ))
    .await;
    assert_eq!(reason, "the answer is not a list: it is malformed");
}

#[tokio::test(start_paused = true)]
async fn a_status_object_with_code_200_is_not_an_empty_list() {
    let status = "k8s\0\n\x0c\n\x02v1\x12\x06Status\x12\x09\x1a\x07gone it\x1a\0\"\0".to_owned();
    let reason = failure_with(Fault::Body("application/vnd.kubernetes.protobuf", status)).await;
    assert_eq!(
        reason,
        "the answer is not a list: it is a \"Status\", not a \"PartialObjectMetadataList\""
    );
}

#[tokio::test(start_paused = true)]
async fn an_empty_body_is_not_an_empty_list() {
    let reason = failure_with(Fault::Body(
        "application/vnd.kubernetes.protobuf",
        String::new(),
    ))
    .await;
    assert_eq!(reason, "the answer is not a list: it was cut off");
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_does_not_yield_a_shorter_list() {
    for length in [1, 3, 4, 40, 60, 200] {
        let reason = failure_with(Fault::CutOff(length)).await;
        assert!(
            reason.starts_with("the answer is not a list: it was cut off"),
            "cut off after {length} bytes: {reason}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_truncated_list_on_an_intact_connection_is_reported_as_cut_off() {
    let mut world = World::listed(shop(3));
    world.poll().await;
    let faults = [3, 4, 20, 60, 100].map(Fault::Shortened);
    for fault in faults {
        world.cluster.inject(fault, "/secrets", usize::MAX);
        let scrape = world.poll().await;
        assert_eq!(scrape.certificates().len(), 3);
        assert_eq!(world.why(), "the answer is not a list: it was cut off");
        world.cluster.heal();
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_with_trailing_bytes_is_rejected() {
    let reason = failure_with(Fault::Trailing(b"\xff\xff\xff")).await;
    assert!(
        reason.starts_with("the answer is not a list: it "),
        "{reason}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_request_fails_at_the_deadline() {
    let reason = failure_with(Fault::Silence).await;
    assert_eq!(reason, "no complete answer within 30s");
}

#[tokio::test(start_paused = true)]
async fn a_list_whose_pages_never_end_is_abandoned_after_a_few_requests() {
    let kind = "\n\x02v1\x12\nSecretList";
    let meta = "\x12\x011\x1a\x01x"; // resourceVersion 1, continue x
    let page = format!("k8s\0\n\x10{kind}\x12\x08\n\x06{meta}");
    let mut world = World::of(shop(3));
    let endless = Fault::Body("application/vnd.kubernetes.protobuf", page);
    world.cluster.inject(endless, "/secrets", usize::MAX);
    world.poll().await;
    let reason = "8 requests in one poll led nowhere; the last answer was a list or a watch";
    assert_eq!(world.why(), reason);
    assert_eq!(world.statuses("/secrets"), [200; 8]);
}

#[tokio::test]
async fn a_rejected_token_is_reported_and_a_new_one_is_read_from_the_kubeconfig() {
    let mut world = World::connected(shop(3), &Polling::listing(SHORT)).await;
    world.poll().await;
    world.cluster.expect_token("new");
    world.poll().await;
    let reason = "the API server rejects the credentials (401): is the token or the client certificate still valid?";
    for list in &world.snapshot.lists {
        assert_eq!(list.state, State::Failed(reason.into()));
    }
    let rejected = world.statuses("/").into_iter();
    let rejected = rejected.filter(|status| *status == 401).count();
    assert!(
        (2..18).contains(&rejected),
        "each list may find it once; it is retried once: {rejected}"
    );
    let address = world.cluster.listen().await;
    std::fs::write(world.kubeconfig(), kubeconfig(address, Some("new"))).unwrap();
    until_up(&mut world).await;
}

#[tokio::test]
async fn a_broken_kubeconfig_leaves_the_previous_one_in_use() {
    let mut world = World::connected(shop(1), &Polling::listing(SHORT)).await;
    world.poll().await;
    world.cluster.expect_token("none");
    world.poll().await;
    std::fs::write(world.kubeconfig(), "half a fi").unwrap();
    world.cluster.expect_no_token();
    until_up(&mut world).await;
}

/// Polls until the list of secrets is up.
async fn until_up(world: &mut World) {
    let polling = async {
        while !world.poll().await.is_up("secrets") {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let polled = tokio::time::timeout(Duration::from_mins(1), polling).await;
    assert!(polled.is_ok(), "{}", world.why());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_denied_twice_reports_the_missing_rule_and_keeps_known_certificates() {
    let mut world = World::of(shop(3));
    world.poll().await;
    world.cluster.refuse("secrets", "");
    world.poll().await;
    assert_eq!(world.why(), "the API server denies the request (403)");
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates().len(), 3);
    let rule = r#"- {apiGroups: [""], resources: ["secrets"], verbs: ["list", "watch"]}"#;
    assert_eq!(missing_rule(world.secrets()), rule);
    assert!(!scrape.is_up("secrets"));
    world.cluster.refuse("clusterserviceversions", "");
    world.poll().await;
    world.poll().await;
    let rule = r#"- {apiGroups: ["operators.coreos.com"], resources: ["clusterserviceversions"], verbs: ["list", "watch"]}"#;
    assert_eq!(missing_rule(world.operators()), rule);
}

#[tokio::test(start_paused = true)]
async fn without_watches_the_right_to_watch_is_not_missed() {
    let mut world = World::listed(shop(3));
    world.cluster.refuse("secrets", "");
    world.poll().await;
    world.poll().await;
    let rule = r#"- {apiGroups: [""], resources: ["secrets"], verbs: ["list"]}"#;
    assert_eq!(missing_rule(world.secrets()), rule);
}

/// The printed form of the RBAC rule that a denied list lacks.
fn missing_rule(list: &List) -> String {
    match &list.state {
        State::Refused(rule) => rule.to_string(),
        state => panic!("{state:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_without_secrets_is_not_an_empty_cluster() {
    let reason = failure_with(Fault::Status(404, None)).await;
    assert_eq!(reason, "the API server does not have the resource (404)");
}

#[tokio::test(start_paused = true)]
async fn a_request_to_a_busy_server_is_retried() {
    let mut world = World::of(shop(3));
    world
        .cluster
        .inject(Fault::Status(429, None), "/secrets", 1);
    world
        .cluster
        .inject(Fault::Status(503, Some(0)), "/secrets", 1);
    let scrape = world.poll().await;
    assert!(scrape.is_up("secrets"), "{}", world.why());
    assert_eq!(world.statuses("/secrets").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_busy_for_an_hour_is_left_alone_until_the_next_poll() {
    let reason = failure_with(Fault::Status(429, Some(3600))).await;
    assert!(
        reason.starts_with("the API server answered 429 Too Many Requests"),
        "{reason}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_permanent_error_is_not_retried() {
    let mut world = World::of(shop(3));
    world
        .cluster
        .inject(Fault::Status(500, None), "/secrets", 10);
    world.poll().await;
    assert_eq!(world.statuses("/secrets").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_expired_list_is_restarted_once() {
    let mut world = World::of(shop(600));
    let change_and_compact = |cluster: &Cluster| {
        cluster.delete("Secret", "shop", "web-000");
        cluster.compact();
    };
    world.cluster.inject(
        Fault::Meanwhile(Arc::new(change_and_compact)),
        "continue=",
        1,
    );
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates().len(), 599);
    assert_eq!(
        scrape.certificates()[0],
        "shop/web-001/tls.crt/0",
        "the secret deleted in the meantime is gone"
    );
    assert!(scrape.is_up("secrets"), "{}", world.why());
    let statuses = world.statuses("/secrets");
    assert_eq!(statuses, [200, 410, 200, 200, 200]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_expires_twice_continues_with_newer_pages() {
    let mut world = World::of(shop(600));
    let change_and_compact = |cluster: &Cluster| {
        cluster.delete("Secret", "shop", "web-599");
        cluster.compact();
        cluster.apply(tls("shop", "web-599", &certificate("web", 30)));
    };
    world.cluster.inject(
        Fault::Meanwhile(Arc::new(change_and_compact)),
        "continue=",
        2,
    );
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates().len(), 600);
    assert!(scrape.is_up("secrets"), "{}", world.why());
    let statuses = world.statuses("/secrets");
    assert_eq!(statuses, [200, 410, 200, 410, 200, 200]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_always_answers_410_is_retried_a_limited_number_of_times() {
    let mut world = World::of(shop(3));
    world
        .cluster
        .inject(Fault::Status(410, None), "/secrets", usize::MAX);
    let scrape = world.poll().await;
    assert!(!scrape.is_up("secrets"));
    let reason = "8 requests in one poll led nowhere; the last answer was the list expired while it was being read (410)";
    assert_eq!(world.why(), reason);
    assert_eq!(world.statuses("/secrets"), [410; 8]);
}

#[tokio::test(start_paused = true)]
async fn a_restored_etcd_is_read_again_even_if_resource_versions_match() {
    let mut world = World::of(shop(3));
    let backup = world.cluster.revision();
    world
        .cluster
        .apply(tls("shop", "web-001", &certificate("web", 30)));
    world
        .cluster
        .apply(tls("shop", "web-002", &certificate("web", 30)));
    world.poll().await;
    world.cluster.restore(backup);
    // The same UID and resource version as before, but a different certificate.
    world
        .cluster
        .apply(tls("shop", "web-001", &certificate("web", 7)));
    // The connection to an API server breaks when its etcd is restored; a list comes next.
    world
        .cluster
        .inject(Fault::Status(500, None), "/secrets", 2);
    assert!(!world.poll().await.is_up("secrets"));
    let scrape = world.poll().await;
    let expiry = |name| scrape.value("cert_not_after_seconds", &[("name", name)]);
    assert_eq!(expiry("web-001"), THEN + 7 * DAY);
    assert_eq!(expiry("web-002"), THEN + 90 * DAY);
    assert!(scrape.is_up("secrets"), "{}", world.why());
}

#[tokio::test(start_paused = true)]
async fn a_metadata_list_of_another_resource_does_not_make_every_object_gone() {
    let mut world = World::listed(shop(20));
    world.poll().await;
    // Metadata look the same for every resource; this list is one of a resource without objects.
    let other =
        "k8s\0\n+\n\x0emeta.k8s.io/v1\x12\x19PartialObjectMetadataList\x12\x08\n\x06\x12\x049999";
    let fault = Fault::Body("application/vnd.kubernetes.protobuf", other.into());
    world.cluster.inject(fault, "/secrets?", 1);
    let scrape = world.poll().await;
    assert!(scrape.is_up("secrets"), "{}", world.why());
    assert_eq!(scrape.all("cert_not_after_seconds", &[]).len(), 20);
}

#[tokio::test(start_paused = true)]
async fn after_an_outage_everything_is_read_again_since_equal_versions_prove_nothing() {
    let mut world = World::of(shop(3));
    let backup = world.cluster.revision();
    let renew = |world: &World, name, days| {
        world
            .cluster
            .apply(tls("shop", name, &certificate("web", days)));
    };
    renew(&world, "web-001", 30);
    world.poll().await;
    world.cluster.set_reachable(false);
    world.cluster.restore(backup);
    assert!(!world.poll().await.is_up("secrets"));
    // The restored etcd gives the last known version a second time, and goes on from there.
    renew(&world, "web-001", 7);
    renew(&world, "web-002", 60);
    world.cluster.set_reachable(true);
    until_up(&mut world).await;
    let scrape = world.poll().await;
    let expiry = |name| scrape.value("cert_not_after_seconds", &[("name", name)]);
    assert_eq!(expiry("web-001"), THEN + 7 * DAY);
    assert_eq!(expiry("web-002"), THEN + 60 * DAY);
}

#[tokio::test(start_paused = true)]
async fn an_oversized_page_is_retried_in_smaller_pages() {
    let cluster = Cluster::with_olm();
    for index in 0..8 {
        let mut operator = operator("operators", &format!("widgets.v{index}"), "Succeeded");
        operator["spec"]["description"] = "x".repeat(1 << 20).into();
        cluster.apply(operator);
    }
    let mut world = World::of(cluster);
    let scrape = world.poll().await;
    assert_eq!(
        scrape.all("olm_csv_info", &[]).len(),
        8,
        "{:?}",
        world.operators()
    );
    let smaller_pages: Vec<_> = world
        .asked()
        .into_iter()
        .filter(|request| request.contains("limit=4"))
        .collect();
    assert_eq!(smaller_pages.len(), 2, "{smaller_pages:?}");
}

#[tokio::test(start_paused = true)]
async fn an_oversized_object_fails_only_its_own_list() {
    let cluster = shop(1);
    let mut operator = operator("operators", "giant.v1.0.0", "Succeeded");
    operator["spec"]["description"] = "x".repeat(9 << 20).into();
    cluster.apply(operator);
    let mut world = World::of(cluster);
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates().len(), 1);
    assert_eq!(
        world.operators().state,
        State::Failed("an answer is larger than 8 MiB".into())
    );
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_api_server_is_reported_with_its_address() {
    let address = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, kubeconfig(address, None)).unwrap();
    let access = Access {
        kubeconfig: Some(path),
        context: None,
    };
    let polling = Polling::listing(Duration::from_secs(30));
    let mut watched = Watched::connect(access, &polling).await.unwrap();
    let State::Failed(reason) = watched.poll().await.lists[0].state.clone() else {
        panic!("the list is up")
    };
    let prefix = format!("no connection to the API server at http://{address}/: ");
    assert!(
        reason.starts_with(&prefix) && reason.contains("Connection refused"),
        "{reason}"
    );
}
