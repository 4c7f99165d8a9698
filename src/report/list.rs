//! A list of a report.

use serde::Serialize;

use super::Source;
use crate::health::{self, State};

/// A list, and whether it could be read.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct List {
    /// The cluster; absent if there is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The resource, as `kubectl get` takes it.
    pub resource: String,
    /// The namespace that it is confined to; empty for all.
    pub scope: String,
    /// The state: `complete`, `absent` (the cluster has no such resource), `denied`, `failed`,
    /// `unread` or `unknown` (not in the files).
    pub state: &'static str,
    /// The number of its objects.
    pub objects: usize,
    /// The failure, or the rule that would allow the list.
    pub message: Option<String>,
}

// === impl List ===

impl List {
    pub(super) fn of(list: &health::List, source: &Source<'_>) -> Self {
        let (state, message) = match &list.state {
            // Files are read once, and prove nothing about what is not in them.
            State::Unread if source.files.is_some() => ("unknown", None),
            State::Unread => ("unread", None),
            State::Complete => ("complete", None),
            State::Absent => ("absent", None),
            State::Refused(rule) => ("denied", Some(format!("missing rule: {rule}"))),
            State::Failed(why) => ("failed", Some(why.clone())),
        };
        Self {
            cluster: source.cluster.map(str::to_owned),
            resource: list.resource.to_string(),
            scope: list.namespace.as_deref().unwrap_or_default().to_owned(),
            state,
            objects: list.objects,
            message,
        }
    }

    /// Returns whether objects of the list may exist that were not seen.
    pub fn is_incomplete(&self) -> bool {
        matches!(self.state, "denied" | "failed" | "unread")
    }
}
