//! The rights that the lists need. No verb but `list` is ever used: even a single object is requested as
//! the list of that name.

use super::resource::{Resource, TABLE};
use crate::rbac::Rule;

/// The rights that a role must hold for the lists: those of the whole cluster, or of one namespace.
pub fn rules(is_namespaced: bool) -> Vec<Rule> {
    let resources = TABLE.iter();
    let resources = resources.filter(|resource| resource.is_namespaced || !is_namespaced);
    Rule::combined(resources.map(|resource| resource.rule()))
}

// === impl Resource ===

impl Resource {
    /// The right that the list needs.
    pub(super) fn rule(&self) -> Rule {
        let name = self
            .fields
            .and_then(|fields| fields.strip_prefix("metadata.name="));
        Rule::new(self.group, self.plural, "list")
            .with_purpose(self.purpose)
            .with_name(name)
    }
}
