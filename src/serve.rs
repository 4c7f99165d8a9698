//! `notafter serve`: the two halves, side by side. One polls and publishes, the other answers.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::api::{Cluster, Reviewer, Verdict};
use crate::poll;
use crate::publish::Publisher;
use crate::server::{self, Gate, Opinion, Refusal, Review};
use crate::snapshot::Snapshot;

/// Polls the cluster once an interval and serves what is known to who may ask, until `stop` is cancelled.
///
/// # Errors
/// If polling has ended by itself, which only a bug can cause: a process that serves the past for ever must
/// not look alive.
pub async fn run(
    cluster: Cluster,
    interval: Duration,
    listener: TcpListener,
    gate: Arc<Gate>,
    stop: CancellationToken,
) -> Result<(), tokio::task::JoinError> {
    let publisher = Arc::new(Publisher::default());
    let publish = {
        let publisher = publisher.clone();
        move |snapshot: Snapshot| publisher.publish(snapshot)
    };
    let following = tokio::spawn(gate.clone().follow(cluster.cluster_tls()));
    let mut polling = tokio::spawn(poll::run(cluster, interval, publish));
    let serving = server::serve(
        listener,
        server::routes(publisher, gate.clone()),
        gate,
        stop,
    );
    tokio::select! {
        () = serving => {
            polling.abort();
            following.abort();
            Ok(())
        }
        ended = &mut polling => ended.map(|never| match never {}),
    }
}

/// The cluster's own opinion of tokens, for the gate.
pub fn review(reviewer: Reviewer) -> Review {
    let reviewer = Arc::new(reviewer);
    Box::new(move |token| {
        let reviewer = reviewer.clone();
        Box::pin(async move { opinion(reviewer.review(&token).await) })
    })
}

fn opinion(verdict: Verdict) -> Opinion {
    let refused = |refusal, why: String| Opinion::Refused(refusal, why);
    match verdict {
        Verdict::Allowed => Opinion::Allowed,
        Verdict::Unknown => refused(
            Refusal::Token,
            "the token is nobody's: wrong, expired, or meant for another audience".into(),
        ),
        Verdict::Forbidden(user) => refused(
            Refusal::Forbidden,
            format!("{user} may not get the non-resource URL /metrics"),
        ),
        Verdict::Unanswered(why) => refused(
            Refusal::Unreviewed,
            format!("the token could not be reviewed: {why}"),
        ),
    }
}
