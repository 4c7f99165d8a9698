//! One object of a kind that is read.

use super::clean::Clean;
use super::file::File;
use super::problem::Reason;
use super::secret;
use crate::kinds::Resource;
use crate::object::Kind;
use crate::wire::Item;

/// The longest namespace and the longest name (kubernetes/apimachinery: pkg/util/validation, RFC 1123).
const LABEL: usize = 63;
const SUBDOMAIN: usize = 253;

/// Adds the facts about an object, if its list would have it; returns its namespace, or nothing if it
/// cannot be read.
pub(super) fn read(
    file: &mut File<'_>,
    line: usize,
    clean: &Clean,
    resource: &'static Resource,
) -> Option<Box<str>> {
    let labels = file.collection.labels.clone();
    let read_item = |json| Some(Item::json(resource.kind, json).ok()?.with_labels(&labels));
    let Some(item) = read_item(&clean.json) else {
        let message = format!("a {} whose metadata cannot be read", resource.kind.as_str());
        file.report_at(line, Reason::InvalidObject, &message);
        return None;
    };
    let object = item.object();
    let report = |file: &mut File<'_>, key: &str, reason, message: &str| {
        let problem = file.problem(line, reason, message);
        file.report(problem.of(Some(object.clone()), key));
    };
    // An API server has checked them, and commands are made of them.
    let is_namespace = object.namespace.is_empty() || is_name(&object.namespace, LABEL);
    let name = match resource.kind {
        // The core group has an empty name in `VERSION.GROUP`: `v1.` is in every cluster
        // (kubernetes/kube-aggregator: pkg/apis/apiregistration/validation, `ValidateAPIService`).
        Kind::ApiService => object.name.strip_suffix('.').unwrap_or(&object.name),
        _ => &object.name,
    };
    for (key, is_valid) in [
        ("metadata.name", is_name(name, SUBDOMAIN)),
        ("metadata.namespace", is_namespace),
    ] {
        if !is_valid {
            let problem = file.problem(
                line,
                Reason::InvalidObject,
                "no name that Kubernetes allows",
            );
            file.report(problem.of(None, key));
            return None;
        }
    }
    let Ok(is_selected) = resource.selects(&item) else {
        report(
            file,
            "",
            Reason::InvalidObject,
            "its type or its labels cannot be read",
        );
        return None;
    };
    if !is_selected {
        return Some(object.namespace);
    }
    let mended = match resource.kind {
        Kind::Secret => secret::mend(&clean.json, &mut |key, reason, message| {
            report(file, key, reason, message);
        }),
        _ => None,
    };
    let mended = mended.as_ref().and_then(|json| read_item(json));
    let item = mended.unwrap_or(item);
    let Ok(facts) = resource.read(&item) else {
        report(
            file,
            "",
            Reason::InvalidObject,
            "it is not of the shape of its kind",
        );
        return None;
    };
    let source = file.source(line);
    let version = &*item.identity.resource_version;
    file.collection
        .add(resource, &object, version, facts, source);
    Some(object.namespace)
}

/// Returns whether a text is a name by the rules for all kinds that are read.
fn is_name(text: &str, longest: usize) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    ends.iter()
        .all(|end| end.is_some_and(|end| is_alphanumeric(*end)))
        && bytes.len() <= longest
        && bytes
            .iter()
            .all(|byte| is_alphanumeric(*byte) || matches!(byte, b'-' | b'.'))
}
