//! The paths of lists.

use crate::resource::{Resource, Scope};
use crate::state::State;

/// Returns the resource, namespace and name in a path.
pub(crate) fn route<'a>(
    state: &State,
    path: &'a str,
) -> Option<(Resource, Option<&'a str>, Option<&'a str>)> {
    state.resources().find_map(|resource| {
        let root = if resource.group.is_empty() {
            "/api/"
        } else {
            "/apis/"
        };
        let rest = path
            .strip_prefix(root)?
            .strip_prefix(&resource.api_version())?
            .strip_prefix('/')?;
        let namespaced = resource.scope == Scope::Namespace;
        match *rest.split('/').collect::<Vec<_>>() {
            [plural] if plural == resource.plural => Some((resource, None, None)),
            [plural, name] if plural == resource.plural && !namespaced => {
                Some((resource, None, Some(name)))
            }
            ["namespaces", namespace, plural] if plural == resource.plural && namespaced => {
                Some((resource, Some(namespace), None))
            }
            ["namespaces", namespace, plural, name] if plural == resource.plural && namespaced => {
                Some((resource, Some(namespace), Some(name)))
            }
            _ => None,
        }
    })
}
