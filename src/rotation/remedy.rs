//! Commands that fix a state, or show more where nothing safe fixes it.
//!
//! The command itself is written by the manager's rule. None of them does harm in the state that it
//! is given for, and none contains a text other than the name of an object. The only word to fill
//! in is `FILE`: without the file the command fails, and changes nothing.

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
    /// Show more: arguments of `kubectl` or `oc` in the namespace of the object.
    Show(Cow<'static, str>),
    /// Show more: such arguments without a namespace, or with another one.
    ShowElsewhere(&'static str),
    /// Show more by a command of another program.
    ShowBy(Box<str>),
    /// Arguments of `kubectl` or `oc` in the namespace of the object.
    Run(Box<str>),
    /// Delete the secret, and then such arguments.
    DeleteSecretAnd(Box<str>),
    /// A command line that names its program.
    RunBy(Box<str>),
    /// Create a secret of that namespace and name from a certificate, and then such arguments
    /// without a namespace, or with another one.
    CreateSecretAnd {
        /// Namespace and name of the new secret.
        secret: (&'static str, Box<str>),
        /// The arguments.
        arguments: Box<str>,
    },
}

/// The effect of a command: it repairs something, or only shows something. The name is a value of
/// the label `action`, and the word that people read before the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The command repairs the state.
    Fix,
    /// The command shows the state; what repairs it depends on what is seen.
    LookAt,
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
        let (kubectl, name) = (tool.as_str(), &object.name);
        // A manifest may leave its namespace to the command that applies it.
        let within = match &*object.namespace {
            "" => String::new(),
            namespace => format!(" -n {namespace}"),
        };
        match self {
            Self::Nothing => String::new(),
            Self::DeleteSecret => format!("{kubectl}{within} delete secret {name}"),
            Self::DescribeSecret => format!("{kubectl}{within} describe secret {name}"),
            Self::ReplaceSecret => format!(
                "{kubectl}{within} create secret tls {name} --cert=FILE --key=FILE --dry-run=client -o yaml | {kubectl} apply -f -"
            ),
            Self::Show(arguments) => format!("{kubectl}{within} {arguments}"),
            Self::Run(arguments) => format!("{kubectl}{within} {arguments}"),
            Self::ShowElsewhere(arguments) => format!("{kubectl} {arguments}"),
            Self::ShowBy(command) | Self::RunBy(command) => command.to_string(),
            Self::DeleteSecretAnd(arguments) => {
                format!("{kubectl}{within} delete secret {name} && {kubectl}{within} {arguments}")
            }
            Self::CreateSecretAnd {
                secret: (namespace, name),
                arguments,
            } => format!(
                "{kubectl} -n {namespace} create secret tls {name} --cert=FILE --key=FILE && {kubectl} {arguments}"
            ),
        }
    }

    /// The effect of the command; nothing without a command.
    pub fn action(&self) -> Option<Action> {
        match self {
            Self::Nothing => None,
            Self::DescribeSecret | Self::Show(_) | Self::ShowElsewhere(_) | Self::ShowBy(_) => {
                Some(Action::LookAt)
            }
            Self::DeleteSecret
            | Self::ReplaceSecret
            | Self::Run(_)
            | Self::DeleteSecretAnd(_)
            | Self::RunBy(_)
            | Self::CreateSecretAnd { .. } => Some(Action::Fix),
        }
    }

    /// Shows an object of the same namespace.
    pub(super) fn describe(resource: &str, name: &str) -> Self {
        Self::Show(format!("describe {resource} {name}").into())
    }

    /// Shows more about objects of the same namespace.
    pub(super) const fn show(arguments: &'static str) -> Self {
        Self::Show(Cow::Borrowed(arguments))
    }
}

// === impl Action ===

impl Action {
    /// The name of the action.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fix => "Fix",
            Self::LookAt => "Look at",
        }
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
