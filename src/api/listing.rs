//! The polling protocol of one list: metadata first, values of what changed, and only a complete list
//! replaces.
//!
//! 1. One list of metadata, `NotOlderThan` the last one seen: answered from the API server's watch cache on
//!    every version of Kubernetes, and never a step back in time between two API servers.
//! 2. Same uid and resource version: same object. Few others are asked for one by one, with a list too, so
//!    that the verb `list` is all the right that is needed. Many, or the first time: all of them, in pages.
//! 3. What a complete list does not have is gone. After a failure everything known stays as it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use kube::core::params::{ListParams, VersionMatch};

use super::body::Form;
use super::client::Client;
use super::object::{Identity, ListMeta};
use super::protobuf;
use super::resource::{Fact, Resource};
use super::trouble::Trouble;

/// The objects of one resource, in one namespace or all, as they were last seen.
pub(super) struct Listing {
    pub(super) resource: &'static Resource,
    pub(super) namespace: Option<Arc<str>>,
    /// By `namespace/name`.
    known: BTreeMap<Box<str>, Known>,
    /// Of the last complete list; nothing before the first.
    resource_version: Option<String>,
    /// Counts the polls, to tell what the current one has seen.
    poll: u64,
    /// How many values are asked for at a time; smaller once a page was too large.
    page: u32,
}

struct Known {
    uid: Box<str>,
    resource_version: Box<str>,
    fact: Fact,
    /// The last poll that saw it unchanged.
    seen: u64,
}

/// One list of metadata, compared with what was known.
struct Changes {
    resource_version: String,
    /// The `namespace/name` of every object that is new or not the same.
    objects: Vec<Box<str>>,
}

/// What the values that were asked for have brought so far.
#[derive(Default)]
struct Fresh {
    /// By `namespace/name`.
    objects: BTreeMap<Box<str>, Known>,
    /// Whether any of them is new, or now says something else that is of interest.
    changed: bool,
}

// === impl Listing ===

impl Listing {
    /// A list of which nothing is known yet.
    pub(super) fn new(resource: &'static Resource, namespace: Option<Arc<str>>) -> Self {
        let page = resource.page;
        Self {
            resource,
            namespace,
            known: BTreeMap::new(),
            resource_version: None,
            poll: 0,
            page,
        }
    }

    /// What is known of every object, by namespace and name.
    pub(super) fn facts(&self) -> impl ExactSizeIterator<Item = &Fact> {
        self.known.values().map(|known| &known.fact)
    }

    /// Forgets everything: the cluster does not have the resource. Says whether anything was known.
    pub(super) fn forget(&mut self) -> bool {
        self.resource_version = None;
        !std::mem::take(&mut self.known).is_empty()
    }

    /// Brings everything known up to date, and says whether anything changed. After an error, nothing has.
    pub(super) async fn poll(&mut self, client: &Client) -> Result<bool, Trouble> {
        self.poll += 1;
        let Some(version) = self.resource_version.clone() else {
            return self.read_all(client).await;
        };
        match self.read_metadata(client, version).await {
            Ok(changes) if self.is_few(changes.objects.len()) => {
                self.read_each(client, changes).await
            }
            Ok(_) => self.read_all(client).await,
            Err(Trouble::Behind) => {
                // A restored etcd counts on from an older version, so an equal one proves nothing any more.
                tracing::warn!(
                    list = self.resource.name,
                    "{}: everything is read again",
                    Trouble::Behind
                );
                for known in self.known.values_mut() {
                    known.resource_version = "".into();
                }
                self.read_all(client).await
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// A request for one object costs the API server about a millisecond, a page of 250 about five; and of an
    /// object that did not change no key needs to travel.
    fn is_few(&self, changed: usize) -> bool {
        changed <= 100.min(1 + self.known.len() / 10)
    }

    async fn read_metadata(
        &mut self,
        client: &Client,
        version: String,
    ) -> Result<Changes, Trouble> {
        let query = ListParams {
            resource_version: Some(version),
            version_match: Some(VersionMatch::NotOlderThan),
            ..self.resource.query(None)
        };
        let path = self.resource.path(self.namespace.as_deref());
        let mut objects = Vec::new();
        let mut object = String::new();
        let mut compare = |item: &[u8]| {
            let identity = protobuf::identity(item)?;
            identity.write_path(&mut object);
            match self.known.get_mut(object.as_str()) {
                Some(known) if known.is(&identity) => known.seen = self.poll,
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

    async fn read_each(&mut self, client: &Client, changes: Changes) -> Result<bool, Trouble> {
        let mut fresh = Fresh::default();
        for object in &changes.objects {
            let Some((namespace, name)) = object.split_once('/') else {
                continue;
            };
            // An object that was deleted since then is in no answer, and so is gone like any other.
            self.read_page(
                client,
                Some(namespace).filter(|it| !it.is_empty()),
                &self.resource.query(Some(name)),
                &mut fresh,
            )
            .await?;
        }
        let before = self.known.len();
        self.known.retain(|_, known| known.seen == self.poll);
        self.known.extend(fresh.objects);
        let gone = self.known.len() != before;
        self.resource_version = Some(changes.resource_version);
        Ok(gone || fresh.changed)
    }

    async fn read_all(&mut self, client: &Client) -> Result<bool, Trouble> {
        let namespace = self.namespace.clone();
        let mut fresh = Fresh::default();
        let mut next = None;
        let mut expired = false;
        loop {
            let query = ListParams {
                limit: Some(self.page),
                continue_token: next.clone(),
                ..self.resource.query(None)
            };
            match self
                .read_page(client, namespace.as_deref(), &query, &mut fresh)
                .await
            {
                Ok(ListMeta {
                    continue_token: Some(token),
                    ..
                }) => next = Some(token),
                Ok(meta) => {
                    let changed = fresh.changed || fresh.objects.len() != self.known.len();
                    self.known = fresh.objects;
                    self.resource_version =
                        Some(meta.resource_version).filter(|version| !version.is_empty());
                    return Ok(changed);
                }
                Err(Trouble::TooLarge(_)) if self.page > 1 => {
                    self.page = (self.page / 5).max(1);
                    (fresh, next) = (Fresh::default(), None);
                }
                Err(Trouble::Expired(_)) if !expired => {
                    expired = true;
                    (fresh, next) = (Fresh::default(), None);
                }
                Err(Trouble::Expired(Some(token))) => {
                    tracing::warn!(
                        list = self.resource.name,
                        "it expired twice: its last pages are newer than its first"
                    );
                    next = Some(token);
                }
                Err(trouble) => return Err(trouble),
            }
        }
    }

    async fn read_page(
        &self,
        client: &Client,
        namespace: Option<&str>,
        query: &ListParams,
        fresh: &mut Fresh,
    ) -> Result<ListMeta, Trouble> {
        let path = self.resource.path(namespace);
        let mut object = String::new();
        let mut read = |item: &[u8]| {
            let identity = self.resource.identity(item)?;
            identity.write_path(&mut object);
            let fact = match self.known.get(object.as_str()) {
                Some(known) if known.is(&identity) => known.fact.clone(),
                known => {
                    let fact = (self.resource.decode)(item)?;
                    fresh.changed |= known.is_none_or(|known| known.fact != fact);
                    fact
                }
            };
            let uid = (*identity.uid).into();
            let resource_version = (*identity.resource_version).into();
            let known = Known {
                uid,
                resource_version,
                fact,
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
    /// Whether an object is the one we know, unchanged: the API's own contract for these two.
    fn is(&self, identity: &Identity<'_>) -> bool {
        *self.uid == *identity.uid && *self.resource_version == *identity.resource_version
    }
}
