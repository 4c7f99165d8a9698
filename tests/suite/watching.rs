//! Quiet polls: one watch that ends by itself, and what becomes of polls whose watch fails or does
//! not tell everything.

use notafter_simulator::{Cluster, Fault};
use serde_json::{Value, json};

use crate::polling::shop;
use crate::scrape::Scrape;
use crate::world::{DAY, THEN, World, certificate, operator, tls};

/// A world that has been polled once, and whose requests so far are forgotten.
async fn polled(cluster: Cluster) -> World {
    let mut world = World::of(cluster);
    world.poll().await;
    world.asked();
    world
}

/// Replaces the certificate of `shop/web-0` by one of 30 days.
fn renew(cluster: &Cluster) {
    cluster.apply(tls("shop", "web-0", &certificate("web", 30)));
}

/// Whether that is known.
fn is_renewed(scrape: &Scrape) -> bool {
    scrape.value("cert_not_after_seconds", &[("name", "web-0")]) == THEN + 30 * DAY
}

/// The number of objects of secrets that lists showed otherwise than watches.
fn reconciled(scrape: &Scrape) -> i64 {
    let labels = [("resource", "secrets"), ("scope", "")];
    scrape.value("notafter_list_reconciled_total", &labels)
}

/// The requests for secrets since the last call: whether each was a watch.
fn watches(world: &World) -> Vec<bool> {
    let requests = world.asked().into_iter();
    let secrets = requests.filter(|request| request.contains("/secrets?"));
    secrets
        .map(|request| request.contains("watch=true"))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_quiet_poll_is_one_watch_of_each_list_in_the_form_of_its_objects() {
    let cluster = Cluster::with_olm();
    cluster.apply(tls("shop", "web", &certificate("web", 90)));
    cluster.apply(operator("operators", "widgets.v1", "Succeeded"));
    let mut world = polled(cluster).await;
    let revision = world.cluster.revision();
    world.poll().await;
    let requests = world.cluster.requests();
    let requests = requests.iter().filter(|request| request.status == 200);
    let requests: Vec<(&str, &str)> = requests
        .map(|request| (request.target.split_once('?').unwrap(), &*request.accept))
        .map(|((path, query), accept)| {
            let watch = format!("&allowWatchBookmarks=true&resourceVersion={revision}");
            assert!(query.starts_with("watch=true&timeoutSeconds=3"), "{query}");
            assert!(query.ends_with(&watch), "{query}");
            (path, accept)
        })
        .collect();
    let metadata =
        "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    for expected in [
        ("/api/v1/secrets", "application/vnd.kubernetes.protobuf"),
        ("/api/v1/services", metadata),
        (
            "/apis/operators.coreos.com/v1alpha1/clusterserviceversions",
            "application/json",
        ),
    ] {
        let times = requests
            .iter()
            .filter(|request| **request == expected)
            .count();
        assert_eq!(times, 1, "{expected:?} in {requests:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn changes_come_with_the_watch_and_cost_no_further_request() {
    let mut world = polled(shop(300)).await;
    let renewed = certificate("web", 30);
    for index in 0..200 {
        world
            .cluster
            .apply(tls("shop", &format!("web-{index}"), &renewed));
    }
    world.cluster.delete("Secret", "shop", "web-250");
    world.cluster.delete("Secret", "shop", "web-251");
    world.cluster.apply(tls("shop", "web-251", &renewed));
    world.cluster.apply(tls("blog", "web", &renewed));
    let scrape = world.poll().await;
    assert_eq!(watches(&world), [true]);
    assert_eq!(scrape.certificates().len(), 300);
    let expiries = scrape.all("cert_not_after_seconds", &[]);
    let renewed = expiries
        .iter()
        .filter(|sample| sample.whole() == THEN + 30 * DAY);
    assert_eq!(renewed.count(), 202);
    assert_eq!(world.secrets().objects, 300);
}

#[tokio::test(start_paused = true)]
async fn a_change_during_the_watch_is_part_of_the_poll() {
    let mut world = polled(shop(1)).await;
    let cluster = world.cluster.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        renew(&cluster);
    });
    assert!(is_renewed(&world.poll().await));
}

#[tokio::test(start_paused = true)]
async fn a_watch_continues_from_the_last_bookmark() {
    let mut world = polled(shop(1)).await;
    for index in 0..10 {
        let service = json!({"kind": "Service", "metadata": {"namespace": "shop", "name": format!("s{index}")}});
        world.cluster.apply(service);
    }
    let revision = world.cluster.revision();
    world.poll().await;
    world.asked();
    world.poll().await;
    let requests = world.asked();
    let secrets = requests
        .iter()
        .find(|request| request.contains("/secrets?"))
        .unwrap();
    assert!(
        secrets.ends_with(&format!("&resourceVersion={revision}")),
        "{secrets}"
    );
}

#[tokio::test(start_paused = true)]
async fn every_tenth_poll_lists() {
    let mut world = World::of(shop(3));
    for poll in 0..31 {
        world.poll().await;
        assert_eq!(watches(&world), [poll % 10 != 0], "poll {poll}");
    }
}

#[tokio::test(start_paused = true)]
async fn changes_that_a_watch_has_not_reported_are_found_by_the_next_list_and_counted() {
    let mut world = polled(shop(3)).await;
    world
        .cluster
        .inject(Fault::Mute, "secrets?watch", usize::MAX);
    renew(&world.cluster);
    world.cluster.delete("Secret", "shop", "web-1");
    world
        .cluster
        .apply(tls("blog", "web", &certificate("web", 30)));
    for _ in 0..9 {
        let scrape = world.poll().await;
        assert!(
            scrape.is_up("secrets") && !is_renewed(&scrape),
            "no list tells of it yet"
        );
    }
    let scrape = world.poll().await;
    assert!(is_renewed(&scrape));
    let known = [
        "blog/web/tls.crt/0",
        "shop/web-0/tls.crt/0",
        "shop/web-2/tls.crt/0",
    ];
    assert_eq!(scrape.certificates(), known);
    assert_eq!(reconciled(&scrape), 3);
}

#[tokio::test(start_paused = true)]
async fn changes_since_the_last_watch_are_explained_and_not_counted() {
    let mut world = polled(shop(30)).await;
    for _ in 0..12 {
        let poll = world.poll().await;
        assert_eq!(reconciled(&poll), 0);
        renew(&world.cluster);
        world.cluster.delete("Secret", "shop", "web-1");
        world
            .cluster
            .apply(tls("shop", "web-1", &certificate("web", 90)));
    }
    assert_eq!(world.secrets().objects, 30);
}

#[tokio::test(start_paused = true)]
async fn where_watches_are_denied_lists_continue_and_watches_return_when_allowed() {
    let mut world = polled(shop(3)).await;
    world.cluster.refuse_watch("secrets", "");
    for _ in 0..25 {
        renew(&world.cluster);
        let scrape = world.poll().await;
        assert!(scrape.is_up("secrets") && is_renewed(&scrape));
        world
            .cluster
            .apply(tls("shop", "web-0", &certificate("web", 90)));
    }
    let denied = watches(&world)
        .into_iter()
        .filter(|is_watch| *is_watch)
        .count();
    assert_eq!(denied, 3, "watches are tried again at every tenth poll");
    world.cluster.allow_watch("secrets", "");
    for _ in 0..20 {
        world.poll().await;
    }
    assert!(
        watches(&world)
            .into_iter()
            .filter(|is_watch| *is_watch)
            .count()
            > 5
    );
}

#[tokio::test(start_paused = true)]
async fn without_watches_none_is_ever_requested() {
    let mut world = World::listed(shop(3));
    for _ in 0..12 {
        world.poll().await;
    }
    assert_eq!(watches(&world), [false; 12]);
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_fails_is_followed_by_a_list_in_the_same_poll() {
    let malformed = b"\0\0\0\x04\x0a\x08ADDED".to_vec();
    let huge = b"\xff\xff\xff\xff".to_vec();
    let unknown = b"\0\0\0\x08\x0a\x06RESTED".to_vec();
    let empty = b"\0\0\0\0".to_vec();
    for fault in [
        Fault::EndEarly,
        Fault::Stalled(10),
        Fault::Silence,
        Fault::Drip,
        Fault::CutOff(100),
        Fault::Shortened(100),
        Fault::Trailing(b"\0\0"),
        Fault::Frames(malformed),
        Fault::Frames(huge),
        Fault::Frames(unknown),
        Fault::Frames(empty),
        Fault::Body("text/html", "<html>".into()),
        Fault::Status(410, None),
        Fault::Status(500, None),
        Fault::Events(vec![(
            "ERROR",
            json!({"kind": "Status", "apiVersion": "v1", "code": 500}),
        )]),
    ] {
        let mut world = polled(shop(3)).await;
        renew(&world.cluster);
        world.cluster.inject(fault, "secrets?watch", usize::MAX);
        let scrape = world.poll().await;
        assert!(is_renewed(&scrape));
        assert!(scrape.is_up("secrets"), "{}", world.why());
        assert_eq!(reconciled(&scrape), 0);
        assert_eq!(watches(&world)[..2], [true, false]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_that_the_watch_cache_has_forgotten_is_listed() {
    let mut world = polled(shop(3)).await;
    renew(&world.cluster);
    world.cluster.forget_history();
    let scrape = world.poll().await;
    assert!(
        is_renewed(&scrape) && scrape.is_up("secrets"),
        "{}",
        world.why()
    );
    assert_eq!(
        watches(&world),
        [true, false, false],
        "the value is requested by its name"
    );
    world.poll().await;
    assert_eq!(watches(&world), [true]);
}

/// A secret of a resource version, with a certificate of some days.
fn version(name: &str, version: u64, days: i64) -> Value {
    let mut secret = tls("shop", name, &certificate("web", days));
    secret["metadata"]["uid"] = "a-uid".into();
    secret["metadata"]["resourceVersion"] = version.to_string().into();
    secret
}

/// The scrape after a watch with these events instead of its own, and the requests of the poll.
async fn after(events: Vec<(&'static str, Value)>) -> (Scrape, Vec<bool>) {
    let mut world = polled(shop(3)).await;
    world
        .cluster
        .inject(Fault::Events(events), "secrets?watch", 1);
    let scrape = world.poll().await;
    assert!(scrape.is_up("secrets"), "{}", world.why());
    (scrape, watches(&world))
}

#[tokio::test(start_paused = true)]
async fn the_newest_of_the_events_of_an_object_counts_in_whatever_order_they_come() {
    let old = version("web-0", 101, 60);
    let new = version("web-0", 102, 30);
    let gone = version("web-1", 104, 60);
    let before = version("web-1", 103, 60);
    for events in [
        vec![
            ("MODIFIED", old.clone()),
            ("MODIFIED", new.clone()),
            ("DELETED", gone.clone()),
        ],
        vec![
            ("MODIFIED", new.clone()),
            ("MODIFIED", old.clone()),
            ("DELETED", gone.clone()),
        ],
        vec![
            ("MODIFIED", new.clone()),
            ("MODIFIED", new.clone()),
            ("DELETED", gone.clone()),
            ("ADDED", before),
        ],
    ] {
        let (scrape, requests) = after(events).await;
        assert!(is_renewed(&scrape));
        assert_eq!(scrape.certificates().len(), 2);
        assert_eq!(requests, [true]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_that_goes_backwards_makes_everything_be_read_again() {
    let bookmark =
        json!({"kind": "Secret", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}});
    for event in [
        ("BOOKMARK", bookmark),
        ("MODIFIED", version("web-0", 2, 30)),
        ("DELETED", version("web-0", 2, 30)),
    ] {
        let (scrape, requests) = after(vec![event]).await;
        assert_eq!(scrape.certificates().len(), 3);
        assert!(!is_renewed(&scrape), "the event is not true");
        assert_eq!(requests, [true, false]);
    }
}

#[tokio::test(start_paused = true)]
async fn all_lists_are_watched_at_the_same_time() {
    let mut world = polled(shop(3)).await;
    let before = tokio::time::Instant::now();
    world.poll().await;
    let quiet = before.elapsed();
    assert_eq!(quiet.as_secs(), 3);
}
