//! The path and query of a list.

use kube::core::params::ListParams;

use crate::kinds::Resource;

/// Returns the path of a list, in one namespace or all.
pub(super) fn path(resource: &Resource, namespace: Option<&str>) -> String {
    let Resource {
        group,
        version,
        plural,
        ..
    } = resource;
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

/// Returns the query that selects the objects of a list, or the one of that name.
pub(super) fn query(resource: &Resource, name: Option<&str>) -> ListParams {
    let name = name.map(|name| format!("metadata.name={name}"));
    let fields: Vec<&str> = name.as_deref().into_iter().chain(resource.fields).collect();
    ListParams {
        field_selector: Some(fields.join(",")).filter(|fields| !fields.is_empty()),
        label_selector: resource.labels.map(str::to_owned),
        ..ListParams::default()
    }
}
