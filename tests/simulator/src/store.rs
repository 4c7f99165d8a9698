//! What etcd is to an API server: every version of every object, until it is compacted away.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

/// Where an object is: its resource (`secrets`), namespace and name; the order of a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) resource: &'static str,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// The objects, by revision.
#[derive(Default)]
pub(crate) struct Store {
    revision: u64,
    compacted: u64,
    objects: BTreeMap<Key, Vec<Version>>,
}

struct Version {
    revision: u64,
    /// Nothing once it was deleted.
    object: Option<Arc<Value>>,
}

impl Key {
    /// Its place in a list.
    pub(crate) fn place(&self) -> (&str, &str) {
        (&self.namespace, &self.name)
    }
}

impl Store {
    /// The newest revision there is.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether the state at a revision can still be told.
    pub(crate) fn knows(&self, revision: u64) -> bool {
        revision >= self.compacted
    }

    /// Creates or replaces an object: sets its uid, unless it is there already, and its resource version.
    pub(crate) fn put(&mut self, key: Key, mut object: Value) {
        self.revision += 1;
        let before = self.current(&key);
        let kept = |field: &str| Some(before.as_ref()?["metadata"][field].clone());
        let metadata = &mut object["metadata"];
        let uid = format!(
            "{:08x}-0000-4000-8000-{:012x}",
            self.revision, self.revision
        );
        metadata["uid"] = kept("uid").unwrap_or_else(|| uid.into());
        metadata["creationTimestamp"] =
            kept("creationTimestamp").unwrap_or_else(|| "2024-09-08T13:19:00Z".into());
        metadata["resourceVersion"] = self.revision.to_string().into();
        let version = Version {
            revision: self.revision,
            object: Some(Arc::new(object)),
        };
        self.objects.entry(key).or_default().push(version);
    }

    /// Deletes an object; says whether there was one.
    pub(crate) fn delete(&mut self, key: &Key) -> bool {
        let found = self.current(key).is_some();
        if found {
            self.revision += 1;
            let version = Version {
                revision: self.revision,
                object: None,
            };
            self.objects.entry(key.clone()).or_default().push(version);
        }
        found
    }

    /// Forgets every state but the newest.
    pub(crate) fn compact(&mut self) {
        self.revision += 1;
        self.compacted = self.revision;
    }

    /// Goes back to the state of an older revision, as from a backup.
    pub(crate) fn restore(&mut self, revision: u64) {
        self.revision = revision;
        for versions in self.objects.values_mut() {
            versions.retain(|version| version.revision <= revision);
        }
    }

    /// The objects of a resource, in one namespace or all, as they were at a revision, in their order.
    pub(crate) fn list(
        &self,
        resource: &str,
        namespace: Option<&str>,
        revision: u64,
    ) -> impl Iterator<Item = (&Key, &Arc<Value>)> {
        let wanted = move |key: &Key| {
            key.resource == resource && namespace.is_none_or(|namespace| key.namespace == namespace)
        };
        self.objects
            .iter()
            .filter(move |(key, _)| wanted(key))
            .filter_map(move |(key, versions)| {
                let version = versions
                    .iter()
                    .rev()
                    .find(|version| version.revision <= revision)?;
                Some((key, version.object.as_ref()?))
            })
    }

    fn current(&self, key: &Key) -> Option<Arc<Value>> {
        self.objects.get(key)?.last()?.object.clone()
    }
}
