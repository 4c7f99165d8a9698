//! A recorder of everything that notafter exposes about a simulated cluster.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use notafter::api::{Cluster, Observed, Polling};
use notafter::metrics::{Exposition, Tail};
use notafter::object::ObjectRef;
use notafter::rotation::Declarations;
use notafter::snapshot::{Entry, Inventory, Role, Snapshot};
use notafter::urgency::{Assessed, Assessor, Thresholds, Urgency};
use notafter_simulator::Managers;

const HOUR: i64 = 3600;

/// A cluster on a simulated clock, and the record of its scrapes.
pub(crate) struct Recorder<'a> {
    pub(crate) managers: Managers,
    output: &'a mut dyn Write,
    watched: Cluster,
    snapshot: Snapshot,
    /// The revision of the cluster in the last poll.
    polled: Option<u64>,
    /// The objects whose last recorded urgency is not the lowest.
    urgent: HashMap<ObjectRef, u8>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(managers: Managers, output: &'a mut dyn Write) -> Self {
        let polling = Polling::listing(Duration::from_mins(1));
        let watched = Cluster::over(managers.cluster.client(), &polling);
        Self {
            managers,
            output,
            watched,
            snapshot: Snapshot::default(),
            polled: None,
            urgent: HashMap::new(),
        }
    }

    /// Lets the managers work until that time, with a scrape after every `step`.
    pub(crate) async fn until(&mut self, end: i64, step: i64) -> anyhow::Result<()> {
        while self.managers.now() < end {
            self.unseen(end.min(self.managers.now() + step));
            self.scrape().await?;
        }
        Ok(())
    }

    /// Lets the managers work until that time, at least once an hour, without a scrape.
    pub(crate) fn unseen(&mut self, end: i64) {
        while self.managers.now() < end {
            self.managers.advance(end.min(self.managers.now() + HOUR));
        }
    }

    /// Returns the expiry of a secret's certificate in the last snapshot.
    pub(crate) fn end(&self, namespace: &str, name: &str) -> anyhow::Result<i64> {
        let mut certificates = self.snapshot.inventory.certificates();
        let is_leaf = |entry: &Entry<'_>| {
            entry.role == Role::Leaf && entry.holder.object.place() == (namespace, name)
        };
        let leaf = certificates.find(is_leaf);
        let end = leaf.and_then(|leaf| leaf.certificate.not_after);
        end.with_context(|| format!("no certificate in {namespace}/{name}"))
    }

    /// Records what notafter exposes at this time.
    ///
    /// An unchanged cluster is not polled again: the snapshot would be the same.
    pub(crate) async fn scrape(&mut self) -> anyhow::Result<()> {
        let now = self.managers.now();
        let revision = Some(self.managers.cluster.revision());
        let is_new = revision != self.polled;
        if is_new {
            let Observed { facts, lists } = self.watched.poll().await;
            self.snapshot = Snapshot::judge(facts, lists, &Declarations::default(), &self.snapshot);
            self.polled = revision;
            drop(self.managers.cluster.requests());
        }
        // Only these times come from the real clock; the time of the cluster replaces them.
        for list in &mut self.snapshot.lists {
            list.last_success = list.last_success.map(|_| now);
        }
        let told = if is_new {
            writeln!(self.output, "# scraped {now}")?;
            self.snapshot.clone()
        } else {
            writeln!(self.output, "# scraped again {now}")?;
            Snapshot {
                inventory: Arc::new(Inventory::default()),
                lists: self.snapshot.lists.clone(),
            }
        };
        let tail = Tail {
            lists: told.lists,
            ..Tail::default()
        };
        for piece in Exposition::render(&told.inventory)
            .scrape("", "", &tail)
            .body
        {
            self.output
                .write_all(&piece)
                .context("writing the history")?;
        }
        if is_new {
            self.urgent.clear(); // a full scrape repeats what still holds
        }
        self.record_urgency(now)
    }

    /// Records the urgency of every object at this time, in numbers that the rules are compared
    /// with (tests/e2e/urgency.yaml): those that are urgent, and those that no longer are.
    fn record_urgency(&mut self, now: i64) -> anyhow::Result<()> {
        let assessed = Assessor::new(&self.snapshot.inventory, now, Thresholds::default()).all();
        for Assessed {
            object, urgency, ..
        } in assessed
        {
            let number = number(urgency);
            let recorded = self.urgent.get(object).copied().unwrap_or(0);
            if number == recorded {
                continue;
            }
            self.urgent.insert(object.clone(), number);
            let ObjectRef {
                kind,
                namespace,
                name,
            } = object;
            let kind = kind.as_str();
            writeln!(
                self.output,
                "notafter_urgency{{kind=\"{kind}\",cert_namespace=\"{namespace}\",name=\"{name}\"}} {number}"
            )
            .context("writing the history")?;
        }
        Ok(())
    }
}

/// The number of an urgency: the higher, the more urgent.
fn number(urgency: Urgency) -> u8 {
    match urgency {
        Urgency::Ok | Urgency::Unknown => 0,
        Urgency::Soon => 1,
        Urgency::Overdue => 2,
        Urgency::Blocked => 3,
        Urgency::Imminent => 4,
        Urgency::NotYetValid => 5,
        Urgency::Expired => 6,
    }
}
