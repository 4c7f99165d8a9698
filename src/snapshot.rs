//! The judged whole: what is published after a poll, and what every view is a function of.
//!
//! A snapshot never changes and knows no clock: every time in it is absolute, so it stays the same until the
//! cluster changes, and "days left" belongs to whoever asks.

use std::sync::Arc;

use crate::certificate::{Block, Certificate, Defect};
use crate::facts::{Facts, Key, List, Operator, Secret, TLS_CRT};

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
    /// Of which facts it was made.
    revision: u64,
    /// Every certificate, by namespace, name, key and position: no two share all four.
    pub certificates: Vec<Entry>,
    /// Every operator, by namespace and name.
    pub operators: Vec<Arc<Operator>>,
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

/// Something unusable, named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The kind of the object it is in.
    pub kind: &'static str,
    /// The object's namespace.
    pub namespace: Box<str>,
    /// The object's name.
    pub name: Box<str>,
    /// The data key or the path of the field.
    pub key: Box<str>,
    /// What is wrong.
    pub reason: Reason,
}

/// What can be wrong with a key or a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A `tls.crt` that is not empty and holds no certificate block.
    NoCertificate,
    /// A certificate block is damaged.
    Damaged(Defect),
    /// A field holds what it should not.
    Strange,
}

// === impl Snapshot ===

impl Snapshot {
    /// Judges the facts; `before` spares the work if they are the ones it was made of.
    pub fn judge(facts: Facts, before: &Self) -> Self {
        let unchanged = facts.revision == before.inventory.revision;
        let inventory = if unchanged {
            before.inventory.clone()
        } else {
            Arc::new(Inventory::judge(&facts))
        };
        Self {
            inventory,
            lists: facts.lists,
        }
    }
}

// === impl Inventory ===

impl Inventory {
    fn judge(facts: &Facts) -> Self {
        let mut problems: Vec<Problem> = facts
            .secrets
            .iter()
            .flat_map(|secret| problems_of_secret(secret))
            .collect();
        problems.extend(
            facts
                .operators
                .iter()
                .flat_map(|operator| problems_of_operator(operator)),
        );
        problems.sort_unstable();
        problems.dedup();
        let certificates = facts.secrets.iter().flat_map(entries).collect();
        Self {
            revision: facts.revision,
            certificates,
            operators: facts.operators.clone(),
            problems,
        }
    }
}

fn entries(secret: &Arc<Secret>) -> impl Iterator<Item = Entry> {
    let blocks = secret
        .keys
        .iter()
        .enumerate()
        .flat_map(|(key, it)| (0..it.blocks.len()).map(move |block| (key, block)));
    blocks.filter_map(|(key, position)| {
        let certificate = secret.keys[key].blocks[position].certificate.as_ref()?;
        let role = Role::of(&secret.keys[key], position, certificate);
        Some(Entry {
            secret: secret.clone(),
            key,
            position,
            role,
        })
    })
}

fn problems_of_secret(secret: &Secret) -> impl Iterator<Item = Problem> {
    let reasons = |key: &Key| -> Vec<Reason> {
        if key.blocks.is_empty() {
            return vec![Reason::NoCertificate];
        }
        key.blocks
            .iter()
            .filter_map(|block: &Block| block.defect.map(Reason::Damaged))
            .collect()
    };
    secret.keys.iter().flat_map(move |key| {
        reasons(key).into_iter().map(move |reason| Problem {
            kind: "Secret",
            namespace: secret.namespace.clone(),
            name: secret.name.clone(),
            key: key.name.clone(),
            reason,
        })
    })
}

fn problems_of_operator(operator: &Operator) -> impl Iterator<Item = Problem> {
    operator.strange.iter().map(|&field| Problem {
        kind: "ClusterServiceVersion",
        namespace: operator.namespace.clone(),
        name: operator.name.clone(),
        key: field.into(),
        reason: Reason::Strange,
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
        &self.secret.keys[self.key].name
    }

    /// Its place among the certificate blocks of that key, unusable ones counted, from 0.
    pub fn position(&self) -> usize {
        self.position
    }

    /// What is known of it.
    pub fn certificate(&self) -> &Certificate {
        let block = &self.secret.keys[self.key].blocks[self.position];
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
