//! Bearer tokens, reviewed by the cluster's API server.

use std::time::Duration;

use notafter::api::{Access, Polling, Reviewer};
use notafter::command::serve;
use notafter::denial::DenialReason;
use notafter::server::Server;
use notafter::serving::ServingArgs;
use notafter_simulator::{Cluster, Fault};
use tokio::time::{advance, pause, resume};

use super::client::Client;
use super::{Files, PROMETHEUS, denied, shop};
use crate::served::Served;
use crate::world::World;

/// A cluster in which Prometheus has a good token, and somebody else one too.
fn cluster() -> Cluster {
    let cluster = shop();
    cluster.issue_token("good", PROMETHEUS);
    cluster.allow_metrics(PROMETHEUS);
    cluster.issue_token("other", "system:serviceaccount:shop:default");
    cluster
}

/// notafter with these flags, and with a right to review tokens.
async fn served(cluster: &Cluster, mut args: ServingArgs) -> Served {
    let polling = Polling::listing(Duration::from_secs(30));
    let world = World::connected(cluster.clone(), &polling).await;
    let access = Access {
        kubeconfig: Some(world.kubeconfig()),
        context: None,
    };
    let review = serve::review(Reviewer::connect(access).await.unwrap());
    args.cluster_auth.token_review = true;
    Served::by(world, Server::new(args, Some(review)).unwrap()).await
}

/// How many reviews of tokens the API server has answered since the last call.
fn reviews(cluster: &Cluster) -> usize {
    let asked = cluster.requests().into_iter();
    asked
        .filter(|it| it.target.contains("tokenreviews"))
        .count()
}

#[tokio::test]
async fn only_tokens_that_the_cluster_authorizes_are_accepted() {
    let cluster = cluster();
    let served = served(&cluster, ServingArgs::default()).await;
    let client = Client::new(served.address);
    let good = client.clone().bearing("good");
    assert_eq!(good.status("/metrics").await, 200);
    assert_eq!(good.status("/").await, 200);
    for (client, status, why) in [
        (client.clone(), 401, "a bearer token is required\n"),
        (
            client.clone().with("authorization: Basic Zzo="),
            401,
            "a bearer token is required\n",
        ),
        (
            client.clone().with("authorization: \u{e4}"),
            401,
            "a bearer token is required\n",
        ),
        (
            client.clone().bearing("made-up"),
            401,
            "the token is invalid, has expired, or is meant for another audience\n",
        ),
        (
            client.clone().bearing(&"x".repeat(20_000)),
            401,
            "the token is too long\n",
        ),
        (
            client.clone().bearing("other"),
            403,
            "system:serviceaccount:shop:default may not GET the non-resource URL /metrics\n",
        ),
    ] {
        for path in [
            "/metrics",
            "/",
            "/runbooks/NotafterDown",
            "/secrets/shop/web",
            "/api/v1/report",
            "/api/v1/certificates",
            "/nowhere",
        ] {
            let answer = client.get(path).await.unwrap();
            assert_eq!((answer.status, answer.text().as_str()), (status, why));
            let asks = answer
                .head
                .contains("www-authenticate: bearer realm=\"notafter\"");
            assert_eq!(asks, status == 401, "{}", answer.head);
        }
    }
    assert_eq!(client.status("/live").await, 200);
    for (refusal, times) in [
        (DenialReason::NoCredentials, 21),
        (DenialReason::Token, 14),
        (DenialReason::Forbidden, 7),
        (DenialReason::Unreviewed, 0),
    ] {
        assert_eq!(denied(&good, refusal).await, times, "{refusal:?}");
    }
    served.stop().await;
}

#[tokio::test]
async fn an_accepted_token_is_reviewed_once_a_minute_and_a_denied_one_every_ten_seconds() {
    let cluster = cluster();
    let served = served(&cluster, ServingArgs::default()).await;
    let good = Client::new(served.address).bearing("good");
    let bad = Client::new(served.address).bearing("bad");
    for _ in 0..20 {
        assert_eq!(good.status("/metrics").await, 200);
        assert_eq!(bad.status("/metrics").await, 401);
    }
    assert_eq!(reviews(&cluster), 2);
    cluster.issue_token("bad", PROMETHEUS);
    later(Duration::from_secs(11)).await;
    assert_eq!(
        bad.status("/metrics").await,
        200,
        "who was let in meanwhile need not wait"
    );
    assert_eq!(good.status("/metrics").await, 200);
    assert_eq!(reviews(&cluster), 1);
    cluster.revoke_token("good");
    later(Duration::from_secs(50)).await;
    assert_eq!(
        good.status("/metrics").await,
        401,
        "nor is who was locked out let in for long"
    );
    served.stop().await;
}

#[tokio::test]
async fn the_cache_holds_1024_verdicts_and_drops_the_oldest() {
    let cluster = cluster();
    let served = served(&cluster, ServingArgs::default()).await;
    let bearing = |index: usize| Client::new(served.address).bearing(&format!("token-{index}"));
    for index in 0..=1024 {
        cluster.issue_token(&format!("token-{index}"), PROMETHEUS);
        assert_eq!(bearing(index).status("/metrics").await, 200);
    }
    assert_eq!(reviews(&cluster), 1025);
    for index in [1, 2, 512, 1024] {
        assert_eq!(bearing(index).status("/metrics").await, 200);
    }
    assert_eq!(reviews(&cluster), 0);
    assert_eq!(bearing(0).status("/metrics").await, 200);
    assert_eq!(reviews(&cluster), 1);
    served.stop().await;
}

/// Lets so much time pass for those who keep it by tokio's clock.
async fn later(time: Duration) {
    pause();
    advance(time).await;
    resume();
}

#[tokio::test]
async fn in_an_outage_accepted_tokens_stay_accepted_and_others_are_denied_at_once() {
    let (cluster, files) = (cluster(), Files::new());
    let flags = ServingArgs {
        client_ca: Some(files.path("ca.crt")),
        ..files.flags()
    };
    let served = served(&cluster, flags).await;
    let client = files.client(&served);
    let known = client.clone().bearing("good");
    let certified = client.clone().showing(&files.issue("whoever"));
    assert_eq!(known.status("/metrics").await, 200);
    cluster.inject(Fault::Silence, "reviews", usize::MAX);
    later(Duration::from_secs(61)).await;
    let stranger = client.clone().bearing("never-seen");
    let (known, stranger, certified) = tokio::join!(
        known.get("/metrics"),
        stranger.get("/metrics"),
        certified.get("/metrics"),
    );
    assert_eq!(
        (known.unwrap().status, certified.unwrap().status),
        (200, 200)
    );
    let stranger = stranger.unwrap();
    assert_eq!(stranger.status, 503);
    let why = "the token could not be reviewed: no complete answer within 900ms\n";
    assert_eq!(stranger.text(), why);
    later(Duration::from_mins(10)).await;
    let known = client.clone().bearing("good");
    assert_eq!(known.status("/metrics").await, 503, "but not for ever");
    cluster.heal();
    assert_eq!(known.status("/metrics").await, 200);
    served.stop().await;
}

#[tokio::test]
async fn without_the_right_to_review_tokens_the_response_names_the_rule() {
    let cluster = cluster();
    cluster.inject(Fault::Status(403, None), "tokenreviews", usize::MAX);
    let served = served(&cluster, ServingArgs::default()).await;
    let answer = Client::new(served.address)
        .bearing("good")
        .get("/metrics")
        .await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("tokenreviews"), "{}", answer.text());
    served.stop().await;
}

#[tokio::test]
async fn either_a_certificate_or_a_token_is_enough() {
    let (cluster, files) = (cluster(), Files::new());
    let flags = ServingArgs {
        client_ca: Some(files.path("ca.crt")),
        client_names: vec!["auditor".into()],
        ..files.flags()
    };
    let served = served(&cluster, flags).await;
    let client = files.client(&served);
    let auditor = client.clone().showing(&files.issue("auditor"));
    let other = client.clone().showing(&files.issue("other"));
    assert_eq!(auditor.status("/metrics").await, 200);
    assert_eq!(
        auditor.clone().bearing("made-up").status("/metrics").await,
        200
    );
    assert_eq!(client.clone().bearing("good").status("/metrics").await, 200);
    assert_eq!(other.status("/metrics").await, 403);
    assert_eq!(other.clone().bearing("good").status("/metrics").await, 200);
    let why = client.get("/metrics").await.unwrap().text();
    assert_eq!(why, "a client certificate or a bearer token is required\n");
    served.stop().await;
}
