//! What notafter must be allowed, as YAML that can be applied as it is. The manifests hold the same text; a test
//! compares them.

use std::collections::BTreeSet;

use crate::api::Rule;
use crate::args::{Rights, ServiceAccount};

const LISTS: &str =
    "# The lists that notafter reads. Where a rule is missing it says which, and does without.\n";

/// Who asks about a token asks about the whole cluster's. Kubernetes keeps a role for that, and it is these two verbs
/// (kubernetes/kubernetes: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go, `system:auth-delegator`); a role
/// of our own would allow no less, and auditors know this one.
const TOKEN_REVIEW: &str = "\
# Who a bearer token is, and whether they may read /metrics: create tokenreviews and subjectaccessreviews, no more.
# Tokens are the cluster's, so no Role in a namespace can allow this.
";

/// The same file, `extension-apiserver-authentication-reader`: get, list and watch of that one `ConfigMap`.
const CLIENT_CA: &str = "\
# Which CA signs the cluster's client certificates: ConfigMap extension-apiserver-authentication, and no other.
";

/// The service account is given a role: one of a namespace there, or one of the cluster everywhere.
struct Binding<'a> {
    name: &'a str,
    namespace: Option<&'a str>,
    role: &'a str,
}

/// The objects that give the rights which these flags ask for.
pub fn yaml(rights: &Rights) -> String {
    let Rights {
        namespaces,
        token_review,
        client_ca_from_cluster,
        service_account: account,
    } = rights;
    // Each once, whatever was typed.
    let namespaces: BTreeSet<&str> = namespaces.iter().map(String::as_str).collect();
    let scopes: Vec<Option<&str>> = match namespaces.len() {
        0 => vec![None],
        _ => namespaces.into_iter().map(Some).collect(),
    };
    let mut objects = Vec::new();
    for namespace in scopes {
        let binding = Binding {
            name: "notafter",
            namespace,
            role: "notafter",
        };
        objects.extend([role(namespace), binding.yaml(account)]);
    }
    if *token_review {
        let binding = Binding {
            name: "notafter-token-review",
            namespace: None,
            role: "system:auth-delegator",
        };
        objects.push(format!("{TOKEN_REVIEW}{}", binding.yaml(account)));
    }
    if *client_ca_from_cluster {
        let binding = Binding {
            name: "notafter-client-ca",
            namespace: Some("kube-system"),
            role: "extension-apiserver-authentication-reader",
        };
        objects.push(format!("{CLIENT_CA}{}", binding.yaml(account)));
    }
    objects.join("---\n")
}

/// The role that allows the lists: those of a namespace, or those of the whole cluster.
fn role(namespace: Option<&str>) -> String {
    let head = head("Role", "notafter", namespace);
    let rules = Rule::all(namespace.is_some());
    let rules = rules.iter().map(|rule| rule.yaml("  "));
    let rules: String = rules.collect();
    format!("{LISTS}{head}rules:\n{rules}")
}

// === impl Binding ===

impl Binding<'_> {
    fn yaml(&self, account: &ServiceAccount) -> String {
        let head = head("RoleBinding", self.name, self.namespace);
        let (scope, role) = (scope(self.namespace), self.role);
        let ServiceAccount { namespace, name } = account;
        format!(
            "{head}roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {scope}Role
  name: {role}
subjects:
  - kind: ServiceAccount
    name: {name:?}
    namespace: {namespace:?}
"
        )
    }
}

/// The beginning of an object. Names that were typed are quoted: a namespace may be called 1e3, or null.
fn head(kind: &str, name: &str, namespace: Option<&str>) -> String {
    let scope = scope(namespace);
    let namespace = namespace.map(|it| format!("  namespace: {it:?}\n"));
    let namespace = namespace.unwrap_or_default();
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1
kind: {scope}{kind}
metadata:
  name: {name}
{namespace}"
    )
}

/// What the kinds that are in no namespace begin with.
fn scope(namespace: Option<&str>) -> &'static str {
    if namespace.is_some() { "" } else { "Cluster" }
}
