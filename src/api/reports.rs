//! The last report of every list, and the whole that they make.

use std::sync::Arc;

use tokio::sync::watch;

use super::poller::Report;
use crate::facts::{ClusterTls, Fact, Facts, KnownList};
use crate::health::List;

/// The last report of every list.
pub struct Reports {
    lists: Vec<Reported>,
    /// The facts as they were when any changed last.
    facts: Arc<Facts>,
    /// True if any has changed since.
    is_stale: bool,
    /// The serving configuration that the cluster asks for.
    tls: watch::Sender<ClusterTls>,
}

/// Everything that is known at a time.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The facts; the same [`Arc`] as before if nothing has changed.
    pub facts: Arc<Facts>,
    /// The health of every list.
    pub lists: Vec<List>,
}

/// The last report of one list.
struct Reported {
    list: List,
    facts: Arc<[Fact]>,
    /// True if absence from the list is evidence.
    is_known: bool,
}

// === impl Reports ===

impl Reports {
    /// No reports yet of these lists.
    pub(super) fn of(lists: impl Iterator<Item = List>) -> Self {
        let lists = lists.map(|list| Reported {
            list,
            facts: Arc::default(),
            is_known: false,
        });
        Self {
            lists: lists.collect(),
            facts: Arc::default(),
            is_stale: false,
            tls: watch::Sender::default(),
        }
    }

    /// The serving configuration that the cluster asks for, followed from report to report.
    pub(super) fn cluster_tls(&self) -> watch::Receiver<ClusterTls> {
        self.tls.subscribe()
    }

    /// Takes a report in place of the list's previous one.
    pub fn take(&mut self, report: Report) {
        let reported = &mut self.lists[report.index];
        reported.list = report.list;
        reported.is_known = report.is_known;
        if let Some(facts) = report.facts {
            reported.facts = facts;
        }
        self.is_stale |= report.changed.facts;
        if report.changed.serving {
            self.publish_tls();
        }
    }

    /// Everything that is known now.
    pub fn observed(&mut self) -> Observed {
        if std::mem::take(&mut self.is_stale) {
            self.facts = Arc::new(self.collect());
        }
        let lists = self.lists.iter().map(|reported| reported.list.clone());
        Observed {
            facts: self.facts.clone(),
            lists: lists.collect(),
        }
    }

    fn collect(&self) -> Facts {
        let mut facts = Facts::default();
        for reported in &self.lists {
            for fact in &*reported.facts {
                facts.add(fact.clone());
            }
            let list = reported.list.resource.clone();
            if reported.is_known {
                let namespace = reported.list.namespace.clone();
                facts.known.push(KnownList { list, namespace });
            } else {
                facts.unknown.insert(list);
            }
        }
        facts
    }

    fn publish_tls(&self) {
        let mut now = ClusterTls::default();
        let facts = self.lists.iter().flat_map(|reported| &*reported.facts);
        facts.for_each(|fact| now.add(fact));
        self.tls.send_if_modified(|before| {
            let is_new = *before != now;
            *before = now;
            is_new
        });
    }
}
