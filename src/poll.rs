//! The schedule: every list is polled on its own, once an interval, and sooner after a failure. The
//! contents of a list are not known here.

mod schedule;

use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use self::schedule::Schedule;
use crate::api::{Cluster, Observed, Poller, Report};
use crate::rotation::Declarations;
use crate::snapshot::Snapshot;

/// The time for which reports are gathered before they are judged together: lists that are polled at
/// the same time end within it, and it delays none noticeably.
const MOMENT: Duration = Duration::from_millis(100);

/// The time after the start for which all lists are awaited and judged together, so that the first
/// scrape does not show certificates whose managers come from lists that are still being read.
const START: Duration = Duration::from_secs(2);

/// The time between the first polls of two lists, so that those of hundreds of namespaces are no
/// burst.
const APART: Duration = Duration::from_millis(20);

/// Polls for ever and hands every snapshot to `publish`, on a thread that may be kept busy.
///
/// The first snapshot comes at once: it has every list, and none of them read.
pub async fn run(
    mut cluster: Cluster,
    interval: Duration,
    declarations: Declarations,
    publish: impl Fn(Snapshot) + Send + Sync + 'static,
) -> Infallible {
    let (declarations, publish) = (Arc::new(declarations), Arc::new(publish));
    let judge = |observed, before| judge(observed, declarations.clone(), before, publish.clone());
    let mut snapshot = judge(cluster.observed(), Snapshot::default()).await;
    let (pollers, mut reports) = cluster.into_parts();
    let lists = pollers.len();
    let (sender, mut receiver) = mpsc::channel(lists.max(1));
    let mut following = JoinSet::new();
    for (poller, start) in pollers.into_iter().zip(0..) {
        let schedule = Schedule::new(interval);
        following.spawn(follow(poller, APART * start, schedule, sender.clone()));
    }
    let all_lists = async {
        for _ in 0..lists {
            if let Some(report) = receiver.recv().await {
                reports.take(report);
            }
        }
    };
    let _ = timeout(START, all_lists).await;
    snapshot = judge(reports.observed(), snapshot).await;
    loop {
        tokio::select! {
            Some(report) = receiver.recv() => reports.take(report),
            ended = following.join_next() => repeat_panic(ended).await,
        }
        let mut moment = pin!(sleep(MOMENT));
        loop {
            tokio::select! {
                () = &mut moment => break,
                Some(report) = receiver.recv() => reports.take(report),
            }
        }
        snapshot = judge(reports.observed(), snapshot).await;
    }
}

/// Polls a list for ever.
async fn follow(
    mut poller: Poller,
    start: Duration,
    mut schedule: Schedule,
    reports: mpsc::Sender<Report>,
) {
    sleep(start).await;
    loop {
        let report = poller.poll().await;
        let pause = schedule.pause(report.list.has_failed(), report.retry_in);
        if reports.send(report).await.is_err() {
            return;
        }
        sleep(pause).await;
    }
}

/// Judges and publishes off the threads that serve: at 100,000 certificates that takes a fifth of a
/// second.
async fn judge(
    observed: Observed,
    declarations: Arc<Declarations>,
    before: Snapshot,
    publish: Arc<impl Fn(Snapshot) + Send + Sync + 'static>,
) -> Snapshot {
    let judged = tokio::task::spawn_blocking(move || {
        let snapshot = Snapshot::judge(observed.facts, observed.lists, &declarations, &before);
        publish(snapshot.clone());
        snapshot
    });
    match judged.await {
        Ok(snapshot) => snapshot,
        Err(error) => repeat_panic(Some(Err(error))).await,
    }
}

/// Repeats the panic of a task, so that it ends the process and not only the polls of one list.
async fn repeat_panic<T>(ended: Option<Result<(), JoinError>>) -> T {
    if let Some(Err(error)) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
    // The process ends before the work has begun, and the task that waits for it with it.
    pending().await
}
