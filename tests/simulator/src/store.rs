//! The store behind an API server, as etcd is: every version of every object until a compaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::history::{Change, History};

/// The metadata that an API server sets on every object, whatever a client sends.
const SET_BY_THE_SERVER: [&str; 3] = ["uid", "creationTimestamp", "resourceVersion"];

/// The key of an object: resource (`secrets`), namespace (empty if cluster-scoped) and name;
/// ordered as lists are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) resource: &'static str,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// The objects, by revision.
pub(crate) struct Store {
    /// The creation time of new objects.
    time: Timestamp,
    revision: u64,
    compacted: u64,
    objects: BTreeMap<Key, Vec<Version>>,
    pub(crate) history: History,
}

#[derive(Clone)]
struct Version {
    revision: u64,
    /// `None` once the object was deleted.
    object: Option<Arc<Value>>,
}

impl Key {
    /// Returns the position in a list.
    pub(crate) fn place(&self) -> (&str, &str) {
        (&self.namespace, &self.name)
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            time: Timestamp::constant(1_725_801_540, 0), // 2024-09-08T13:19:00Z
            revision: 1,                                 // as in an empty etcd
            compacted: 0,
            objects: BTreeMap::new(),
            history: History::default(),
        }
    }
}

impl Store {
    /// Returns a store with the present state, and no past.
    pub(crate) fn present(&self) -> Self {
        let versions = self.objects.iter().filter_map(|(key, versions)| {
            let last = versions.last().filter(|version| version.object.is_some())?;
            Some((key.clone(), vec![last.clone()]))
        });
        Self {
            time: self.time,
            revision: self.revision,
            compacted: self.revision,
            objects: versions.collect(),
            history: History::default(),
        }
    }

    /// Sets the creation time of new objects (Unix seconds).
    pub(crate) fn set_time(&mut self, seconds: i64) {
        self.time = Timestamp::from_second(seconds).expect("a time of our age");
    }

    /// Returns the newest revision.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns whether the state at a revision is still known.
    pub(crate) fn knows(&self, revision: u64) -> bool {
        revision >= self.compacted
    }

    /// Creates or replaces an object, and sets uid, creation time and resource version as a server
    /// does. An equal object changes nothing.
    pub(crate) fn put(&mut self, key: Key, mut object: Value) {
        let before = self.current(&key);
        let revision = self.revision + 1;
        let metadata = &mut object["metadata"];
        if let Some(before) = &before {
            for field in SET_BY_THE_SERVER {
                metadata[field] = before["metadata"][field].clone();
            }
        } else {
            metadata["uid"] = format!("{revision:08x}-0000-4000-8000-{revision:012x}").into();
            metadata["creationTimestamp"] = self.time.to_string().into();
        }
        if before.as_ref().is_some_and(|before| **before == object) {
            return;
        }
        object["metadata"]["resourceVersion"] = revision.to_string().into();
        self.set(key, before, Some(Arc::new(object)));
    }

    /// Deletes an object; returns whether there was one.
    pub(crate) fn delete(&mut self, key: &Key) -> bool {
        let before = self.current(key);
        let found = before.is_some();
        if found {
            self.set(key.clone(), before, None);
        }
        found
    }

    /// Adds a version of an object, at the next revision.
    fn set(&mut self, key: Key, before: Option<Arc<Value>>, after: Option<Arc<Value>>) {
        self.revision += 1;
        let revision = self.revision;
        let versions = self.objects.entry(key.clone()).or_default();
        versions.push(Version {
            revision,
            object: after.clone(),
        });
        self.history.record(Change {
            revision,
            key,
            before,
            after,
        });
    }

    /// Forgets every state but the newest. The watch cache keeps its changes.
    pub(crate) fn compact(&mut self) {
        self.revision += 1;
        self.compacted = self.revision;
    }

    /// Restores the state of an older revision, as from a backup, and starts the API server anew.
    pub(crate) fn restore(&mut self, revision: u64) {
        self.revision = revision;
        for versions in self.objects.values_mut() {
            versions.retain(|version| version.revision <= revision);
        }
        self.forget_history();
    }

    /// Starts the API server anew, with an empty watch cache.
    pub(crate) fn forget_history(&mut self) {
        self.history.restart(self.revision);
    }

    /// Returns the objects of a resource in one namespace or all, as they were at a revision, in
    /// order.
    pub(crate) fn list(
        &self,
        resource: &'static str,
        namespace: Option<&str>,
        revision: u64,
    ) -> impl Iterator<Item = (&Key, &Arc<Value>)> {
        let first = Key {
            resource,
            namespace: namespace.unwrap_or_default().into(),
            name: String::new(),
        };
        let wanted = move |key: &Key| {
            key.resource == resource && namespace.is_none_or(|namespace| key.namespace == namespace)
        };
        self.objects
            .range(first..)
            .take_while(move |(key, _)| wanted(key))
            .filter_map(move |(key, versions)| {
                let version = versions
                    .iter()
                    .rev()
                    .find(|version| version.revision <= revision)?;
                Some((key, version.object.as_ref()?))
            })
    }

    /// Returns the newest version of an object.
    pub(crate) fn current(&self, key: &Key) -> Option<Arc<Value>> {
        self.objects.get(key)?.last()?.object.clone()
    }
}
