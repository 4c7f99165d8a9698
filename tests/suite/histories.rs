//! Random histories of a cluster and of the connection to it: after each complete poll, what is known
//! is what a fresh start would read; after an incomplete one, nothing known is lost.
//!
//! `NOTAFTER_HISTORIES` sets the number of histories, `NOTAFTER_SEED` repeats a run. The history that
//! fails is shrunk to a short one.

mod step;

use std::env;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use notafter::facts::Facts;
use notafter::health::List;
use notafter_simulator::{Cluster, rng};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::runtime::Builder;

use self::step::{Change, NAMESPACE, OPERATORS, RESOURCES, Step, pems, step};
use crate::world::World;

/// The number of histories in a run of the tests.
const HISTORIES: u32 = 2_000;

/// Longer than the longest pause between two attempts to reach a server that is down.
const OUTAGE: Duration = Duration::from_secs(11);

/// A cluster, and notafter's state of it.
struct History {
    pems: [String; 7],
    world: World,
    /// Whether the cluster was ever restored: then a watch cannot know all changes.
    is_restored: bool,
    /// The facts after the last poll.
    before: Arc<Facts>,
}

impl History {
    fn begin(pems: &[String; 7]) -> Self {
        let cluster = Cluster::with_olm();
        for index in 0..OPERATORS {
            Change::Operator(index, "Succeeded").apply(&cluster, pems);
        }
        Self {
            pems: pems.clone(),
            world: World::confined(cluster, &[NAMESPACE]),
            is_restored: false,
            before: Arc::default(),
        }
    }

    async fn take(&mut self, step: &Step) {
        let cluster = self.world.cluster.clone();
        match step {
            Step::Change(change) => change.apply(&cluster, &self.pems),
            Step::Deny(resource, true) => cluster.refuse(RESOURCES[*resource], NAMESPACE),
            Step::Deny(resource, false) => cluster.refuse_watch(RESOURCES[*resource], NAMESPACE),
            Step::Allow(resource) => {
                cluster.allow(RESOURCES[*resource], NAMESPACE);
                cluster.allow_watch(RESOURCES[*resource], NAMESPACE);
            }
            Step::Poll(None) => self.poll(true).await,
            Step::Poll(Some((failure, wanted, times))) => {
                cluster.inject(failure.fault(&self.pems), wanted, *times);
                self.poll(!failure.changes_the_cluster()).await;
                cluster.heal();
            }
            Step::Restore(back) => {
                self.is_restored = true;
                cluster.set_reachable(false);
                cluster.restore(cluster.revision().saturating_sub(*back).max(1));
                self.poll(true).await;
                cluster.set_reachable(true);
                tokio::time::sleep(OUTAGE).await;
            }
        }
    }

    /// Polls once. With `is_still`, the cluster does not change meanwhile, and a complete list is
    /// the present one.
    async fn poll(&mut self, is_still: bool) {
        self.world.watch().await;
        let now = self.world.watched.observed().facts;
        let mut fresh = World::confined(self.world.cluster.copy(), &[NAMESPACE]);
        let present = fresh.watched.poll().await.facts;
        let lists = &self.world.snapshot.lists;
        for resource in RESOURCES {
            let mut of_resource = lists.iter().filter(|list| is_of(list, resource));
            if !of_resource.all(List::is_up) {
                let lost = !has_same(resource, &self.before, &now);
                assert!(!lost, "{resource}: lost in an incomplete poll");
            } else if is_still {
                let is_fresh = has_same(resource, &present, &now);
                assert!(is_fresh, "{resource}: not what a fresh start reads");
            }
        }
        let is_none = lists.iter().all(|list| list.reconciled == 0);
        assert!(is_none || self.is_restored, "a watch has missed something");
        self.before = now;
    }

    /// Polls in peace, and compares the exposition with that of a fresh start.
    async fn end(&mut self) {
        self.world.watch().await;
        let lists = &self.world.snapshot.lists;
        assert!(lists.iter().all(List::is_up), "all is well in the end");
        let mut fresh = World::confined(self.world.cluster.copy(), &[NAMESPACE]);
        fresh.watch().await;
        let [now, present] = [&self.world, &fresh].map(World::inventory);
        assert_eq!(now, present, "the exposition");
    }
}

/// Whether the facts that come from a resource are the same.
fn has_same(resource: &str, one: &Facts, other: &Facts) -> bool {
    match resource {
        "secrets" => one.holders == other.holders,
        "services" => one.services == other.services,
        _ => one.operators == other.operators && one.invalid_fields == other.invalid_fields,
    }
}

fn is_of(list: &List, resource: &str) -> bool {
    list.resource.split('.').next() == Some(resource)
}

/// Lives through a history, in no time.
fn live(pems: &[String; 7], steps: &[Step]) {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(async {
        let mut history = History::begin(pems);
        for step in steps {
            history.take(step).await;
        }
        let cluster = history.world.cluster.clone();
        for resource in RESOURCES {
            cluster.allow(resource, NAMESPACE);
            cluster.allow_watch(resource, NAMESPACE);
        }
        history.poll(true).await;
        history.end().await;
    });
}

/// Lives through so many random histories, until one fails.
fn live_through(cases: u32, seed: &[u8; 32]) -> Result<(), String> {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, seed);
    let pems = pems();
    let steps = prop::collection::vec(step(), 1..25);
    let lived = TestRunner::new_with_rng(config, rng).run(&steps, |steps| {
        live(&pems, &steps);
        Ok(())
    });
    lived.map_err(|error| error.to_string())
}

#[test]
fn any_history_leads_to_what_a_fresh_start_would_read() {
    let asked = env::var("NOTAFTER_HISTORIES").ok();
    let cases: u32 = asked.map_or(HISTORIES, |asked| {
        asked.parse().expect("a number of histories")
    });
    let threads = u32::try_from(thread::available_parallelism().map_or(1, usize::from)).unwrap();
    let mut rng = rng();
    thread::scope(|scope| {
        let mut living = Vec::new();
        for _ in 0..threads {
            let mut seed = [0; 32];
            rng.fill(&mut seed);
            living.push(scope.spawn(move || live_through(cases.div_ceil(threads), &seed)));
        }
        for lived in living {
            if let Err(error) = lived.join().expect("proptest catches panics") {
                panic!("{error}");
            }
        }
    });
}
