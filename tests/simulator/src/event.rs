//! The events of a watch, and their frames.

use serde_json::{Value, json};

use crate::form::{Form, Shape};
use crate::history::Change;
use crate::protobuf;
use crate::resource::Resource;
use crate::selector::Requirement;
use crate::status::Status;

/// An event of a watch: its type, and an object.
pub(crate) struct Event {
    kind: &'static str,
    object: Value,
}

impl Event {
    pub(crate) fn new(kind: &'static str, object: Value) -> Self {
        Self { kind, object }
    }

    pub(crate) fn added(object: &Value) -> Self {
        Self::new("ADDED", object.clone())
    }

    pub(crate) fn error(status: &Status) -> Self {
        Self::new("ERROR", status.json())
    }

    /// Returns a bookmark: an object that has a version only.
    pub(crate) fn bookmark(revision: u64) -> Self {
        let metadata = json!({"resourceVersion": revision.to_string()});
        Self::new("BOOKMARK", json!({"metadata": metadata}))
    }

    /// Returns the bookmark behind the objects of the present state (kubernetes/apiserver:
    /// pkg/storage/util.go, `AnnotateInitialEventsEndBookmark`).
    pub(crate) fn initial_events_end(revision: u64) -> Self {
        let mut bookmark = Self::bookmark(revision);
        bookmark.object["metadata"]["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        bookmark
    }

    /// Returns a change as a selector shows it (kubernetes/apiserver:
    /// `pkg/storage/cacher/cache_watcher.go`, `convertToWatchEvent`).
    pub(crate) fn of(change: &Change, selector: &[Requirement]) -> Option<Self> {
        let is_selected =
            |object: &&Value| selector.iter().all(|requirement| requirement.holds(object));
        let before = change.before.as_deref().filter(is_selected);
        let after = change.after.as_deref().filter(is_selected);
        match (before, after) {
            (None, None) => None,
            (None, Some(object)) => Some(Self::added(object)),
            (Some(_), Some(object)) => Some(Self::new("MODIFIED", object.clone())),
            (Some(object), None) => {
                let mut last = object.clone();
                last["metadata"]["resourceVersion"] = change.revision.to_string().into();
                Some(Self::new("DELETED", last))
            }
        }
    }

    /// Returns the bytes on the wire. A watch that asks for a list of metadata has no form for
    /// an object, and the real server ends it without a word.
    pub(crate) fn frame(&self, resource: Resource, form: Form) -> Option<Vec<u8>> {
        if form.protobuf {
            let object = match form.shape {
                _ if self.object["kind"] == "Status" => protobuf::status(&self.object),
                Shape::Whole => protobuf::one_secret(&self.object),
                Shape::Metadata => protobuf::one_metadata(&self.object),
                Shape::MetadataList => return None,
            };
            let event = protobuf::event(self.kind, object);
            let length = u32::try_from(event.len()).expect("an object is smaller than that");
            return Some([&length.to_be_bytes(), &*event].concat());
        }
        let mut object = match form.shape {
            Shape::Whole => self.object.clone(),
            _ if self.object["kind"] == "Status" => self.object.clone(),
            Shape::Metadata => json!({"metadata": self.object["metadata"]}),
            Shape::MetadataList => return None,
        };
        if object["kind"] != "Status" {
            let metadata = form.shape == Shape::Metadata;
            let (kind, version) = if metadata {
                ("PartialObjectMetadata", "meta.k8s.io/v1".into())
            } else {
                (resource.kind, resource.api_version())
            };
            object["kind"] = kind.into();
            object["apiVersion"] = version.into();
        }
        let event = json!({"type": self.kind, "object": object});
        Some(format!("{event}\n").into_bytes())
    }
}
