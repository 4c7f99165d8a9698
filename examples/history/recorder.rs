//! notafter looking at a simulated cluster, and what it exposes written down.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use notafter::api::{Access, Cluster, Observed};
use notafter::metrics::{Exposition, Tail};
use notafter::snapshot::{Entry, Inventory, Role, Snapshot};
use notafter_simulator::Managers;
use tempfile::TempDir;

const HOUR: i64 = 3600;

/// A cluster on a clock, and everything that was scraped of it.
pub(crate) struct Recorder<'a> {
    pub(crate) managers: Managers,
    output: &'a mut dyn Write,
    watched: Cluster,
    snapshot: Snapshot,
    /// The revision of the cluster in the last poll.
    polled: Option<u64>,
    _kubeconfig: TempDir,
}

impl<'a> Recorder<'a> {
    pub(crate) async fn new(managers: Managers, output: &'a mut dyn Write) -> anyhow::Result<Self> {
        let address = managers.cluster.listen().await;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("kubeconfig");
        std::fs::write(&path, notafter_simulator::kubeconfig(address, None))?;
        let access = Access {
            kubeconfig: Some(path),
            context: None,
        };
        let watched = Cluster::connect(access, &[], Duration::from_mins(1)).await?;
        Ok(Self {
            managers,
            output,
            watched,
            snapshot: Snapshot::default(),
            polled: None,
            _kubeconfig: folder,
        })
    }

    /// Lets the managers work until that time, with a scrape in every `step` of it.
    pub(crate) async fn until(&mut self, end: i64, step: i64) -> anyhow::Result<()> {
        while self.managers.now() < end {
            self.unseen(end.min(self.managers.now() + step));
            self.scrape().await?;
        }
        Ok(())
    }

    /// Lets the managers work until that time, every hour at least, and nobody looks.
    pub(crate) fn unseen(&mut self, end: i64) {
        while self.managers.now() < end {
            self.managers.advance(end.min(self.managers.now() + HOUR));
        }
    }

    /// When the certificate of a secret ends, by what was last seen of it.
    pub(crate) fn end(&self, namespace: &str, name: &str) -> anyhow::Result<i64> {
        let mut certificates = self.snapshot.inventory.certificates();
        let is_leaf = |entry: &Entry<'_>| {
            entry.role == Role::Leaf && entry.holder.object.place() == (namespace, name)
        };
        let leaf = certificates.find(is_leaf);
        let end = leaf.and_then(|leaf| leaf.certificate.not_after);
        end.with_context(|| format!("no certificate in {namespace}/{name}"))
    }

    /// What notafter exposes at this time.
    ///
    /// A poll that finds nothing new is not made: the snapshot after it would be the same one.
    pub(crate) async fn scrape(&mut self) -> anyhow::Result<()> {
        let now = self.managers.now();
        let revision = Some(self.managers.cluster.revision());
        let is_new = revision != self.polled;
        if is_new {
            let Observed { facts, lists } = self.watched.poll().await;
            self.snapshot = Snapshot::judge(facts, lists, &self.snapshot);
            self.polled = revision;
            drop(self.managers.cluster.requests());
        }
        // The pipeline has no clock but here: it is the cluster's time that counts.
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
                .context("nobody reads the history")?;
        }
        Ok(())
    }
}
