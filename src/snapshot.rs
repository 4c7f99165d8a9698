//! The judged whole: what is published after a poll, and what every view is a function of.
//!
//! A snapshot never changes and knows no clock: every time in it is absolute, so it stays the same until the
//! cluster changes, and "days left" belongs to whoever asks.

mod problem;

use std::sync::Arc;

use crate::certificate::Certificate;
use crate::facts::{Facts, Key, List, Operator, Secret, Seen, TLS_CRT};
use crate::impact::{self, Impact};
use crate::rotation::{self, Evidence, Manager, Missing, Remedy, Rotation, Tool};

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
    /// What shows that a secret will not be renewed, by namespace and name; no secret twice with the same evidence.
    pub obstacles: Vec<Obstacle>,
    /// Who breaks when a secret's certificate does; each once.
    pub impacts: Vec<Impact>,
    /// Every problem; each once.
    pub problems: Vec<Problem>,
}

/// One certificate in its place.
#[derive(Clone, Debug)]
pub struct Entry {
    judged: Arc<Judged>,
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

/// A secret, and what follows for it.
#[derive(Debug)]
struct Judged {
    secret: Arc<Secret>,
    rotation: Rotation,
    /// What commands begin with.
    tool: Tool,
}

/// What shows that a certificate will not be renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The namespace of its secret.
    pub namespace: Box<str>,
    /// The name of its secret, which may be what is missing.
    pub name: Box<str>,
    /// Who would renew it.
    pub manager: Manager,
    /// What it is.
    pub evidence: Evidence,
    /// The command to type.
    pub remedy: Box<str>,
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
        let (rotations, missing) = rotation::judge(&facts);
        let tool = if facts.is_openshift {
            Tool::Oc
        } else {
            Tool::Kubectl
        };
        let mut obstacles = Vec::new();
        let mut certificates = Vec::new();
        for (secret, rotation) in facts.secrets.iter().zip(rotations) {
            if let Some((evidence, remedy)) = &rotation.blocked {
                let (manager, place) = (rotation.manager, (&*secret.namespace, &*secret.name));
                obstacles.push(Obstacle::new(place, manager, *evidence, remedy, tool));
            }
            let secret = secret.clone();
            certificates.extend(entries(&Arc::new(Judged {
                secret,
                rotation,
                tool,
            })));
        }
        for Missing {
            namespace,
            name,
            blocked: (evidence, remedy),
        } in &missing
        {
            let place = (&**namespace, &**name);
            obstacles.push(Obstacle::new(place, Manager::Olm, *evidence, remedy, tool));
        }
        obstacles.sort_by(|one, other| one.place().cmp(&other.place()));
        Self {
            certificates,
            obstacles,
            impacts: impact::of(&facts),
            problems: problem::of(&facts),
            facts,
        }
    }
}

fn entries(judged: &Arc<Judged>) -> impl Iterator<Item = Entry> {
    let keys = &judged.secret.keys;
    let blocks = keys
        .iter()
        .enumerate()
        .flat_map(|(key, it)| (0..it.blocks.len()).map(move |block| (key, block)));
    blocks.filter_map(|(key, position)| {
        let certificate = keys[key].blocks[position].certificate.as_ref()?;
        let role = Role::of(&keys[key], position, certificate);
        Some(Entry {
            judged: judged.clone(),
            key,
            position,
            role,
        })
    })
}

// === impl Obstacle ===

impl Obstacle {
    fn new(
        (namespace, name): (&str, &str),
        manager: Manager,
        evidence: Evidence,
        remedy: &Remedy,
        tool: Tool,
    ) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
            manager,
            evidence,
            remedy: remedy.command(tool, namespace, name).into(),
        }
    }

    fn place(&self) -> (&str, &str, Evidence) {
        (&self.namespace, &self.name, self.evidence)
    }
}

// === impl Entry ===

impl Entry {
    /// The secret it lies in.
    pub fn secret(&self) -> &Secret {
        &self.judged.secret
    }

    /// Who renews it, by when, and what to do if not.
    pub fn rotation(&self) -> &Rotation {
        &self.judged.rotation
    }

    /// What to type once it is overdue or ends soon; empty if nothing can be advised.
    pub fn remedy(&self) -> String {
        let Judged {
            secret,
            rotation,
            tool,
        } = &*self.judged;
        let remedy = &rotation.remedy;
        remedy.command(*tool, &secret.namespace, &secret.name)
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
