//! The subjects of bindings: a service account, or a user of another kind.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::ServiceAccount;

/// A user that is no service account. It may have any name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User(String);

/// Text that does not name a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a user")]
pub struct InvalidUser;

/// The subject that a binding grants a role to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A service account.
    ServiceAccount(ServiceAccount),
    /// A user.
    User(User),
}

/// The bytes of a hash that tell two users apart in the names of bindings.
const HASHED: usize = 4;

// === impl User ===

impl FromStr for User {
    type Err = InvalidUser;

    fn from_str(text: &str) -> Result<Self, InvalidUser> {
        if text.is_empty() {
            return Err(InvalidUser);
        }
        Ok(Self(text.into()))
    }
}

// === impl Subject ===

impl Subject {
    /// The name of a binding for this subject alone: one binding cannot be applied for two subjects, as
    /// the second would take the rights from the first. The default service account has the plain name.
    pub fn binding(&self, name: &str) -> String {
        match self {
            Self::ServiceAccount(account) if account.to_string() == ServiceAccount::DEFAULT => {
                name.into()
            }
            // No namespace has a dot in its name, so different accounts have different bindings.
            Self::ServiceAccount(account) => {
                format!("{name}.{}.{}", account.namespace, account.name)
            }
            Self::User(User(user)) => {
                let hash = Sha256::digest(user);
                let digits = hash.iter().take(HASHED).map(|byte| format!("{byte:02x}"));
                format!("{name}-user-{}", digits.collect::<String>())
            }
        }
    }

    /// Writes the subject as an item of a binding's `subjects`.
    pub(super) fn write_item(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServiceAccount(ServiceAccount { namespace, name }) => {
                writeln!(f, "  - kind: ServiceAccount")?;
                writeln!(f, "    name: {name:?}\n    namespace: {namespace:?}")
            }
            Self::User(User(user)) => {
                writeln!(f, "  - apiGroup: rbac.authorization.k8s.io\n    kind: User")?;
                writeln!(f, "    name: {}", quoted(user))
            }
        }
    }
}

/// A text in double quotes for YAML, with an escape for everything that is not plainly printable.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|char| match char {
        '"' | '\\' => format!("\\{char}"),
        ' '..='~' => char.into(),
        char if char.is_alphanumeric() => char.into(),
        char => format!("\\U{:08X}", u32::from(char)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}
