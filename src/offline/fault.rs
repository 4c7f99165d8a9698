//! The faults of a text, in words that quote nothing of it.

use super::problem::Reason;

/// The reason why a text could not be read, and the line within it, from 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    pub(super) line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    Cut,
    Syntax,
    /// A tab in the indentation of YAML.
    Tab,
    Encoding,
    Aliases,
    TooLarge,
}

// === impl Fault ===

impl Fault {
    /// The fault in a text that begins at a line of another one.
    pub(super) fn below(self, line: usize) -> Self {
        Self {
            line: self.line + line - 1,
            ..self
        }
    }
}

// === impl FaultKind ===

impl FaultKind {
    /// The reason and the message of a problem.
    pub(super) fn explain(self) -> (Reason, &'static str) {
        match self {
            Self::Cut => (
                Reason::Cut,
                "the text stops in the middle; what stands before is shown",
            ),
            Self::Syntax => (Reason::BadSyntax, "not valid YAML or JSON"),
            Self::Tab => (
                Reason::BadSyntax,
                "not valid YAML: a tab in the indentation",
            ),
            Self::Encoding => (Reason::BadEncoding, "neither UTF-8 nor UTF-16"),
            Self::Aliases => (
                Reason::Aliases,
                "aliases expand to more than any object of Kubernetes holds",
            ),
            Self::TooLarge => (
                Reason::TooLarge,
                "larger than any object of Kubernetes; passed over",
            ),
        }
    }
}
