//! The place of a list in the API: its path and its selectors.

use std::sync::Arc;
use std::time::Duration;

use kube::core::params::{ListParams, WatchParams};

use crate::kinds::Resource;
use crate::wire::{Item, Malformed};

/// A resource, in one namespace or all.
pub(super) struct Place {
    pub(super) resource: &'static Resource,
    pub(super) namespace: Option<Arc<str>>,
    /// The keys of the labels that its objects keep.
    pub(super) labels: Arc<[Box<str>]>,
}

impl Place {
    /// The namespace, in words for the log.
    pub(super) fn scope(&self) -> &str {
        self.namespace.as_deref().unwrap_or("all namespaces")
    }

    /// Reads an item of the list as far as its identity.
    pub(super) fn item<'a>(&'a self, bytes: &'a [u8]) -> Result<Item<'a>, Malformed> {
        Ok(self.resource.item(bytes)?.with_labels(&self.labels))
    }

    /// Returns the path of the list.
    pub(super) fn path(&self) -> String {
        self.path_in(self.namespace.as_deref())
    }

    /// Returns the path of the list of one namespace, or of all.
    pub(super) fn path_in(&self, namespace: Option<&str>) -> String {
        let Resource {
            group,
            version,
            plural,
            ..
        } = self.resource;
        let root = if group.is_empty() {
            format!("/api/{version}")
        } else {
            format!("/apis/{group}/{version}")
        };
        match namespace {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}"),
            None => format!("{root}/{plural}"),
        }
    }

    /// Returns the query that selects the objects of the list.
    pub(super) fn query(&self) -> ListParams {
        self.query_with(self.resource.fields.map(str::to_owned))
    }

    /// Returns the query that selects the object of that name, if it is in the list.
    pub(super) fn query_for(&self, name: &str) -> ListParams {
        let name = format!("metadata.name={name}");
        let fields: Vec<&str> = [&*name].into_iter().chain(self.resource.fields).collect();
        self.query_with(Some(fields.join(",")))
    }

    fn query_with(&self, fields: Option<String>) -> ListParams {
        ListParams {
            field_selector: fields,
            label_selector: self.resource.labels.map(str::to_owned),
            ..ListParams::default()
        }
    }

    /// Returns the query of a watch of the list that ends after whole seconds.
    pub(super) fn watch(&self, time: Duration) -> WatchParams {
        WatchParams {
            field_selector: self.resource.fields.map(str::to_owned),
            label_selector: self.resource.labels.map(str::to_owned),
            timeout: u32::try_from(time.as_secs()).ok(),
            bookmarks: true,
            send_initial_events: false,
        }
    }
}
