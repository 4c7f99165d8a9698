//! The schedule: every list is polled, fails, and recovers on its own; the API server fails for all.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use notafter::api::{Cluster as Watched, Polling};
use notafter::health::{List, State};
use notafter::poll;
use notafter::rotation::Declarations;
use notafter::snapshot::Snapshot;
use notafter_simulator::{Cluster, Fault};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::polling::shop;
use crate::world::{DAY, THEN, WATCH, certificate, polling, tls};

const INTERVAL: Duration = Duration::from_mins(2);
const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest pause between two attempts to reach a server that is down.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// notafter polling a simulated cluster on its own schedule.
struct Scheduled {
    cluster: Cluster,
    snapshot: watch::Receiver<Snapshot>,
    /// Every snapshot so far.
    published: Arc<Mutex<Vec<Snapshot>>>,
    polling: JoinHandle<()>,
}

impl Scheduled {
    /// Starts polling.
    fn start(cluster: Cluster, limits: &Polling) -> Self {
        let (snapshots, snapshot) = watch::channel(Snapshot::default());
        let published = Arc::new(Mutex::new(Vec::new()));
        let all = published.clone();
        let publish = move |snapshot: Snapshot| {
            all.lock().unwrap().push(snapshot.clone());
            snapshots.send_replace(snapshot);
        };
        let watched = Watched::over(cluster.client(), limits);
        let polling = tokio::spawn(async move {
            match poll::run(watched, INTERVAL, Declarations::default(), publish).await {}
        });
        Self {
            cluster,
            snapshot,
            published,
            polling,
        }
    }

    /// Starts polling, and waits until every list is known.
    async fn known(cluster: Cluster) -> Self {
        let mut scheduled = Self::start(cluster, &polling());
        scheduled
            .until(|snapshot| snapshot.lists.iter().all(List::is_up))
            .await;
        scheduled
    }

    /// Waits until a snapshot is published that is as wanted; returns the time that it took.
    async fn until(&mut self, wanted: impl Fn(&Snapshot) -> bool) -> Duration {
        let start = Instant::now();
        let waiting = self
            .snapshot
            .wait_for(|snapshot| !snapshot.lists.is_empty() && wanted(snapshot));
        let found = timeout(Duration::from_hours(1), waiting).await;
        assert!(found.is_ok(), "not within an hour");
        start.elapsed()
    }

    fn lists_up(&self) -> usize {
        self.snapshot
            .borrow()
            .lists
            .iter()
            .filter(|list| list.is_up())
            .count()
    }
}

impl Drop for Scheduled {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

fn is_up(snapshot: &Snapshot, resource: &str) -> bool {
    let mut lists = snapshot.lists.iter();
    lists
        .find(|list| &*list.resource == resource)
        .unwrap()
        .is_up()
}

/// Returns whether the known certificate of `shop/web-0` expires in 30 days.
fn is_renewed(snapshot: &Snapshot) -> bool {
    let mut certificates = snapshot.inventory.certificates();
    certificates.any(|entry| entry.certificate.not_after == Some(THEN + 30 * DAY))
}

fn renew(cluster: &Cluster) {
    cluster.apply(tls("shop", "web-0", &certificate("web", 30)));
}

#[tokio::test(start_paused = true)]
async fn a_change_is_published_within_an_interval_while_every_other_list_stalls() {
    let mut scheduled = Scheduled::known(shop(3)).await;
    for other in ["/services", "/apis/"] {
        scheduled.cluster.inject(Fault::Silence, other, usize::MAX);
    }
    scheduled
        .until(|snapshot| !is_up(snapshot, "services"))
        .await;
    renew(&scheduled.cluster);
    let waited = scheduled.until(is_renewed).await;
    assert!(waited <= INTERVAL + Duration::from_secs(4), "{waited:?}");
    assert!(is_up(&scheduled.snapshot.borrow(), "secrets"));
}

#[tokio::test(start_paused = true)]
async fn at_the_start_the_lists_are_published_together() {
    let scheduled = Scheduled::known(shop(300)).await;
    let published = scheduled.published.lock().unwrap();
    let mut known = published.iter().filter(|snapshot| {
        let lists = &snapshot.lists;
        lists.iter().any(List::is_up)
    });
    let first = known.next().unwrap();
    assert!(first.lists.iter().all(List::is_up), "all of them at once");
}

#[tokio::test(start_paused = true)]
async fn at_the_start_a_list_that_stalls_delays_no_other() {
    let cluster = shop(3);
    cluster.inject(Fault::Silence, "/secrets", usize::MAX);
    let mut scheduled = Scheduled::start(cluster, &polling());
    let waited = scheduled
        .until(|snapshot| is_up(snapshot, "services"))
        .await;
    assert!(waited < TIMEOUT / 2, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_failure_is_known_within_an_interval_and_a_deadline() {
    for fault in [
        Fault::Silence,
        Fault::Stalled(20),
        Fault::Drip,
        Fault::Status(429, Some(3600)),
        Fault::Status(503, None),
        Fault::Status(410, None),
        Fault::CutOff(20),
        Fault::Redirect("http://127.0.0.1:1/".into()),
    ] {
        let mut scheduled = Scheduled::known(shop(300)).await;
        renew(&scheduled.cluster);
        scheduled.cluster.inject(fault, "/secrets", usize::MAX);
        let waited = scheduled
            .until(|snapshot| !is_up(snapshot, "secrets"))
            .await;
        assert!(
            waited <= INTERVAL + TIMEOUT + Duration::from_secs(1),
            "{waited:?}"
        );
        let others = scheduled.snapshot.borrow().lists.len() - 1;
        assert_eq!(scheduled.lists_up(), others);
        scheduled.cluster.heal();
        scheduled
            .until(|snapshot| is_up(snapshot, "secrets") && is_renewed(snapshot))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_list_is_polled_ever_less_often_down_to_the_interval() {
    let mut scheduled = Scheduled::known(shop(3)).await;
    scheduled
        .cluster
        .inject(Fault::Status(500, None), "/secrets", usize::MAX);
    scheduled
        .until(|snapshot| !is_up(snapshot, "secrets"))
        .await;
    let mut counts = Vec::new();
    for _ in 0..4 {
        scheduled.cluster.requests();
        sleep(INTERVAL).await;
        let requests = scheduled.cluster.requests().into_iter();
        counts.push(
            requests
                .filter(|request| request.target.contains("/secrets"))
                .count(),
        );
    }
    assert!(
        (4..=6).contains(&counts[0]),
        "after 5, 10, 20, 40 and 80 s: {counts:?}"
    );
    assert!(
        counts[1..].iter().all(|count| (1..=2).contains(count)),
        "{counts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn lists_that_end_together_are_judged_together() {
    let scheduled = Scheduled::known(shop(3)).await;
    let publications = scheduled.published.lock().unwrap().len();
    assert!(
        publications <= 6,
        "thirteen lists in {publications} publications"
    );
}

#[tokio::test(start_paused = true)]
async fn lists_are_not_polled_in_step() {
    let scheduled = Scheduled::known(shop(3)).await;
    scheduled.cluster.requests();
    let mut busiest = 0;
    for _ in 0..(2 * INTERVAL.as_secs() / 10) {
        sleep(Duration::from_secs(10)).await;
        busiest = busiest.max(scheduled.cluster.requests().len());
    }
    assert!(busiest < 13, "all lists within ten seconds");
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_server_is_found_once_for_all_lists() {
    let cluster = shop(3);
    cluster.set_reachable(false);
    let mut scheduled = Scheduled::start(cluster, &polling());
    let failed = |snapshot: &Snapshot| snapshot.lists.iter().all(List::has_failed);
    let waited = scheduled.until(failed).await;
    assert!(waited < Duration::from_secs(5), "{waited:?}");
    assert_eq!(
        scheduled.cluster.refused_connections(),
        2,
        "one attempt and one retry"
    );
    let reasons: Vec<State> = scheduled
        .snapshot
        .borrow()
        .lists
        .iter()
        .map(|list| list.state.clone())
        .collect();
    assert!(
        reasons.iter().all(|reason| *reason == reasons[0]),
        "{reasons:?}"
    );
    sleep(Duration::from_mins(10)).await;
    let attempts = scheduled.cluster.refused_connections();
    assert!(
        (50..=70).contains(&attempts),
        "about one attempt in ten seconds: {attempts}"
    );
    scheduled.cluster.set_reachable(true);
    let up = |snapshot: &Snapshot| snapshot.lists.iter().all(List::is_up);
    let waited = scheduled.until(up).await;
    assert!(waited <= Duration::from_secs(11), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_goes_down_takes_all_lists_with_it_within_an_interval() {
    let mut scheduled = Scheduled::known(shop(3)).await;
    scheduled.cluster.set_reachable(false);
    let down = |snapshot: &Snapshot| snapshot.lists.iter().all(|list| !list.is_up());
    let waited = scheduled.until(down).await;
    assert!(waited <= INTERVAL + TIMEOUT, "{waited:?}");
    let attempts = u64::try_from(scheduled.cluster.refused_connections()).unwrap();
    assert!(
        attempts <= 8 + waited.as_secs() / 10,
        "{attempts} in {waited:?}"
    );
    assert_eq!(
        scheduled.snapshot.borrow().inventory.certificates().count(),
        3
    );
    renew(&scheduled.cluster);
    scheduled.cluster.set_reachable(true);
    let waited = scheduled.until(is_renewed).await;
    let most = LONGEST_PAUSE + WATCH + Duration::from_secs(1);
    assert!(waited <= most, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_denies_everything_at_its_start_misses_no_rights() {
    let cluster = shop(3);
    cluster.inject(Fault::Status(403, None), "/", 13);
    let mut scheduled = Scheduled::start(cluster, &polling());
    let refused = |snapshot: &Snapshot| {
        snapshot
            .lists
            .iter()
            .any(|list| matches!(list.state, State::Refused(_)))
    };
    scheduled
        .until(|snapshot| snapshot.lists.iter().all(List::is_up))
        .await;
    assert!(!scheduled.published.lock().unwrap().iter().any(refused));
}
