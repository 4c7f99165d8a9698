//! Field and label selectors, as far as notafter uses them.

use serde_json::Value;

use crate::resource::{Resource, Scope};
use crate::status::Status;

/// One requirement of a selector; all must hold.
pub(crate) enum Requirement {
    Field {
        path: &'static str,
        equal: bool,
        value: String,
    },
    Label {
        key: String,
        is: Is,
    },
}

/// The condition on a label.
pub(crate) enum Is {
    Present,
    Absent,
    Equal(String),
    NotEqual(String),
}

/// The field labels (kubernetes/kubernetes: pkg/apis/core/v1/conversion.go).
const FIELDS: [(&str, &str); 3] = [
    ("metadata.name", "/metadata/name"),
    ("metadata.namespace", "/metadata/namespace"),
    ("type", "/type"),
];

/// Parses the two query parameters.
pub(crate) fn parse(
    fields: &str,
    labels: &str,
    resource: &Resource,
) -> Result<Vec<Requirement>, Status> {
    let fields = fields
        .split(',')
        .filter(|requirement| !requirement.is_empty())
        .map(|requirement| field(requirement, resource));
    let labels = labels
        .split(',')
        .filter(|requirement| !requirement.is_empty())
        .map(label);
    fields.chain(labels).collect()
}

fn field(text: &str, resource: &Resource) -> Result<Requirement, Status> {
    let invalid = || {
        Status::bad_request(format!(
            "invalid selector: '{text}'; can't understand '{text}'"
        ))
    };
    let (name, equal, value) = match (text.split_once("!="), text.split_once("==")) {
        (Some((name, value)), _) => (name, false, value),
        (None, Some((name, value))) => (name, true, value),
        (None, None) => text
            .split_once('=')
            .map(|(name, value)| (name, true, value))
            .ok_or_else(invalid)?,
    };
    let known = FIELDS
        .iter()
        .find(|(label, _)| *label == name && has_field(resource, name));
    let unsupported = || Status::bad_request(format!("field label not supported: {name}"));
    let (_, path) = known.ok_or_else(unsupported)?;
    Ok(Requirement::Field {
        path,
        equal,
        value: value.into(),
    })
}

/// Returns whether a resource has a field label. `metadata.namespace` exists for cluster-scoped
/// built-in resources, but not for custom ones (kubernetes/kubernetes:
/// staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/conversion/converter.go,
/// `ConvertFieldLabel`).
fn has_field(resource: &Resource, name: &str) -> bool {
    match name {
        "type" => resource.kind == "Secret",
        "metadata.namespace" => !resource.is_custom() || resource.scope == Scope::Namespace,
        _ => true,
    }
}

fn label(text: &str) -> Result<Requirement, Status> {
    let requirement = |key: &str, is: Is| {
        let valid = |char: char| char.is_ascii_alphanumeric() || "-_./".contains(char);
        if key.is_empty() || !key.chars().all(valid) {
            return Err(Status::bad_request(format!(
                "unable to parse requirement: {text:?}"
            )));
        }
        Ok(Requirement::Label {
            key: key.into(),
            is,
        })
    };
    match (
        text.strip_prefix('!'),
        text.split_once("!="),
        text.split_once('='),
    ) {
        (Some(key), _, _) => requirement(key, Is::Absent),
        (None, Some((key, value)), _) => requirement(key, Is::NotEqual(value.into())),
        (None, None, Some((key, value))) => {
            requirement(key, Is::Equal(value.trim_start_matches('=').into()))
        }
        (None, None, None) => requirement(text, Is::Present),
    }
}

impl Requirement {
    /// Returns whether the requirement holds for an object.
    pub(crate) fn holds(&self, object: &Value) -> bool {
        match self {
            Self::Field { path, equal, value } => {
                (object
                    .pointer(path)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    == value)
                    == *equal
            }
            Self::Label { key, is } => {
                let label = object["metadata"]["labels"][key].as_str();
                match is {
                    Is::Present => label.is_some(),
                    Is::Absent => label.is_none(),
                    Is::Equal(value) => label == Some(value),
                    Is::NotEqual(value) => label != Some(value),
                }
            }
        }
    }
}
