//! The schedule: a poll once an interval, and sooner after a failure. The contents of a list are
//! not known here.

use std::convert::Infallible;
use std::future::pending;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinError;

use crate::api::{Cluster, Observed};
use crate::snapshot::Snapshot;

/// The pause after a first failure; it doubles with each further one, up to the interval. An API
/// server that restarts is back within seconds, and one that does not come back must not be
/// hurried.
const SOON: Duration = Duration::from_secs(5);

/// Polls for ever and hands every snapshot to `publish`, on a thread that may be kept busy.
///
/// The first snapshot comes at once: it has every list, and none of them read.
pub async fn run(
    mut cluster: Cluster,
    interval: Duration,
    publish: impl Fn(Snapshot) + Send + Sync + 'static,
) -> Infallible {
    let publish = Arc::new(publish);
    let mut snapshot = judge(cluster.observed(), Snapshot::default(), publish.clone()).await;
    let mut soon = SOON;
    loop {
        snapshot = judge(cluster.poll().await, snapshot, publish.clone()).await;
        let healthy = snapshot.lists.iter().all(|list| !list.has_failed());
        soon = if healthy {
            SOON
        } else {
            soon.saturating_mul(2)
        };
        let pause = if healthy {
            jittered(interval)
        } else {
            interval.min(soon / 2)
        };
        tokio::time::sleep(pause).await;
    }
}

/// Judges and publishes off the threads that serve: at 100,000 certificates that takes a fifth of a
/// second.
async fn judge(
    observed: Observed,
    before: Snapshot,
    publish: Arc<impl Fn(Snapshot) + Send + Sync + 'static>,
) -> Snapshot {
    let judged = tokio::task::spawn_blocking(move || {
        let snapshot = Snapshot::judge(observed.facts, observed.lists, &before);
        publish(snapshot.clone());
        snapshot
    });
    match judged.await.map_err(JoinError::try_into_panic) {
        Ok(snapshot) => snapshot,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // The process ends before the work has begun, and the task that waits for it with it.
        Err(Err(_)) => pending().await,
    }
}

/// Varies the interval by up to a tenth, so that the exporters of a fleet do not poll in step.
fn jittered(interval: Duration) -> Duration {
    // The only source of randomness in the standard library.
    let chance = RandomState::new().hash_one(0) % 1000;
    interval.mul_f64(0.9 + 0.2 * f64::from(u32::try_from(chance).unwrap_or(0)) / 1000.0)
}
