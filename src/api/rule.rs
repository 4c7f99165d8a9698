//! What a role must allow so that the lists can be read. No verb but `list` is ever used.

use crate::kinds::{ALL, Resource};

/// The one verb: even a single object is asked for as a list of that name.
const VERBS: &str = r#"["list"]"#;

/// What is asked of one API group.
pub struct Rule {
    /// `""` for the core group.
    pub group: &'static str,
    /// The plural of each resource, and what its list is good for.
    pub resources: Vec<(&'static str, &'static str)>,
}

// === impl Resource ===

impl Resource {
    /// The rule that allows its list, as an item of a role's `rules` in one line.
    pub(super) fn rule(&self) -> String {
        let Self {
            group,
            plural,
            fields,
            ..
        } = self;
        let name = fields.and_then(|it| it.strip_prefix("metadata.name="));
        let names = name.map(|name| format!(r#"resourceNames: ["{name}"], "#));
        let names = names.unwrap_or_default();
        format!(r#"- {{apiGroups: ["{group}"], resources: ["{plural}"], {names}verbs: {VERBS}}}"#)
    }
}

// === impl Rule ===

impl Rule {
    /// All that is asked for: of the whole cluster, or of one namespace.
    pub fn all(is_namespaced: bool) -> Vec<Self> {
        let mut rules: Vec<Self> = Vec::new();
        for resource in ALL.iter().filter(|it| it.is_namespaced || !is_namespaced) {
            let (group, it) = (resource.group, (resource.plural, resource.purpose));
            match rules.iter_mut().find(|rule| rule.group == group) {
                Some(rule) => rule.resources.push(it),
                None => rules.push(Self {
                    group,
                    resources: vec![it],
                }),
            }
        }
        rules
    }

    /// As an item of a role's `rules`, so far from the margin, with a comment for each resource; every line ends.
    pub fn yaml(&self, margin: &str) -> String {
        let Self { group, resources } = self;
        let (mut comments, mut plurals) = (String::new(), Vec::new());
        for (plural, purpose) in resources {
            comments.extend([margin, "# ", plural, ": ", purpose, "\n"]);
            plurals.push(format!("{plural:?}"));
        }
        let plurals = plurals.join(", ");
        format!(
            "{comments}{margin}- apiGroups: [{group:?}]
{margin}  resources: [{plurals}]
{margin}  verbs: {VERBS}
"
        )
    }
}
