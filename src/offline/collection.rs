//! Everything that was read, each object once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Inspected;
use super::problem::{Problem, Reason, Source};
use crate::facts::{Fact, Facts, Holder, KnownList};
use crate::health::{List, State};
use crate::kinds::{self, ObjectFacts, Resource};
use crate::object::ObjectRef;

/// Everything that was read so far.
#[derive(Default)]
pub(super) struct Collection {
    /// By the place of the resource in [`kinds::ALL`], and by `namespace/name`: in the order of the
    /// lists of an API server.
    objects: BTreeMap<(usize, String), Known>,
    files: BTreeMap<ObjectRef, Arc<Holder>>,
    sources: BTreeMap<ObjectRef, Source>,
    known: Vec<KnownList>,
    problems: Vec<Problem>,
    count: usize,
    /// The keys of the labels to keep.
    pub(super) labels: Arc<[Box<str>]>,
}

/// An object in its newest version.
struct Known {
    version: Box<str>,
    facts: ObjectFacts,
}

// === impl Collection ===

impl Collection {
    /// Nothing yet, of objects whose labels with these keys are kept.
    pub(super) fn keeping(labels: &[Box<str>]) -> Self {
        Self {
            labels: labels.into(),
            ..Self::default()
        }
    }

    /// The number of objects so far, of whatever kind.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn count_one(&mut self) {
        self.count += 1;
    }

    /// Adds the facts about an object. A second document of the object adds nothing if it says the
    /// same, and otherwise the newer one counts.
    pub(super) fn add(
        &mut self,
        resource: &'static Resource,
        object: &ObjectRef,
        version: &str,
        facts: ObjectFacts,
        source: Source,
    ) {
        let of = kinds::ALL
            .iter()
            .position(|known| std::ptr::eq(*known, resource));
        let place = (
            of.unwrap_or(0),
            format!("{}/{}", object.namespace, object.name),
        );
        let now = Known {
            version: version.into(),
            facts,
        };
        match self.objects.get_mut(&place) {
            None => {
                self.objects.insert(place, now);
                self.sources.insert(object.clone(), source);
            }
            Some(before) if before.facts == now.facts => {
                if is_newer(version, &before.version) {
                    before.version = now.version;
                }
            }
            Some(before) => {
                let is_newer = is_newer(version, &before.version);
                if is_newer {
                    *before = now;
                }
                self.conflict(object, source, is_newer);
            }
        }
    }

    /// Adds the certificates of a file.
    pub(super) fn add_file(&mut self, holder: Arc<Holder>, source: Source) {
        let object = holder.object.clone();
        match self.files.get(&object) {
            None => {
                self.sources.insert(object.clone(), source);
                self.files.insert(object, holder);
            }
            Some(before) if *before == holder => {}
            Some(_) => self.conflict(&object, source, false),
        }
    }

    fn conflict(&mut self, object: &ObjectRef, source: Source, is_newer: bool) {
        let place = self.sources.get_mut(object);
        let before = place.as_ref().map_or_else(String::new, ToString::to_string);
        let which = if is_newer { "this" } else { "that" };
        self.problems.push(Problem {
            object: Some(object.clone()),
            key: "".into(),
            reason: Reason::Conflict,
            message: format!("it differs from the same object in {before}; {which} one counts"),
            source: source.clone(),
        });
        if let Some(place) = place.filter(|_| is_newer) {
            *place = source;
        }
    }

    /// Takes note that a list was complete.
    pub(super) fn add_known(&mut self, list: KnownList) {
        if !self.known.contains(&list) {
            self.known.push(list);
        }
    }

    pub(super) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(super) fn finish(self) -> Inspected {
        let mut objects = [0; kinds::ALL.len()];
        for (of, _) in self.objects.keys() {
            objects[*of] += 1;
        }
        let lists = kinds::ALL.iter().zip(objects);
        let lists = lists.map(|(resource, objects)| list(resource, objects, &self.known));
        let lists = lists.collect();
        let is_whole = |name: &Arc<str>| {
            let mut known = self.known.iter();
            known.any(|known| known.list == *name && known.namespace.is_none())
        };
        let names = kinds::ALL.iter().map(|resource| resource.name());
        let unknown = names.filter(|name| !is_whole(name)).collect();
        let mut facts = Facts {
            unknown,
            known: self.known,
            ..Facts::default()
        };
        let all = self.objects.into_values().flat_map(|known| known.facts);
        let files = self.files.into_values().map(Fact::Holder);
        all.chain(files).for_each(|fact| facts.add(fact));
        Inspected {
            facts,
            lists,
            problems: self.problems,
            sources: self.sources,
        }
    }
}

/// Returns what is known of a list: nothing, unless the absence of an object would mean something.
fn list(resource: &Resource, objects: usize, known: &[KnownList]) -> List {
    let name = resource.name();
    let mut scopes = known.iter().filter(|known| known.list == name);
    let is_whole = scopes.clone().any(|scope| scope.namespace.is_none());
    let first = scopes.next();
    let namespace = first.filter(|_| !is_whole && scopes.next().is_none());
    List {
        namespace: namespace.and_then(|scope| scope.namespace.clone()),
        state: if first.is_some() {
            State::Complete
        } else {
            State::Unread
        },
        resource: name,
        objects,
        last_success: None,
        duration: Duration::ZERO,
        reconciled: 0,
    }
}

/// Returns whether a resource version is newer than another one: both are numbers, which grow.
fn is_newer(version: &str, than: &str) -> bool {
    let number = |version: &str| version.parse::<u128>().ok();
    match (number(version), number(than)) {
        (Some(version), Some(than)) => version > than,
        (Some(_), None) => true,
        _ => false,
    }
}
