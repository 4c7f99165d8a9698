//! Everything in the input that could not be read, and where it is.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use strum::{IntoStaticStr, VariantArray};

use crate::certificate::bounded;
use crate::object::ObjectRef;

/// A place in the input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The file, as it was named or found; `-` for standard input.
    pub file: Arc<Path>,
    /// The line, from 1; nothing for a file as a whole.
    pub line: Option<usize>,
}

/// Something that could not be read, or not with certainty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The object, as far as it is known.
    pub object: Option<ObjectRef>,
    /// The data key, or the path of the field; empty if it concerns the whole.
    pub key: Box<str>,
    /// The reason.
    pub reason: Reason,
    /// The reason and its consequence, in a sentence without any text of the input.
    pub message: String,
    /// The place.
    pub source: Source,
}

/// The reason why something could not be read. The name is the `reason` of a problem in reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Reason {
    /// The operating system refuses to read it.
    Unreadable,
    /// A symbolic link leads to itself.
    SymlinkLoop,
    /// A pipe in a directory: reading it could wait for ever.
    Pipe,
    /// A device.
    Device,
    /// A socket.
    Socket,
    /// The file is empty.
    Empty,
    /// The file holds no certificate, no kubeconfig and no Kubernetes object.
    NotRecognized,
    /// The file holds PEM blocks, and none of them is a certificate.
    NoCertificate,
    /// The text stops in the middle.
    Cut,
    /// The compressed data is damaged.
    BadCompression,
    /// The compressed data expands without end.
    CompressionBomb,
    /// The text is neither UTF-8 nor UTF-16.
    BadEncoding,
    /// The text is not valid YAML or JSON.
    BadSyntax,
    /// A document, an object or a file is larger than any of Kubernetes.
    TooLarge,
    /// The aliases of a document expand beyond the size of any object.
    Aliases,
    /// A document is no Kubernetes object.
    NotAnObject,
    /// A field of an object is missing, or of a shape that it does not have in Kubernetes.
    InvalidObject,
    /// A key is there twice; the last one counts, as in Kubernetes.
    DuplicateKey,
    /// A value is not base64.
    BadBase64,
    /// A value was replaced before the file was handed on.
    Redacted,
    /// A value is missing that every such object has.
    Removed,
    /// A value is in `stringData`, which no API server returns: the object is a draft.
    StringData,
    /// Two documents of one object differ.
    Conflict,
    /// The file has more problems than are listed.
    TooManyProblems,
}

// === impl Problem ===

impl Problem {
    /// The problem, of an object and a key of it.
    pub(super) fn of(self, object: Option<ObjectRef>, key: &str) -> Self {
        // No key of Kubernetes has line ends; a text in its place may be a private key.
        let is_text = key.contains(char::is_control) || key.contains("-----BEGIN");
        let key = if is_text { "" } else { key };
        let key = bounded(key.to_owned()).into();
        Self {
            object,
            key,
            ..self
        }
    }
}

// === impl Reason ===

impl Reason {
    /// The name of the reason.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns whether certificates may be behind the problem that were not seen.
    pub fn hides(self) -> bool {
        let is_seen = matches!(
            self,
            Self::DuplicateKey | Self::StringData | Self::Conflict | Self::NoCertificate
        );
        !is_seen
    }
}

// === impl Source ===

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let file = self.file.display();
        match self.line {
            Some(line) => write!(f, "{file}, line {line}"),
            None => write!(f, "{file}"),
        }
    }
}
