//! The events of a bounded watch: everything that happened to the objects of a list since a version,
//! replayed from the API server's watch cache.
//!
//! A watch cannot know everything. A restored etcd counts on from an older version, and the events
//! below the last version are not sent; [`super::listing`] therefore compares with a list from time
//! to time.

use std::collections::BTreeMap;
use std::time::Duration;

use super::error::Error;
use super::list::{Event, EventKind};
use super::objects::{Objects, Update};
use super::place::Place;
use super::session::Session;

/// The events since a version.
pub(super) struct Events {
    pub(super) update: Update,
    /// The version of the last event or bookmark.
    pub(super) version: String,
    /// The version that the watch started from, where versions can be compared: they are numbers in
    /// every API server, but were opaque until Kubernetes 1.35.
    since: Option<u64>,
    /// The version of the last event of each object, by `namespace/name`.
    latest: BTreeMap<Box<str>, u64>,
}

/// Watches a list since a version, for a time of whole seconds.
///
/// # Errors
/// [`Error::Behind`] if the API server shows versions that are older than the given one.
pub(super) async fn follow(
    place: &Place,
    objects: &Objects,
    session: &mut Session<'_>,
    version: &str,
    time: Duration,
) -> Result<Events, Error> {
    let mut events = Events::since(version);
    let mut object = String::new();
    let mut take = |event: Event<'_>| events.take(place, objects, &mut object, &event);
    let (path, query) = (place.path(), place.watch(time));
    let form = place.resource.form;
    session
        .watch(&path, (&query, version), form, &mut take)
        .await?;
    Ok(events)
}

impl Events {
    fn since(version: &str) -> Self {
        Self {
            update: Update::default(),
            version: version.into(),
            since: version.parse().ok(),
            latest: BTreeMap::new(),
        }
    }

    /// Takes an event. The `object` is a string that is reused for every `namespace/name`.
    fn take(
        &mut self,
        place: &Place,
        objects: &Objects,
        object: &mut String,
        event: &Event<'_>,
    ) -> Result<(), Error> {
        let item = place.item(event.object)?;
        let text = &*item.identity.resource_version;
        let version: Option<u64> = text.parse().ok();
        let is_old = version < self.since;
        if event.kind == EventKind::Bookmark {
            return if is_old {
                Err(Error::Behind)
            } else {
                self.advance(text)
            };
        }
        item.identity.write_path(object);
        if is_old || version == self.since {
            let known = objects.get(object);
            let is_known = match event.kind {
                EventKind::Gone => known.is_none(),
                _ => known.is_some_and(|known| known.is(&item.identity)),
            };
            // Something that is known already may be told twice.
            return if is_known { Ok(()) } else { Err(Error::Behind) };
        }
        if let Some(version) = version {
            let latest = self.latest.entry(object.as_str().into()).or_default();
            if version <= *latest {
                return Ok(());
            }
            *latest = version;
        }
        let state = match event.kind {
            EventKind::Gone => None,
            _ => Some(objects.read(object, place.resource, &item)?),
        };
        self.update.set(object, state)?;
        self.advance(text)
    }

    /// Returns the newer one of two versions: of the events, and of a list.
    pub(super) fn newest(&self, list: String) -> String {
        let number = |version: &str| version.parse::<u64>().ok();
        if number(&self.version) > number(&list) {
            self.version.clone()
        } else {
            list
        }
    }

    /// Moves the version forward.
    fn advance(&mut self, version: &str) -> Result<(), Error> {
        let number = |version: &str| version.parse::<u64>().ok();
        if number(version) > number(&self.version) || number(version).is_none() {
            version.clone_into(&mut self.version);
        }
        Ok(())
    }
}
