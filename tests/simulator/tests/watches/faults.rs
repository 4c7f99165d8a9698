//! Faults of lists and of watches.

use std::io::Read;
use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use flate2::read::GzDecoder;
use futures_util::StreamExt;
use notafter_simulator::{Cluster, Fault};
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::{JSON, SECRETS, ask, body, events, secret, watch};

const QUERY: &str = "resourceVersion=1&timeoutSeconds=2";

/// Returns a cluster with two secrets, and a fault for the next watch.
fn with(fault: Fault) -> Cluster {
    let cluster = Cluster::new();
    cluster.apply(secret("one", "red", ""));
    cluster.apply(secret("two", "red", ""));
    cluster.inject(fault, "watch=true", 1);
    cluster
}

/// Returns the bytes of an answer that come within some time, and whether it was complete then.
async fn within(answer: Response<Body>, time: Duration) -> (Vec<u8>, bool) {
    let mut pieces = answer.into_body().into_data_stream();
    let mut bytes = Vec::new();
    let complete = timeout(time, async {
        while let Some(piece) = pieces.next().await {
            bytes.extend(piece.unwrap());
        }
    });
    let complete = complete.await.is_ok();
    (bytes, complete)
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_watches_spares_lists() {
    let cluster = with(Fault::Status(503, None));
    assert_eq!(ask(&cluster, SECRETS, JSON).await.status(), 200);
    let target = format!("{SECRETS}?watch=true&{QUERY}");
    assert_eq!(ask(&cluster, &target, JSON).await.status(), 503);
    assert_eq!(ask(&cluster, &target, JSON).await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_muted_watch_ends_in_time_without_its_events() {
    let begun = Instant::now();
    assert_eq!(watch(&with(Fault::Mute), QUERY, JSON).await, b"");
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_early_has_no_events() {
    let begun = Instant::now();
    assert_eq!(watch(&with(Fault::EndEarly), QUERY, JSON).await, b"");
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn forged_events_replace_the_right_ones() {
    let forged =
        |version: &str| json!({"metadata": {"name": "forged", "resourceVersion": version}});
    let fault = Fault::Events(vec![("MODIFIED", forged("9")), ("DELETED", forged("3"))]);
    let begun = Instant::now();
    let body = watch(&with(fault), QUERY, JSON).await;
    assert_eq!(events(&body), ["MODIFIED forged 9", "DELETED forged 3"]);
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
    let fault = Fault::Frames(b"\0\0\0\x01".to_vec());
    assert_eq!(watch(&with(fault), QUERY, JSON).await, b"\0\0\0\x01");
}

#[tokio::test(start_paused = true)]
async fn a_part_of_a_watch_is_sent() {
    let right = watch(&with(Fault::Mute), QUERY, JSON).await;
    assert_eq!(right, b"");
    let cluster = with(Fault::Shortened(20));
    let beginning = watch(&cluster, QUERY, JSON).await;
    let right = watch(&cluster, QUERY, JSON).await;
    assert_eq!(beginning, right[..20]);
    let target = format!("{SECRETS}?watch=true&{QUERY}");
    let answer = ask(&with(Fault::Stalled(20)), &target, JSON).await;
    assert_eq!(
        within(answer, Duration::from_mins(9)).await,
        (beginning, false)
    );
    let cluster = with(Fault::CutOff(20));
    let pieces: Vec<_> = ask(&cluster, &target, JSON)
        .await
        .into_body()
        .into_data_stream()
        .collect()
        .await;
    assert!(pieces.last().unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn an_answer_drips() {
    let cluster = with(Fault::Drip);
    cluster.inject(Fault::Drip, SECRETS, 1);
    let target = format!("{SECRETS}?watch=true&{QUERY}");
    for target in [target.as_str(), SECRETS] {
        let answer = ask(&cluster, target, JSON).await;
        let (bytes, complete) = within(answer, Duration::from_millis(5_500)).await;
        assert_eq!((bytes.len(), complete), (5, false));
    }
    assert_eq!(cluster.streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_endless_body_goes_on_at_a_bounded_rate() {
    let cluster = Cluster::new();
    cluster.inject(
        Fault::Endless(JSON, b"{\"items\":[".to_vec(), b"{},".to_vec()),
        SECRETS,
        1,
    );
    let answer = ask(&cluster, SECRETS, JSON).await;
    let (bytes, complete) = within(answer, Duration::from_millis(100)).await;
    assert!(bytes.starts_with(b"{\"items\":[{},{},{},"));
    assert!(bytes.len() > 5_000_000 && !complete, "{}", bytes.len());
}

#[tokio::test(start_paused = true)]
async fn a_gzip_bomb_inflates_without_an_end() {
    let cluster = Cluster::new();
    let bomb = Fault::GzipBomb(JSON, b"{\"items\":[".to_vec(), b" ".to_vec());
    cluster.inject(bomb, SECRETS, 1);
    let answer = ask(&cluster, SECRETS, JSON).await;
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let (bytes, _) = within(answer, Duration::from_millis(500)).await;
    let mut inflated = vec![0; 10_000_000];
    GzDecoder::new(&*bytes).read_exact(&mut inflated).unwrap();
    assert!(inflated.starts_with(b"{\"items\":[   "));
    assert!(bytes.len() < 100_000, "{}", bytes.len());
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_a_redirection() {
    let cluster = Cluster::new();
    cluster.inject(
        Fault::Redirect("http://127.0.0.1:1/stolen".into()),
        SECRETS,
        1,
    );
    let answer = ask(&cluster, SECRETS, JSON).await;
    assert_eq!(answer.status(), 307);
    assert_eq!(answer.headers()["location"], "http://127.0.0.1:1/stolen");
    assert_eq!(cluster.requests()[0].status, 307);
    assert_eq!(body(answer).await, b"");
}
