//! Service accounts, and the users that they are for an API server.

use std::fmt;
use std::str::FromStr;

use super::is_label;

/// The beginning of the name of a service account's user (kubernetes/apiserver:
/// pkg/authentication/serviceaccount/util.go, `ServiceAccountUsernamePrefix`).
const USER: &str = "system:serviceaccount:";

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// The namespace of the account.
    pub namespace: String,
    /// The name of the account.
    pub name: String,
}

/// Text that does not name a service account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected NAMESPACE/NAME of a service account")]
pub struct InvalidServiceAccount;

// === impl ServiceAccount ===

impl ServiceAccount {
    /// The service account of every installation that the manifests make.
    pub const DEFAULT: &'static str = "notafter/notafter";

    /// Returns the service account of a user; nothing for users of other kinds.
    pub fn of_user(user: &str) -> Option<Self> {
        let (namespace, name) = user.strip_prefix(USER)?.split_once(':')?;
        format!("{namespace}/{name}").parse().ok()
    }

    /// The name of its user.
    pub fn user(&self) -> String {
        format!("{USER}{}:{}", self.namespace, self.name)
    }

    /// The groups of its user (in the same file, `MakeGroupNames`), and that of all users.
    pub fn groups(&self) -> [String; 3] {
        let of_namespace = format!("system:serviceaccounts:{}", self.namespace);
        let all = "system:authenticated".into();
        ["system:serviceaccounts".into(), of_namespace, all]
    }
}

impl fmt::Display for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

impl FromStr for ServiceAccount {
    type Err = InvalidServiceAccount;

    /// Reads `NAMESPACE/NAME`. The name is a subdomain of RFC 1123: labels with dots between them.
    fn from_str(text: &str) -> Result<Self, InvalidServiceAccount> {
        let (namespace, name) = text.split_once('/').ok_or(InvalidServiceAccount)?;
        if !is_label(namespace) || name.len() > 253 || !name.split('.').all(is_label) {
            return Err(InvalidServiceAccount);
        }
        Ok(Self {
            namespace: namespace.into(),
            name: name.into(),
        })
    }
}
