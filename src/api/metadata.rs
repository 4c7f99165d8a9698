//! The comparison of a list of metadata with the known objects.
//!
//! The list is `NotOlderThan` the last known version: it is answered from the API server's watch
//! cache on every version of Kubernetes, and is never a step back in time between two API servers.

use std::collections::BTreeSet;

use kube::core::params::{ListParams, VersionMatch};

use super::error::Error;
use super::objects::{MOST, Objects};
use super::place::Place;
use super::session::Session;
use crate::wire::{Form, Item};

/// The differences between a list of metadata and the known objects.
pub(super) struct Differences {
    /// The version of the list.
    pub(super) version: String,
    /// The `namespace/name` of the objects that are new or changed.
    pub(super) changed: BTreeSet<Box<str>>,
    /// The `namespace/name` of the objects that are gone.
    pub(super) gone: BTreeSet<Box<str>>,
}

/// Compares the objects with a list of metadata that is not older than `version`.
pub(super) async fn compare(
    place: &Place,
    objects: &mut Objects,
    session: &mut Session<'_>,
    version: &str,
) -> Result<Differences, Error> {
    let query = ListParams {
        resource_version: Some(version.into()),
        version_match: Some(VersionMatch::NotOlderThan),
        ..place.query()
    };
    let mut changed = BTreeSet::new();
    let mut object = String::new();
    objects.start_comparison();
    let mut compare = |bytes: &[u8]| {
        let item = Item::protobuf(place.resource.kind, bytes)?;
        item.identity.write_path(&mut object);
        if !objects.has(&object, &item.identity) {
            changed.insert(object.as_str().into());
        }
        if changed.len() > MOST {
            return Err(Error::TooMany(MOST));
        }
        Ok(())
    };
    let path = place.path();
    let form = (Form::Metadata, place.resource.kind);
    let meta = session.list(&path, &query, form, &mut compare).await?;
    let missing = objects.missing().map(Box::from);
    let gone = missing.filter(|object| !changed.contains(object)).collect();
    Ok(Differences {
        version: meta.resource_version,
        changed,
        gone,
    })
}

// === impl Differences ===

impl Differences {
    /// Returns whether the list has exactly the known objects.
    pub(super) fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.gone.is_empty()
    }

    /// Keeps the differences of those objects only that `is_open` holds for.
    pub(super) fn retain(&mut self, is_open: impl Fn(&str) -> bool) {
        self.changed.retain(|object| is_open(object));
        self.gone.retain(|object| is_open(object));
    }

    /// The objects that differ.
    pub(super) fn objects(&self) -> impl Iterator<Item = &str> {
        self.changed.union(&self.gone).map(|object| &**object)
    }

    /// The number of objects that differ.
    pub(super) fn len(&self) -> usize {
        self.changed.len() + self.gone.len()
    }
}
