//! The events of a watch, and its end.

use std::time::Duration;

use notafter_simulator::Cluster;
use tokio::time::{Instant, sleep};

use crate::{JSON, SECRETS, ask, body, events, secret, watch};

/// Returns a cluster in which a secret was created, replaced, deleted and created again.
fn changed() -> Cluster {
    let cluster = Cluster::new();
    cluster.apply(secret("web", "red", "YQ=="));
    cluster.apply(secret("web", "blue", "YQ=="));
    cluster.delete("Secret", "shop", "web");
    cluster.apply(secret("web", "blue", "Yg=="));
    cluster
}

/// Makes a change after some time.
fn later(cluster: &Cluster, millis: u64, change: impl FnOnce(&Cluster) + Send + 'static) {
    let cluster = cluster.clone();
    tokio::spawn(async move {
        sleep(Duration::from_millis(millis)).await;
        change(&cluster);
    });
}

#[tokio::test(start_paused = true)]
async fn a_watch_shows_a_change_made_while_it_waits_and_ends_by_itself() {
    let cluster = changed();
    let begun = Instant::now();
    later(&cluster, 400, |cluster| {
        cluster.apply(secret("shop", "red", ""));
    });
    let body = watch(&cluster, "resourceVersion=5&timeoutSeconds=1", JSON).await;
    assert_eq!(events(&body), ["ADDED shop 6"]);
    assert_eq!(begun.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn every_change_since_a_version_comes_in_order() {
    let cluster = changed();
    let all = [
        "ADDED web 2",
        "MODIFIED web 3",
        "DELETED web 4",
        "ADDED web 5",
    ];
    for version in 1..=4 {
        let query = format!("resourceVersion={}&timeoutSeconds=1", version + 1);
        let body = watch(&cluster, &query, JSON).await;
        assert_eq!(events(&body), all[version..]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_selector_shows_what_begins_and_what_stops_to_match() {
    let cluster = changed();
    let of = async |selector: &str| {
        let query = format!("resourceVersion=2&timeoutSeconds=1&labelSelector=colour%3D{selector}");
        watch(&cluster, &query, JSON).await
    };
    let red = of("red").await;
    assert_eq!(events(&red), ["DELETED web 3"]);
    assert!(String::from_utf8_lossy(&red).contains(r#""colour":"red""#));
    let blue = of("blue").await;
    assert_eq!(
        events(&blue),
        ["ADDED web 3", "DELETED web 4", "ADDED web 5"]
    );
    let elsewhere = "/api/v1/namespaces/bank/secrets?watch=1&resourceVersion=2&timeoutSeconds=1";
    assert_eq!(body(ask(&cluster, elsewhere, JSON).await).await, b"");
}

#[tokio::test(start_paused = true)]
async fn bookmarks_come_before_the_end_when_something_has_happened() {
    let cluster = changed();
    let query = "resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=";
    let quiet = watch(&cluster, &format!("{query}3"), JSON).await;
    assert_eq!(events(&quiet), [""; 0]);
    later(&cluster, 500, |cluster| {
        cluster.apply(secret("shop", "red", ""));
    });
    let busy = watch(&cluster, &format!("{query}3"), JSON).await;
    assert_eq!(
        events(&busy),
        ["ADDED shop 6", "BOOKMARK - 6", "BOOKMARK - 6"]
    );
    later(&cluster, 500, |cluster| {
        cluster.delete("Secret", "shop", "shop");
    });
    let short = watch(&cluster, &format!("{query}2"), JSON).await;
    assert_eq!(events(&short), ["ADDED shop 6", "DELETED shop 7"]);
    // Changes of other lists are passed by.
    cluster.apply(serde_json::json!({"kind": "APIService", "metadata": {"name": "a"}}));
    let other = "resourceVersion=7&allowWatchBookmarks=true&timeoutSeconds=3";
    let other = watch(&cluster, other, JSON).await;
    assert_eq!(events(&other), ["BOOKMARK - 8", "BOOKMARK - 8"]);
}

#[tokio::test(start_paused = true)]
async fn a_version_from_before_a_restart_is_too_old() {
    let cluster = changed();
    cluster.compact();
    let query = "resourceVersion=4&timeoutSeconds=1";
    let kept = watch(&cluster, query, JSON).await;
    assert_eq!(events(&kept), ["ADDED web 5"]);
    cluster.forget_history();
    let begun = Instant::now();
    let body = watch(&cluster, query, JSON).await;
    assert_eq!(begun.elapsed(), Duration::ZERO);
    let event: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(event["type"], "ERROR");
    assert_eq!(event["object"]["code"], 410);
    assert_eq!(event["object"]["reason"], "Expired");
    assert_eq!(
        event["object"]["message"],
        "too old resource version: 4 (6)"
    );
    let newest = watch(&cluster, "resourceVersion=6&timeoutSeconds=1", JSON).await;
    assert_eq!(newest, b"");
}

#[tokio::test(start_paused = true)]
async fn a_watch_ends_when_the_server_restarts() {
    let cluster = changed();
    let begun = Instant::now();
    later(&cluster, 300, |cluster| cluster.restore(3));
    assert_eq!(
        watch(&cluster, "resourceVersion=5&timeoutSeconds=9", JSON).await,
        b""
    );
    assert_eq!(begun.elapsed(), Duration::from_millis(300));
}

#[tokio::test(start_paused = true)]
async fn a_version_from_the_future_shows_nothing_until_it_has_passed() {
    let cluster = changed();
    later(&cluster, 300, |cluster| {
        cluster.apply(secret("five", "red", ""));
        cluster.apply(secret("six", "red", ""));
    });
    let query = "resourceVersion=6&timeoutSeconds=3&allowWatchBookmarks=true";
    let body = watch(&cluster, query, JSON).await;
    assert_eq!(
        events(&body),
        ["ADDED six 7", "BOOKMARK - 7", "BOOKMARK - 7"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_watch_without_a_version_begins_with_the_present_state() {
    let cluster = changed();
    for version in ["", "resourceVersion=0&"] {
        let query = format!("{version}timeoutSeconds=1&allowWatchBookmarks=true");
        let body = watch(&cluster, &query, JSON).await;
        assert_eq!(events(&body), ["ADDED web 5", "BOOKMARK - 5"]);
        assert!(String::from_utf8_lossy(&body).contains("k8s.io/initial-events-end"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_can_be_refused_where_a_list_is_not_and_is_refused_with_it() {
    let cluster = changed();
    let target = format!("{SECRETS}?watch=true&resourceVersion=2&timeoutSeconds=1");
    cluster.refuse_watch("secrets", "shop");
    let refused = ask(&cluster, &target, JSON).await;
    assert_eq!(refused.status(), 403);
    let text = String::from_utf8(body(refused).await).unwrap();
    assert!(text.contains("cannot watch resource"), "{text}");
    assert_eq!(ask(&cluster, SECRETS, JSON).await.status(), 200);
    cluster.allow_watch("secrets", "shop");
    cluster.refuse("secrets", "shop");
    assert_eq!(ask(&cluster, &target, JSON).await.status(), 403);
    assert_eq!(ask(&cluster, SECRETS, JSON).await.status(), 403);
}

#[tokio::test(start_paused = true)]
async fn a_watch_is_logged_with_its_size_when_it_ends_or_is_given_up() {
    let cluster = changed();
    let target = format!("{SECRETS}?watch=true&resourceVersion=2&timeoutSeconds=5");
    let answer = ask(&cluster, &target, JSON).await;
    assert_eq!((cluster.requests().len(), cluster.streams()), (0, 1));
    let size = body(answer).await.len();
    let requests = cluster.requests();
    assert_eq!(
        (requests[0].target.as_str(), requests[0].bytes),
        (target.as_str(), size)
    );
    drop(ask(&cluster, &target, JSON).await);
    assert_eq!((cluster.requests()[0].status, cluster.streams()), (200, 0));
}
