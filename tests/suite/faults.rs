//! What goes wrong on the way: each ends in one sentence, nothing known is lost, and nothing hangs.

use std::sync::Arc;
use std::time::Duration;

use notafter::api::{Access, Cluster as Watched};
use notafter::health::{List, State};
use notafter_simulator::{Cluster, Fault, kubeconfig};

use crate::world::{DAY, SHORT, THEN, World, certificate, operator, tls};

/// What no log line, state or metric may ever show.
const SECRET: &str = "hunter2-in-a-body";

fn shop(count: usize) -> Cluster {
    let (cluster, pair) = (Cluster::with_olm(), certificate("web", 90));
    for index in 0..count {
        cluster.apply(tls("shop", &format!("web-{index:03}"), &pair));
    }
    cluster.apply(operator("operators", "widgets.v1.4.2", "Succeeded"));
    cluster
}

/// Polls once, then with a fault that happens to every request for secrets, then without: nothing is lost,
/// the other list is well, and afterwards everything is. Says why the list of secrets failed.
async fn survives(fault: Fault) -> String {
    survives_in(World::of(shop(3)).await, fault).await
}

async fn survives_in(mut world: World, fault: Fault) -> String {
    world.poll().await;
    world.cluster.inject(fault, "/secrets", 10);
    world
        .cluster
        .apply(tls("shop", "web-000", &certificate("web", 30)));
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates().len(), 3, "what was known stays");
    assert!(!scrape.is_up("secrets"));
    let operators = "clusterserviceversions.operators.coreos.com";
    assert!(
        scrape.is_up(operators),
        "trouble with one shows on no other"
    );
    let why = world.why();
    world.cluster.heal();
    let scrape = world.poll().await;
    assert!(scrape.is_up("secrets"), "{}", world.why());
    let end = scrape.value("cert_not_after_seconds", &[("name", "web-000")]);
    assert_eq!(end, THEN + 30 * DAY);
    assert!(!why.contains(SECRET), "a body is shown: {why}");
    why
}

#[tokio::test]
async fn an_error_of_the_server_is_said_with_its_own_words() {
    let why = survives(Fault::Status(500, None)).await;
    assert_eq!(
        why,
        "the API server answered 500 Internal Server Error: a fault of the simulator"
    );
}

#[tokio::test]
async fn a_proxys_page_is_named_but_not_shown() {
    let why = survives(Fault::Body(
        "text/html; charset=utf-8",
        format!("<html>{SECRET}"),
    ))
    .await;
    let asked = "application/vnd.kubernetes.protobuf";
    assert_eq!(
        why,
        format!(
            "the answer is not a list: it is \"text/html\", not {asked:?}: is a proxy in between?"
        )
    );
}

#[tokio::test]
async fn json_instead_of_protobuf_is_refused_rather_than_guessed_at() {
    let why = survives(Fault::Body(
        "application/json",
        format!("{{\"items\": [\"{SECRET}\"]}}"),
    ))
    .await;
    assert!(why.contains("it is \"application/json\""), "{why}");
}

#[tokio::test]
async fn something_that_only_says_it_is_protobuf_is_damaged() {
    let why = survives(Fault::Body(
        "application/vnd.kubernetes.protobuf",
        SECRET.into(),
    ))
    .await;
    assert_eq!(why, "the answer is not a list: it is malformed");
}

#[tokio::test]
async fn a_status_with_200_is_no_empty_list() {
    let status = "k8s\0\n\x0c\n\x02v1\x12\x06Status\x12\x09\x1a\x07gone it\x1a\0\"\0".to_owned();
    let why = survives(Fault::Body("application/vnd.kubernetes.protobuf", status)).await;
    assert_eq!(why, "the answer is not a list: it is a \"Status\"");
}

#[tokio::test]
async fn an_empty_body_is_no_empty_list() {
    let why = survives(Fault::Body(
        "application/vnd.kubernetes.protobuf",
        String::new(),
    ))
    .await;
    assert_eq!(why, "the answer is not a list: it was cut off");
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_is_no_shorter_list() {
    for length in [1, 3, 4, 40, 60, 200] {
        let why = survives(Fault::CutOff(length)).await;
        assert!(
            why.starts_with("the answer is not a list: it was cut off"),
            "after {length}: {why}"
        );
    }
}

#[tokio::test]
async fn a_list_that_ends_too_early_without_breaking_the_connection_is_cut_off() {
    let mut world = World::of(shop(3)).await;
    world.poll().await;
    let answers = [3, 4, 20, 60, 100].map(Fault::Shortened);
    for answer in answers {
        world.cluster.inject(answer, "/secrets", 1);
        let scrape = world.poll().await;
        assert_eq!(scrape.certificates().len(), 3);
        assert_eq!(world.why(), "the answer is not a list: it was cut off");
    }
}

#[tokio::test]
async fn bytes_behind_a_list_make_it_no_list() {
    let why = survives(Fault::Trailing(b"\xff\xff\xff")).await;
    assert!(why.starts_with("the answer is not a list: it "), "{why}");
}

#[tokio::test]
async fn silence_ends_with_the_deadline() {
    let why = survives_in(World::hurried(shop(3), SHORT).await, Fault::Silence).await;
    assert_eq!(why, "no complete answer within 3s");
}

#[tokio::test]
async fn a_list_without_end_is_given_up() {
    let kind = "\n\x02v1\x12\nSecretList";
    let meta = "\x12\x011\x1a\x01x"; // resourceVersion 1, continue x
    let page = format!("k8s\0\n\x10{kind}\x12\x08\n\x06{meta}");
    let mut world = World::hurried(shop(3), Duration::from_millis(200)).await;
    let endless = Fault::Body("application/vnd.kubernetes.protobuf", page);
    world.cluster.inject(endless, "/secrets", usize::MAX);
    world.poll().await;
    assert_eq!(world.why(), "no complete answer within 2s");
    assert!(world.asked().len() > 10, "it was read on and on");
}

#[tokio::test]
async fn an_unknown_token_is_said_and_a_new_one_is_read_from_the_kubeconfig() {
    let cluster = shop(3);
    let mut world = World::of(cluster).await;
    world.poll().await;
    world.cluster.expect_token("new");
    world.poll().await;
    let why = "the API server rejects the credentials (401): is the token or the client certificate still valid?";
    assert_eq!(world.why(), why);
    let address = world.cluster.listen().await;
    std::fs::write(
        world.folder.path().join("kubeconfig"),
        kubeconfig(address, Some("new")),
    )
    .unwrap();
    let scrape = world.poll().await;
    assert!(scrape.is_up("secrets"), "{}", world.why());
}

#[tokio::test]
async fn a_broken_kubeconfig_leaves_the_one_read_before_in_use() {
    let mut world = World::of(shop(1)).await;
    world
        .cluster
        .inject(Fault::Status(500, None), "/secrets", 1);
    world.poll().await;
    std::fs::write(world.folder.path().join("kubeconfig"), "half a fi").unwrap();
    assert_eq!(world.poll().await.certificates().len(), 1);
}

#[tokio::test]
async fn a_refusal_prints_the_missing_rule_and_hides_nothing_known() {
    let mut world = World::of(shop(3)).await;
    world.poll().await;
    world.cluster.refuse("secrets", "");
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates().len(), 3);
    let rule = r#"- {apiGroups: [""], resources: ["secrets"], verbs: ["list"]}"#;
    assert_eq!(refused(world.secrets()), rule);
    assert!(!scrape.is_up("secrets"));
    world.cluster.refuse("clusterserviceversions", "");
    world.poll().await;
    let rule = r#"- {apiGroups: ["operators.coreos.com"], resources: ["clusterserviceversions"], verbs: ["list"]}"#;
    assert_eq!(refused(world.operators()), rule);
}

/// The rule that a denied list lacks, as it is printed.
fn refused(list: &List) -> String {
    match &list.state {
        State::Refused(rule) => rule.to_string(),
        state => panic!("{state:?}"),
    }
}

#[tokio::test]
async fn a_server_without_secrets_is_no_kubernetes_and_no_empty_cluster() {
    let why = survives(Fault::Status(404, None)).await;
    assert_eq!(why, "the API server does not have the resource (404)");
}

#[tokio::test]
async fn a_busy_server_is_asked_again() {
    let mut world = World::of(shop(3)).await;
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

#[tokio::test]
async fn a_busy_server_cannot_make_us_wait_longer_than_the_deadline() {
    let hour = Fault::Status(429, Some(3600));
    let why = survives_in(World::hurried(shop(3), SHORT).await, hour).await;
    assert_eq!(why, "no complete answer within 3s");
}

#[tokio::test]
async fn an_error_that_will_not_pass_is_not_tried_again() {
    let mut world = World::of(shop(3)).await;
    world
        .cluster
        .inject(Fault::Status(500, None), "/secrets", 10);
    world.poll().await;
    assert_eq!(world.statuses("/secrets").len(), 1);
}

#[tokio::test]
async fn a_list_that_expires_is_read_anew_once() {
    let mut world = World::of(shop(600)).await;
    let expire = |cluster: &Cluster| {
        cluster.delete("Secret", "shop", "web-000");
        cluster.compact();
    };
    world
        .cluster
        .inject(Fault::Meanwhile(Arc::new(expire)), "continue=", 1);
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates().len(), 599);
    assert_eq!(
        scrape.certificates()[0],
        "shop/web-001/tls.crt/0",
        "what went meanwhile is gone"
    );
    assert!(scrape.is_up("secrets"), "{}", world.why());
    let statuses = world.statuses("/secrets");
    assert_eq!(statuses, [200, 410, 200, 200, 200]);
}

#[tokio::test]
async fn a_list_that_expires_again_goes_on_with_newer_pages() {
    let mut world = World::of(shop(600)).await;
    let expire = |cluster: &Cluster| {
        cluster.delete("Secret", "shop", "web-599");
        cluster.compact();
        cluster.apply(tls("shop", "web-599", &certificate("web", 30)));
    };
    world
        .cluster
        .inject(Fault::Meanwhile(Arc::new(expire)), "continue=", 2);
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates().len(), 600);
    assert!(scrape.is_up("secrets"), "{}", world.why());
    let statuses = world.statuses("/secrets");
    assert_eq!(statuses, [200, 410, 200, 410, 200, 200]);
}

#[tokio::test]
async fn a_server_that_answers_every_page_with_410_is_asked_a_few_times_and_no_more() {
    let mut world = World::of(shop(3)).await;
    world
        .cluster
        .inject(Fault::Status(410, None), "/secrets", usize::MAX);
    let scrape = world.poll().await;
    assert!(!scrape.is_up("secrets"));
    assert_eq!(
        world.why(),
        "the list expired while it was being read (410)"
    );
    assert_eq!(world.statuses("/secrets"), [410; 5]);
}

#[tokio::test]
async fn a_restored_etcd_is_read_anew_even_where_versions_look_the_same() {
    let mut world = World::of(shop(3)).await;
    let backup = world.cluster.revision();
    world
        .cluster
        .apply(tls("shop", "web-001", &certificate("web", 30)));
    world
        .cluster
        .apply(tls("shop", "web-002", &certificate("web", 30)));
    world.poll().await;
    world.cluster.restore(backup);
    // The same uid at the same version as before, and another certificate.
    world
        .cluster
        .apply(tls("shop", "web-001", &certificate("web", 7)));
    let scrape = world.poll().await;
    let end = |name| scrape.value("cert_not_after_seconds", &[("name", name)]);
    assert_eq!(end("web-001"), THEN + 7 * DAY);
    assert_eq!(end("web-002"), THEN + 90 * DAY);
    assert!(scrape.is_up("secrets"), "{}", world.why());
}

#[tokio::test]
async fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let cluster = Cluster::with_olm();
    for index in 0..8 {
        let mut operator = operator("operators", &format!("widgets.v{index}"), "Succeeded");
        operator["spec"]["description"] = "x".repeat(7 << 20).into();
        cluster.apply(operator);
    }
    let mut world = World::of(cluster).await;
    let scrape = world.poll().await;
    assert_eq!(
        scrape.all("olm_csv_info", &[]).len(),
        8,
        "{:?}",
        world.operators()
    );
    let limits: Vec<_> = world
        .asked()
        .into_iter()
        .filter(|it| it.contains("limit=4"))
        .collect();
    assert_eq!(limits.len(), 2, "{limits:?}");
}

#[tokio::test]
async fn an_object_that_is_too_large_by_itself_fails_its_list_and_no_other() {
    let cluster = shop(1);
    let mut operator = operator("operators", "giant.v1.0.0", "Succeeded");
    operator["spec"]["description"] = "x".repeat(33 << 20).into();
    cluster.apply(operator);
    let mut world = World::of(cluster).await;
    let scrape = world.poll().await;
    assert_eq!(scrape.certificates().len(), 1);
    assert_eq!(
        world.operators().state,
        State::Failed("an answer is larger than 32 MiB".into())
    );
}

#[tokio::test]
async fn an_api_server_that_is_not_there_is_said_with_its_address() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, kubeconfig(gone, None)).unwrap();
    let access = Access {
        kubeconfig: Some(path),
        context: None,
    };
    let mut watched = Watched::connect(access, &[], Duration::from_secs(30))
        .await
        .unwrap();
    let State::Failed(why) = watched.poll().await.lists[0].state.clone() else {
        panic!("it is up")
    };
    let said = format!("no connection to the API server at http://{gone}/: ");
    assert!(
        why.starts_with(&said) && why.contains("Connection refused"),
        "{why}"
    );
}
