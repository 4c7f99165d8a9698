//! The judged objects of a cluster, and the questions that views ask about them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use strum::VariantArray;

use super::{Advice, Dates, Obstacle, Problem, Role, obstacle, problem};
use crate::certificate::Certificate;
use crate::facts::{Facts, Field, Holder, Operator};
use crate::impact::{self, Impact};
use crate::object::{Kind, ObjectRef};
use crate::rotation::{self, Declarations, Judged, Manager, Missing, Rotation, Tool};

/// The certificates and operators of a cluster, judged, and everything that could not be read.
#[derive(Debug, Default)]
pub struct Inventory {
    facts: Arc<Facts>,
    judged: Vec<Judged>,
    missing: Vec<Missing>,
    tool: Tool,
    /// The positions of the few leaves that are not at 0.
    moved_leaves: BTreeMap<ObjectRef, usize>,
    /// Evidence that a certificate will not be renewed, by object; no object twice with the same
    /// evidence.
    pub obstacles: Vec<Obstacle>,
    /// The consumers that fail when a certificate expires, by object; each once.
    pub impacts: Vec<Impact>,
    /// Every problem; each once.
    pub problems: Vec<Problem>,
}

/// A certificate, in its place.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The object that holds it.
    pub holder: &'a Holder,
    /// The rotation of the holder's leaf.
    pub rotation: &'a Rotation,
    /// The field that it is in.
    pub field: &'a Field,
    /// The position among the certificate blocks of the field, unusable ones included, from 0.
    pub position: usize,
    /// The certificate.
    pub certificate: &'a Certificate,
    /// The role that follows from its place.
    pub role: Role,
}

// === impl Inventory ===

impl Inventory {
    /// Judges the facts.
    pub fn judge(facts: Arc<Facts>, declarations: &Declarations) -> Self {
        let (judged, missing, misstated) = rotation::judge(&facts, declarations);
        let tool = if facts.is_openshift {
            Tool::Oc
        } else {
            Tool::Kubectl
        };
        let leaves = facts
            .holders
            .iter()
            .map(|holder| (&holder.object, holder.position_of_leaf()));
        let moved = leaves.filter(|(_, position)| *position > 0);
        Self {
            moved_leaves: moved
                .map(|(object, position)| (object.clone(), position))
                .collect(),
            obstacles: obstacle::of(&judged, &missing, tool),
            impacts: impact::of(&facts),
            problems: problem::of(&facts, misstated),
            judged,
            missing,
            tool,
            facts,
        }
    }

    /// Returns whether these are the facts that were judged.
    pub(super) fn is_of(&self, facts: &Arc<Facts>) -> bool {
        Arc::ptr_eq(&self.facts, facts)
    }

    /// Every certificate, in the order of its holders, fields and positions: no two share all three.
    pub fn certificates(&self) -> impl Iterator<Item = Entry<'_>> {
        let judged = self.judged.iter();
        judged.flat_map(|judged| self.certificates_of(judged))
    }

    /// The certificates of one holder.
    pub fn certificates_of<'a>(&self, judged: &'a Judged) -> impl Iterator<Item = Entry<'a>> {
        let fields = judged.holder.fields.iter();
        fields.flat_map(move |field| {
            let blocks = field.blocks.iter().enumerate();
            blocks.filter_map(move |(position, block)| {
                let certificate = block.certificate()?;
                Some(Entry {
                    holder: &judged.holder,
                    rotation: &judged.rotation,
                    field,
                    position,
                    certificate,
                    role: Role::of(field, position, certificate),
                })
            })
        })
    }

    /// Every holder with its rotation, no object twice, in the order of the lists that have them: not
    /// the order of [`ObjectRef`].
    pub fn judged(&self) -> &[Judged] {
        &self.judged
    }

    /// The holder with its rotation; nothing if the object is not there.
    pub fn find(&self, object: &ObjectRef) -> Option<&Judged> {
        let mut all = self.judged.iter();
        all.find(|judged| judged.holder.object == *object)
    }

    /// Every object that should exist and does not.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// The contents of alerts about every object, those that are missing included; not about those
    /// that are ignored.
    pub fn advice(&self) -> impl Iterator<Item = Advice<'_>> {
        let heeded = self
            .judged
            .iter()
            .filter(|judged| judged.rotation.ignored.is_none());
        let present = heeded.map(|judged| {
            let (object, rotation) = (&judged.holder.object, &judged.rotation);
            (object, rotation, self.dates_of(judged))
        });
        let missing = self.missing.iter();
        let absent = missing.map(|missing| (&missing.object, &missing.rotation, None));
        let all = present.chain(absent);
        all.map(|(object, rotation, dates)| self.advice_of(object, rotation, dates))
    }

    /// The contents of an alert about one object of the inventory, with its rotation and its dates that
    /// count.
    pub fn advice_of<'a>(
        &self,
        object: &'a ObjectRef,
        rotation: &'a Rotation,
        dates: Option<Dates>,
    ) -> Advice<'a> {
        let impacts = self.impacts_of(object);
        Advice::of(object, rotation, dates, impacts, self.tool)
    }

    /// The dates of one holder that count; nothing if no expiry can be read.
    pub fn dates_of(&self, judged: &Judged) -> Option<Dates> {
        Dates::of(self.certificates_of(judged))
    }

    /// Every object that is excluded from alerts, and the reason.
    pub fn ignored(&self) -> impl Iterator<Item = (&ObjectRef, &str)> {
        self.judged.iter().filter_map(|judged| {
            let reason = judged.rotation.ignored.as_deref()?;
            Some((&judged.holder.object, reason))
        })
    }

    /// The managers of certificates whose renewals have due dates, and the command that shows whether
    /// such a manager runs.
    pub fn overviews(&self) -> impl Iterator<Item = (Manager, String)> {
        let is_there = |manager: &&Manager| {
            let mut all = self.judged.iter();
            all.any(|judged| judged.rotation.manager == **manager)
        };
        let managers = Manager::VARIANTS.iter().filter(is_there);
        managers.filter_map(|manager| {
            let overview = rotation::overview(*manager)?;
            // It is about no object, and names its own namespace.
            let nothing = ObjectRef::new(Kind::Secret, "", "");
            Some((*manager, overview.command(self.tool, &nothing)))
        })
    }

    /// The part of the inventory that is about some objects, and about what holds no certificates in
    /// their namespaces, such as operators.
    #[must_use]
    pub fn only(&self, objects: &HashSet<&ObjectRef>) -> Self {
        let namespaces: HashSet<&str> = objects.iter().map(|object| &*object.namespace).collect();
        let operators = self.facts.operators.iter();
        let operators =
            operators.filter(|operator| namespaces.contains(&*operator.object.namespace));
        let facts = Facts {
            operators: operators.cloned().collect(),
            ..Facts::default()
        };
        let judged = self.judged.iter();
        let judged = judged.filter(|judged| objects.contains(&judged.holder.object));
        let missing = self.missing.iter();
        let missing = missing.filter(|missing| objects.contains(&missing.object));
        let obstacles = self.obstacles.iter();
        let obstacles = obstacles.filter(|obstacle| objects.contains(&obstacle.object));
        let impacts = self.impacts.iter();
        let impacts = impacts.filter(|impact| objects.contains(&impact.object));
        let holders = self.judged.iter().map(|judged| &judged.holder.object);
        let holders: HashSet<&ObjectRef> = holders.collect();
        let is_kept = |object: &ObjectRef| {
            let is_beside = !holders.contains(object) && namespaces.contains(&*object.namespace);
            is_beside || objects.contains(object)
        };
        let problems = self.problems.iter();
        let problems = problems.filter(|problem| is_kept(&problem.object));
        Self {
            facts: Arc::new(facts),
            judged: judged.cloned().collect(),
            missing: missing.cloned().collect(),
            tool: self.tool,
            moved_leaves: self.moved_leaves.clone(),
            obstacles: obstacles.cloned().collect(),
            impacts: impacts.cloned().collect(),
            problems: problems.cloned().collect(),
        }
    }

    /// Returns whether a consumer of an object is known.
    pub fn has_consumer(&self, object: &ObjectRef) -> bool {
        !self.impacts_of(object).is_empty()
    }

    fn impacts_of(&self, object: &ObjectRef) -> &[Impact] {
        let start = self
            .impacts
            .partition_point(|impact| impact.object < *object);
        let rest = &self.impacts[start..];
        let length = rest.partition_point(|impact| impact.object == *object);
        &rest[..length]
    }

    /// The position of an object's leaf in its field; 0 if the object does not exist.
    pub fn position_of_leaf(&self, object: &ObjectRef) -> usize {
        self.moved_leaves.get(object).copied().unwrap_or_default()
    }

    /// Every operator, by namespace and name.
    pub fn operators(&self) -> &[Arc<Operator>] {
        &self.facts.operators
    }
}
