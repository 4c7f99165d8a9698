//! The objects of one list, as they were last seen, and their new states during a poll.

use std::collections::BTreeMap;

use super::changed::Changed;
use super::error::Error;
use crate::facts::Fact;
use crate::kinds::{ObjectFacts, Resource};
use crate::wire::{Identity, Item, Malformed};

/// The most objects of a list: more TLS secrets than an etcd of the recommended 8 GB can hold, and
/// a bound for a list that has no end.
pub(super) const MOST: usize = 1_000_000;

/// The objects of one list.
#[derive(Default)]
pub(super) struct Objects {
    /// By `namespace/name`.
    known: BTreeMap<Box<str>, Known>,
    /// Counts the lists of metadata, to mark the objects that the current one has.
    list: u64,
}

/// An object, as it was last seen.
pub(super) struct Known {
    uid: Box<str>,
    resource_version: Box<str>,
    facts: ObjectFacts,
    /// The last list of metadata that had the object unchanged.
    seen: u64,
}

/// The new states of objects, by `namespace/name`; nothing for an object that is gone.
#[derive(Default)]
pub(super) struct Update(BTreeMap<Box<str>, Option<Known>>);

// === impl Objects ===

impl Objects {
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// The facts about every object, by namespace and name.
    pub(super) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.known.values().flat_map(|known| &known.facts)
    }

    /// Returns an object by its `namespace/name`.
    pub(super) fn get(&self, object: &str) -> Option<&Known> {
        self.known.get(object)
    }

    /// Reads the state of an object of that `namespace/name`. An unchanged one is not read again.
    pub(super) fn read(
        &self,
        object: &str,
        resource: &Resource,
        item: &Item<'_>,
    ) -> Result<Known, Malformed> {
        let known = self.known.get(object);
        let facts = match known.filter(|known| known.is(&item.identity)) {
            Some(known) => known.facts.clone(),
            None => resource.read(item)?,
        };
        Ok(Known {
            uid: (*item.identity.uid).into(),
            resource_version: (*item.identity.resource_version).into(),
            facts,
            seen: self.list,
        })
    }

    /// Starts a comparison with a list of metadata.
    pub(super) fn start_comparison(&mut self) {
        self.list += 1;
    }

    /// Returns whether an object of the list of metadata is the known one, unchanged.
    pub(super) fn has(&mut self, object: &str, identity: &Identity<'_>) -> bool {
        let known = self.known.get_mut(object);
        let Some(known) = known.filter(|known| known.is(identity)) else {
            return false;
        };
        known.seen = self.list;
        true
    }

    /// The objects that the list of metadata did not have unchanged: they are gone or changed.
    pub(super) fn missing(&self) -> impl Iterator<Item = &str> {
        let missing = self
            .known
            .iter()
            .filter(|(_, known)| known.seen != self.list);
        missing.map(|(object, _)| &**object)
    }

    /// Applies the new states of some objects.
    pub(super) fn apply(&mut self, update: Update) -> Changed {
        let mut changed = Changed::default();
        for (object, state) in update.0 {
            let now = state.as_ref().map_or(&[][..], |state| &state.facts);
            let before = self.known.get(&object);
            changed |= Changed::between(before.map_or(&[][..], |known| &known.facts), now);
            match state {
                Some(state) => drop(self.known.insert(object, state)),
                None => drop(self.known.remove(&object)),
            }
        }
        changed
    }

    /// Applies the states of all objects: those without one are gone.
    pub(super) fn replace(&mut self, mut update: Update) -> Changed {
        let gone = self.known.keys().filter(|object| !update.has(object));
        let gone: Vec<Box<str>> = gone.cloned().collect();
        update
            .0
            .extend(gone.into_iter().map(|object| (object, None)));
        self.apply(update)
    }
}

// === impl Known ===

impl Known {
    /// Returns whether an object is this one, unchanged: the API's own contract for uid and
    /// resource version.
    pub(super) fn is(&self, identity: &Identity<'_>) -> bool {
        *self.uid == *identity.uid && *self.resource_version == *identity.resource_version
    }
}

// === impl Update ===

impl Update {
    /// Sets the new state of an object; returns whether there was none before.
    ///
    /// # Errors
    /// If there are more objects than any list has.
    pub(super) fn set(&mut self, object: &str, state: Option<Known>) -> Result<bool, Error> {
        if let Some(known) = self.0.get_mut(object) {
            *known = state;
            return Ok(false);
        }
        if self.0.len() == MOST {
            return Err(Error::TooMany(MOST));
        }
        self.0.insert(object.into(), state);
        Ok(true)
    }

    /// Returns whether it has a new state of an object.
    pub(super) fn has(&self, object: &str) -> bool {
        self.0.contains_key(object)
    }
}
