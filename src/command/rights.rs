//! The RBAC objects that `notafter serve` needs, as YAML that can be applied as it is. The
//! manifests hold the same text; a test compares them.

use std::collections::BTreeSet;

use crate::cli::RightsArgs;
use crate::kinds;
use crate::rbac::{Binding, Role};

const LISTS: &str = "\
# The lists that notafter reads. If a rule is missing, notafter says which, and works without that list.
# Watching gives nothing that listing does not; it saves the API server nearly all of the work. --no-watch does without.
";

/// Kubernetes keeps a role for the servers that review tokens, with exactly these two verbs
/// (kubernetes/kubernetes: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go,
/// `system:auth-delegator`); a role of our own would allow no less, and auditors know this one.
const TOKEN_REVIEW: &str = "\
# The review of bearer tokens for --token-review: create tokenreviews and subjectaccessreviews, nothing else.
# Tokens belong to the whole cluster, so no Role in a namespace can allow this.
";

/// In the same file, `extension-apiserver-authentication-reader`: get, list and watch of that one
/// `ConfigMap`.
const CLIENT_CA: &str = "\
# The client CA of the cluster for --client-ca-from-cluster: ConfigMap extension-apiserver-authentication, nothing else.
";

/// The objects that grant the rights for these flags.
pub fn yaml(args: &RightsArgs) -> String {
    let subject = args.subject();
    // Each once, in order, whatever was typed.
    let namespaces: BTreeSet<&str> = args.namespaces.iter().map(String::as_str).collect();
    let scopes: Vec<Option<&str>> = match namespaces.len() {
        0 => vec![None],
        _ => namespaces.into_iter().map(Some).collect(),
    };
    let binding = |name, namespace, role| {
        let binding = Binding {
            name: &subject.binding(name),
            namespace,
            role,
            subject: &subject,
        };
        binding.to_string()
    };
    let mut objects = Vec::new();
    for namespace in scopes {
        let role = Role {
            name: "notafter",
            namespace,
            rules: kinds::rules(namespace.is_some(), !args.no_watch),
        };
        objects.push(format!("{LISTS}{role}"));
        objects.push(binding("notafter", namespace, "notafter"));
    }
    if args.token_review {
        let role = "system:auth-delegator";
        let binding = binding("notafter-token-review", None, role);
        objects.push(format!("{TOKEN_REVIEW}{binding}"));
    }
    if args.client_ca_from_cluster {
        let role = "extension-apiserver-authentication-reader";
        let binding = binding("notafter-client-ca", Some("kube-system"), role);
        objects.push(format!("{CLIENT_CA}{binding}"));
    }
    objects.join("---\n")
}
