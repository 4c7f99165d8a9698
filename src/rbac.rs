//! Rights as the RBAC of Kubernetes grants them, and the only place that writes their YAML.
//!
//! A rule is written in one line for logs and pages, and as a block with a comment for each
//! resource in a role that can be applied as it is.

mod service_account;
mod subject;

use std::fmt;

pub use self::service_account::{InvalidServiceAccount, ServiceAccount};
pub use self::subject::{InvalidUser, Subject, User};

/// The right to some resources of one API group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The resources in the group.
    pub resources: Vec<Resource>,
    /// The name of the only object that is meant; absent if every object is.
    pub name: Option<&'static str>,
    /// The verbs, such as `list`.
    pub verbs: &'static [&'static str],
}

/// A resource that a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The resource as the API server calls it, such as `secrets`.
    pub plural: &'static str,
    /// The purpose of the right, as a sentence; empty if it needs no explanation.
    pub purpose: &'static str,
}

/// A role: of one namespace, or of the whole cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role<'a> {
    /// The name of the role.
    pub name: &'a str,
    /// The namespace of a Role; absent for a ClusterRole.
    pub namespace: Option<&'a str>,
    /// The rights that the role holds.
    pub rules: Vec<Rule>,
}

/// The binding that grants a role to a subject: in one namespace, or in the whole cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding<'a> {
    /// The name of the binding.
    pub name: &'a str,
    /// The namespace of a RoleBinding to a Role; absent for a ClusterRoleBinding to a ClusterRole.
    pub namespace: Option<&'a str>,
    /// The name of the role.
    pub role: &'a str,
    /// The subject that the role is granted to.
    pub subject: &'a Subject,
}

/// Returns whether a text is a label of RFC 1123, as Kubernetes requires of a namespace.
pub fn is_label(text: &str) -> bool {
    let is_inner = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
    (1..=63).contains(&text.len())
        && text.chars().all(is_inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

// === impl Rule ===

impl Rule {
    /// The right to one resource.
    pub fn new(group: &'static str, plural: &'static str, verbs: &'static [&'static str]) -> Self {
        let purpose = "";
        Self {
            group,
            resources: vec![Resource { plural, purpose }],
            name: None,
            verbs,
        }
    }

    /// Says what the right is for, in a sentence.
    #[must_use]
    pub fn with_purpose(mut self, purpose: &'static str) -> Self {
        for resource in &mut self.resources {
            resource.purpose = purpose;
        }
        self
    }

    /// Confines the right to one object.
    #[must_use]
    pub fn with_name(self, name: Option<&'static str>) -> Self {
        Self { name, ..self }
    }

    /// Combines rules that differ in nothing but their resources; the order is that of the first of
    /// each.
    pub fn combined(rules: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut combined: Vec<Self> = Vec::new();
        for rule in rules {
            let same = |other: &&mut Self| {
                (other.group, other.name, other.verbs) == (rule.group, rule.name, rule.verbs)
            };
            match combined.iter_mut().find(same) {
                Some(other) => other.resources.extend(rule.resources),
                None => combined.push(rule),
            }
        }
        combined
    }

    fn plurals(&self) -> String {
        let plurals = self.resources.iter().map(|resource| resource.plural);
        let quoted: Vec<String> = plurals.map(|plural| format!("{plural:?}")).collect();
        quoted.join(", ")
    }

    /// Writes the rule as an item of a role's `rules`, with a comment for each resource.
    fn write_block(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Resource { plural, purpose } in &self.resources {
            if !purpose.is_empty() {
                writeln!(f, "  # {plural}: {purpose}")?;
            }
        }
        writeln!(f, "  - apiGroups: [{:?}]", self.group)?;
        writeln!(f, "    resources: [{}]", self.plurals())?;
        if let Some(name) = self.name {
            writeln!(f, "    resourceNames: [{name:?}]")?;
        }
        writeln!(f, "    verbs: {:?}", self.verbs)
    }
}

/// An item of a role's `rules`, in one line.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (group, plurals) = (self.group, self.plurals());
        write!(f, "- {{apiGroups: [{group:?}], resources: [{plurals}], ")?;
        if let Some(name) = self.name {
            write!(f, "resourceNames: [{name:?}], ")?;
        }
        write!(f, "verbs: {:?}}}", self.verbs)
    }
}

// === impl Role ===

impl fmt::Display for Role<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_head(f, "Role", self.name, self.namespace)?;
        writeln!(f, "rules:")?;
        self.rules.iter().try_for_each(|rule| rule.write_block(f))
    }
}

// === impl Binding ===

impl fmt::Display for Binding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_head(f, "RoleBinding", self.name, self.namespace)?;
        let (scope, role) = (scope(self.namespace), self.role);
        write!(
            f,
            "roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {scope}Role
  name: {role}
subjects:
"
        )?;
        self.subject.write_item(f)
    }
}

/// Writes the part that every object begins with. Names from the command line are quoted: a
/// namespace may be called 1e3, or null.
fn write_head(
    f: &mut fmt::Formatter<'_>,
    kind: &str,
    name: &str,
    namespace: Option<&str>,
) -> fmt::Result {
    writeln!(f, "apiVersion: rbac.authorization.k8s.io/v1")?;
    writeln!(f, "kind: {}{kind}", scope(namespace))?;
    writeln!(f, "metadata:\n  name: {name}")?;
    namespace.map_or(Ok(()), |namespace| {
        writeln!(f, "  namespace: {namespace:?}")
    })
}

/// The prefix of kinds that are in no namespace.
fn scope(namespace: Option<&str>) -> &'static str {
    if namespace.is_some() { "" } else { "Cluster" }
}
