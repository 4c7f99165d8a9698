//! A problem of a report.

use serde::Serialize;

use super::Source;
use crate::snapshot;

/// Something that could not be read.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The cluster; absent if there is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The kind of the object; absent if the problem is not about one.
    pub kind: Option<String>,
    /// The namespace of the object.
    pub namespace: Option<String>,
    /// The name of the object.
    pub name: Option<String>,
    /// The data key or the field.
    pub key: Option<String>,
    /// The reason, from a closed set.
    pub reason: String,
    /// The problem, in a sentence.
    pub message: String,
    /// The file, and the line in it.
    pub source: Option<String>,
    /// True if objects may exist behind the problem that were not seen.
    #[serde(skip)]
    pub hides: bool,
}

// === impl Problem ===

impl Problem {
    pub(super) fn of(problem: &snapshot::Problem, source: &Source<'_>) -> Self {
        let object = &problem.object;
        let file = source.files.and_then(|files| files.get(object));
        Self {
            cluster: source.cluster.map(str::to_owned),
            kind: Some(object.kind.as_str().to_owned()),
            namespace: Some(object.namespace.to_string()),
            name: Some(object.name.to_string()),
            key: Some(problem.field.to_string()),
            reason: problem.reason.as_str().to_owned(),
            message: problem.reason.meaning().to_owned(),
            source: file.map(ToString::to_string),
            hides: false,
        }
    }
}
