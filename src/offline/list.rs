//! A list of a file, and what it proves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::clean::Clean;
use crate::facts::KnownList;
use crate::kinds::Resource;

/// The list that is being read, as far as its items tell.
#[derive(Default)]
pub(super) struct List {
    /// The resources that it has items of, by name.
    pub(super) resources: BTreeMap<Arc<str>, &'static Resource>,
    /// The namespaces of its items.
    pub(super) namespaces: BTreeSet<Box<str>>,
    /// Items without a kind, which the list names at its end.
    pub(super) untyped: Vec<(usize, Clean)>,
    pub(super) untyped_length: usize,
    /// True if an item could not be read: then the list proves no absence.
    pub(super) has_gaps: bool,
}

// === impl List ===

impl List {
    /// The lists of an API server of which the items are all. A list with items of several namespaces
    /// was taken of the whole cluster, and an empty one of the namespace that its folder is named
    /// after.
    pub(super) fn proven(&self, folder: Option<&str>) -> Vec<KnownList> {
        let mut namespaces = self.namespaces.iter().map(|namespace| &**namespace);
        let namespace = match self.namespaces.len() {
            0 => folder,
            1 => namespaces.next(),
            _ => None,
        };
        let is_somewhere = !self.namespaces.is_empty() || folder.is_some();
        let proven = self.resources.iter();
        let proven = proven.filter(|(_, resource)| is_somewhere || !resource.is_namespaced);
        let known = proven.map(|(name, resource)| KnownList {
            list: name.clone(),
            namespace: namespace.filter(|_| resource.is_namespaced).map(Into::into),
        });
        known.collect()
    }
}
