//! The polling protocol of one list: metadata first, then the values of changed objects, and only a
//! complete list replaces.
//!
//! 1. One list of metadata, `NotOlderThan` the last one seen: answered from the API server's watch
//!    cache on every version of Kubernetes, and never a step back in time between two API servers.
//! 2. An equal uid and resource version mean an unchanged object. A few changed objects are
//!    requested one by one, each with a list too, so that the verb `list` is the only right needed.
//!    Many changed objects, or the first poll: all of them, in pages.
//! 3. An object that is missing from a complete list is removed. After a failure everything known
//!    stays.

use std::collections::BTreeMap;
use std::ops::BitOr;
use std::sync::Arc;

use kube::core::params::{ListParams, VersionMatch};

use super::client::Client;
use super::error::Error;
use super::list::ListMeta;
use super::request;
use crate::facts::Fact;
use crate::kinds::{ObjectFacts, Resource};
use crate::wire::{Form, Identity, Item};

/// The number of times that one poll continues an expired list with the inconsistent token that the
/// server offers. etcd keeps five minutes of history (kube-apiserver:
/// `--etcd-compaction-interval`), so a list that expires more often within a poll's deadline will
/// not end.
const CONTINUATIONS: u32 = 3;

/// The objects of one resource, in one namespace or all, as they were last seen.
pub(super) struct Listing {
    pub(super) resource: &'static Resource,
    pub(super) namespace: Option<Arc<str>>,
    /// By `namespace/name`.
    known: BTreeMap<Box<str>, Known>,
    /// The version of the last complete list; nothing before the first.
    resource_version: Option<String>,
    /// Counts the polls, to mark the objects that the current one has seen.
    poll: u64,
    /// The number of values requested at a time; smaller once a page was too large.
    page: u32,
}

struct Known {
    uid: Box<str>,
    resource_version: Box<str>,
    facts: ObjectFacts,
    /// The last poll that saw the object unchanged.
    seen: u64,
}

/// A list of metadata, compared with the known objects.
struct Changes {
    resource_version: String,
    /// The `namespace/name` of every object that is new or changed.
    objects: Vec<Box<str>>,
}

/// The objects whose values have been read so far.
#[derive(Default)]
struct Fresh {
    /// By `namespace/name`.
    objects: BTreeMap<Box<str>, Known>,
    changed: Changed,
}

/// The effect of a poll on what is known.
#[derive(Clone, Copy, Default)]
pub(super) struct Changed {
    /// Whether the facts about certificates changed.
    pub(super) facts: bool,
    /// Whether the facts about serving changed.
    pub(super) serving: bool,
}

// === impl Listing ===

impl Listing {
    /// A list of which nothing is known yet.
    pub(super) fn new(resource: &'static Resource, namespace: Option<Arc<str>>) -> Self {
        Self {
            resource,
            namespace,
            known: BTreeMap::new(),
            resource_version: None,
            poll: 0,
            page: resource.page,
        }
    }

    /// The number of known objects.
    pub(super) fn objects(&self) -> usize {
        self.known.len()
    }

    /// The facts about every known object, by namespace and name.
    pub(super) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.known.values().flat_map(|known| &known.facts)
    }

    /// Removes every object, because the cluster lacks the resource.
    pub(super) fn clear(&mut self) -> Changed {
        self.resource_version = None;
        Changed::if_any(!std::mem::take(&mut self.known).is_empty())
    }

    /// Brings everything known up to date and returns the effect. After an error, nothing has
    /// changed.
    pub(super) async fn poll(&mut self, client: &Client) -> Result<Changed, Error> {
        self.poll += 1;
        let Some(version) = self.resource_version.clone() else {
            return self.read_all(client).await;
        };
        match self.read_metadata(client, version).await {
            Ok(changes) if self.is_few(changes.objects.len()) => {
                self.read_each(client, changes).await
            }
            Ok(_) => self.read_all(client).await,
            Err(Error::Behind) => {
                // A restored etcd continues from an older version, so an equal version proves
                // nothing.
                let (list, reason) = (self.resource.name(), Error::Behind);
                tracing::warn!(%list, %reason, "reading the whole list again");
                for known in self.known.values_mut() {
                    known.resource_version = "".into();
                }
                self.read_all(client).await
            }
            Err(error) => Err(error),
        }
    }

    /// Whether to request changed objects one by one. Each such request costs the API server about
    /// a millisecond, a page of 250 about five; and the keys of unchanged objects need not travel.
    fn is_few(&self, changed: usize) -> bool {
        changed <= 100.min(1 + self.known.len() / 10)
    }

    async fn read_metadata(&mut self, client: &Client, version: String) -> Result<Changes, Error> {
        let query = ListParams {
            resource_version: Some(version),
            version_match: Some(VersionMatch::NotOlderThan),
            ..request::query(self.resource, None)
        };
        let path = request::path(self.resource, self.namespace.as_deref());
        let kind = self.resource.kind;
        let mut objects = Vec::new();
        let mut object = String::new();
        let mut compare = |bytes: &[u8]| {
            let identity = Item::protobuf(kind, bytes)?.identity;
            identity.write_path(&mut object);
            match self.known.get_mut(object.as_str()) {
                Some(known) if known.is_unchanged(&identity) => known.seen = self.poll,
                _ => objects.push(object.as_str().into()),
            }
            Ok(())
        };
        let meta = client
            .list(&path, &query, Form::Metadata, &mut compare)
            .await?;
        Ok(Changes {
            resource_version: meta.resource_version,
            objects,
        })
    }

    async fn read_each(&mut self, client: &Client, changes: Changes) -> Result<Changed, Error> {
        let mut fresh = Fresh::default();
        for object in &changes.objects {
            let Some((namespace, name)) = object.split_once('/') else {
                continue;
            };
            // An object that was deleted in the meantime is in no answer, and so is removed.
            let namespace = Some(namespace).filter(|namespace| !namespace.is_empty());
            let query = request::query(self.resource, Some(name));
            self.read_page(client, namespace, &query, &mut fresh)
                .await?;
        }
        let before = self.known.len();
        self.known.retain(|_, known| known.seen == self.poll);
        self.known.extend(fresh.objects);
        let some_are_gone = self.known.len() != before;
        self.resource_version = Some(changes.resource_version);
        Ok(fresh.changed | Changed::if_any(some_are_gone))
    }

    async fn read_all(&mut self, client: &Client) -> Result<Changed, Error> {
        let namespace = self.namespace.clone();
        let mut fresh = Fresh::default();
        let mut next = None;
        let mut expired = 0;
        loop {
            let query = ListParams {
                limit: Some(self.page),
                continue_token: next.clone(),
                ..request::query(self.resource, None)
            };
            let page = self.read_page(client, namespace.as_deref(), &query, &mut fresh);
            match page.await {
                Ok(ListMeta {
                    continue_token: Some(token),
                    ..
                }) => next = Some(token),
                Ok(meta) => {
                    let some_are_gone = fresh.objects.len() != self.known.len();
                    self.known = fresh.objects;
                    let version = meta.resource_version;
                    self.resource_version = Some(version).filter(|version| !version.is_empty());
                    return Ok(fresh.changed | Changed::if_any(some_are_gone));
                }
                Err(Error::TooLarge(_)) if self.page > 1 => {
                    self.page = (self.page / 5).max(1);
                    (fresh, next) = (Fresh::default(), None);
                }
                Err(Error::Expired(token)) if expired <= CONTINUATIONS => {
                    expired += 1;
                    match token {
                        // The first time a fresh start gives a consistent list.
                        _ if expired == 1 => (fresh, next) = (Fresh::default(), None),
                        Some(token) => next = Some(token),
                        None => return Err(Error::Expired(None)),
                    }
                    if expired == 2 {
                        let list = self.resource.name();
                        tracing::warn!(%list, "the list expired twice: its last pages are newer than its first");
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn read_page(
        &self,
        client: &Client,
        namespace: Option<&str>,
        query: &ListParams,
        fresh: &mut Fresh,
    ) -> Result<ListMeta, Error> {
        let path = request::path(self.resource, namespace);
        let mut object = String::new();
        let mut read = |bytes: &[u8]| {
            let item = self.resource.item(bytes)?;
            item.identity.write_path(&mut object);
            let facts = match self.known.get(object.as_str()) {
                Some(known) if known.is_unchanged(&item.identity) => known.facts.clone(),
                known => {
                    let facts = self.resource.read(&item)?;
                    let before = known.map_or(&[][..], |known| &known.facts);
                    fresh.changed = fresh.changed | Changed::between(before, &facts);
                    facts
                }
            };
            let known = Known {
                uid: (*item.identity.uid).into(),
                resource_version: (*item.identity.resource_version).into(),
                facts,
                seen: self.poll,
            };
            fresh.objects.insert(object.as_str().into(), known);
            Ok(())
        };
        client
            .list(&path, query, self.resource.form, &mut read)
            .await
    }
}

// === impl Known ===

impl Known {
    /// Whether an object is the known one, unchanged: the API's own contract for uid and resource
    /// version.
    fn is_unchanged(&self, identity: &Identity<'_>) -> bool {
        *self.uid == *identity.uid && *self.resource_version == *identity.resource_version
    }
}

// === impl Changed ===

impl Changed {
    /// The effect of objects that are gone: whatever they were.
    fn if_any(some_are_gone: bool) -> Self {
        Self {
            facts: some_are_gone,
            serving: some_are_gone,
        }
    }

    fn between(before: &[Fact], now: &[Fact]) -> Self {
        let differ = |is_about_serving: bool| {
            let concerned = |fact: &&Fact| fact.is_about_serving() == is_about_serving;
            !before
                .iter()
                .filter(concerned)
                .eq(now.iter().filter(concerned))
        };
        Self {
            facts: differ(false),
            serving: differ(true),
        }
    }
}

impl BitOr for Changed {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            facts: self.facts | other.facts,
            serving: self.serving | other.serving,
        }
    }
}
