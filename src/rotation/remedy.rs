//! Commands that fix a state, or show more where nothing safe fixes it.
//!
//! The command itself is written by the manager's rule. None of them does harm in the state that it
//! is given for, and none contains a text other than the name of an object.

use std::borrow::Cow;

use crate::object::ObjectRef;

/// A command for an object that holds a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// No command.
    Nothing,
    /// Delete the secret: its manager creates a new one at once.
    DeleteSecret,
    /// Show the secret, with its labels, annotations and owners.
    DescribeSecret,
    /// Put a new certificate into the secret.
    ReplaceSecret,
    /// Arguments of `kubectl` or `oc` in the namespace of the object.
    Namespaced(Cow<'static, str>),
    /// Delete the secret, and then such arguments.
    DeleteSecretAnd(Box<str>),
    /// Arguments of `kubectl` or `oc` without a namespace, or with another one.
    Global(Cow<'static, str>),
    /// A command of another program.
    Other(Box<str>),
}

/// The command line client of the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// OpenShift's client.
    Oc,
    /// The client of every other cluster.
    #[default]
    Kubectl,
}

// === impl Remedy ===

impl Remedy {
    /// The command for an object; empty if there is none.
    pub fn command(&self, tool: Tool, object: &ObjectRef) -> String {
        let (
            kubectl,
            ObjectRef {
                namespace, name, ..
            },
        ) = (tool.as_str(), object);
        match self {
            Self::Nothing => String::new(),
            Self::DeleteSecret => format!("{kubectl} -n {namespace} delete secret {name}"),
            Self::DescribeSecret => format!("{kubectl} -n {namespace} describe secret {name}"),
            Self::ReplaceSecret => format!(
                "{kubectl} -n {namespace} create secret tls {name} --cert=FILE --key=FILE --dry-run=client -o yaml | {kubectl} apply -f -"
            ),
            Self::Namespaced(arguments) => format!("{kubectl} -n {namespace} {arguments}"),
            Self::DeleteSecretAnd(arguments) => format!(
                "{kubectl} -n {namespace} delete secret {name} && {kubectl} -n {namespace} {arguments}"
            ),
            Self::Global(arguments) => format!("{kubectl} {arguments}"),
            Self::Other(command) => command.to_string(),
        }
    }

    /// Shows an object of the same namespace.
    pub(super) fn describe(resource: &str, name: &str) -> Self {
        Self::Namespaced(format!("describe {resource} {name}").into())
    }

    /// Shows more about objects of the same namespace.
    pub(super) const fn show(arguments: &'static str) -> Self {
        Self::Namespaced(Cow::Borrowed(arguments))
    }
}

// === impl Tool ===

impl Tool {
    /// The name of the program.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Oc => "oc",
            Self::Kubectl => "kubectl",
        }
    }
}
