//! The judged whole: what is published after a poll, and what every view is a function of.
//!
//! A snapshot never changes and knows no clock: every time in it is absolute, so it stays the same until the
//! cluster changes, and "days left" belongs to whoever asks.

mod problem;

use std::sync::Arc;

use crate::certificate::Certificate;
use crate::facts::{Facts, Key, List, Operator, Secret, Seen, TLS_CRT};

pub use self::problem::{Problem, Reason};

/// What is known after a poll.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// What is in the cluster; the same [`Arc`] as before if nothing has changed.
    pub inventory: Arc<Inventory>,
    /// Every list behind it, and how it fared.
    pub lists: Vec<List>,
}

/// The certificates and operators of a cluster, and what could not be read of them.
#[derive(Debug, Default)]
pub struct Inventory {
    /// What it follows from.
    facts: Arc<Facts>,
    /// Every certificate, by namespace, name, key and position: no two share all four.
    pub certificates: Vec<Entry>,
    /// Every problem; each once.
    pub problems: Vec<Problem>,
}

/// One certificate in its place.
#[derive(Clone, Debug)]
pub struct Entry {
    secret: Arc<Secret>,
    key: usize,
    position: usize,
    /// What it is for.
    pub role: Role,
}

/// What a certificate is for, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The first of `tls.crt`: what a server or client shows.
    Leaf,
    /// One behind it that leads to a root.
    Chain,
    /// One behind it that issued itself.
    Root,
    /// One in another key, there to verify others.
    Trust,
}

// === impl Snapshot ===

impl Snapshot {
    /// Judges the facts; `before` spares the work if they are the ones it was made of.
    pub fn judge(seen: Seen, before: &Self) -> Self {
        let Seen { facts, lists } = seen;
        let inventory = if Arc::ptr_eq(&facts, &before.inventory.facts) {
            before.inventory.clone()
        } else {
            Arc::new(Inventory::judge(facts))
        };
        Self { inventory, lists }
    }
}

// === impl Inventory ===

impl Inventory {
    /// Every operator, by namespace and name.
    pub fn operators(&self) -> &[Arc<Operator>] {
        &self.facts.operators
    }

    fn judge(facts: Arc<Facts>) -> Self {
        Self {
            certificates: facts.secrets.iter().flat_map(entries).collect(),
            problems: problem::of(&facts),
            facts,
        }
    }
}

fn entries(secret: &Arc<Secret>) -> impl Iterator<Item = Entry> {
    let keys = &secret.keys;
    let blocks = keys
        .iter()
        .enumerate()
        .flat_map(|(key, it)| (0..it.blocks.len()).map(move |block| (key, block)));
    blocks.filter_map(|(key, position)| {
        let certificate = keys[key].blocks[position].certificate.as_ref()?;
        let role = Role::of(&keys[key], position, certificate);
        Some(Entry {
            secret: secret.clone(),
            key,
            position,
            role,
        })
    })
}

// === impl Entry ===

impl Entry {
    /// The secret it lies in.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The data key it lies in.
    pub fn key(&self) -> &str {
        &self.secret().keys[self.key].name
    }

    /// Its place among the certificate blocks of that key, unusable ones counted, from 0.
    pub fn position(&self) -> usize {
        self.position
    }

    /// What is known of it.
    pub fn certificate(&self) -> &Certificate {
        let block = &self.secret().keys[self.key].blocks[self.position];
        block
            .certificate
            .as_ref()
            .expect("entries are only made of blocks with a certificate")
    }
}

// === impl Role ===

impl Role {
    fn of(key: &Key, position: usize, certificate: &Certificate) -> Self {
        match (&*key.name == TLS_CRT, position) {
            (true, 0) => Self::Leaf,
            (true, _) if certificate.self_issued => Self::Root,
            (true, _) => Self::Chain,
            (false, _) => Self::Trust,
        }
    }
}
