//! Messages for a web configuration file: the field, its place and the expected value, and never
//! the value that is there.

use std::borrow::Cow;
use std::path::PathBuf;

use serde_path_to_error::{Path, Segment};
use serde_saphyr::{Error, Location};

use crate::serving::FileError;

/// A web configuration file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("--web.config.file {}: {problem}", .file.display())]
pub struct WebConfigError {
    pub(super) file: PathBuf,
    pub(super) problem: Problem,
}

/// The reason why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("{0}")]
    Unreadable(std::io::Error),
    #[error("the file is not UTF-8")]
    NotUtf8,
    #[error("{}{what}", place(field, *at))]
    Invalid {
        /// The keys that lead to the field, with dots between them; empty for the whole file.
        field: String,
        at: Location,
        what: Cow<'static, str>,
    },
    #[error(transparent)]
    File(#[from] FileError),
}

// === impl Problem ===

impl Problem {
    /// A problem of one field.
    pub(super) fn invalid(
        field: impl Into<String>,
        at: Location,
        what: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (field, what) = (field.into(), what.into());
        Self::Invalid { field, at, what }
    }

    /// The problem behind an error of the library, at the end of a path. Of the error only the kind
    /// and the expected value are taken: all else may quote the file.
    pub(super) fn from_yaml(error: &Error, path: Option<&Path>) -> Self {
        let at = error.location().unwrap_or(Location::UNKNOWN);
        let what: Cow<'static, str> = match error.without_snippet() {
            Error::SerdeUnknownField {
                field, expected, ..
            } => {
                return Self::unknown_key(field, expected, path, at);
            }
            Error::SerdeUnknownVariant { expected, .. } => one_of(expected).into(),
            Error::InvalidScalar { ty: "u32", .. } => "must be a whole number, 0 or more".into(),
            Error::InvalidScalar { ty: "boolean", .. } => "must be true or false".into(),
            Error::Unexpected { expected, .. } => match *expected {
                "mapping start" => "must be keys with values".into(),
                "sequence start" => "must be a list".into(),
                _ => "must be a single value".into(),
            },
            Error::NullIntoString { .. } => "must not be empty".into(),
            Error::ExternallyTaggedEnumExpectedScalarOrMapping { .. }
            | Error::UnexpectedValueForUnitEnumVariant { .. } => "must be a single value".into(),
            Error::DuplicateMappingKey { .. } => "the key is already there".into(),
            Error::MultipleDocuments { .. } => {
                "must be one document, and here a second one begins".into()
            }
            // A mistake of syntax is wherever the reader noticed it.
            _ => return Self::invalid("", at, "not valid YAML"),
        };
        Self::invalid(path.map(field).unwrap_or_default(), at, what)
    }

    fn unknown_key(key: &str, known: &[&str], path: Option<&Path>, at: Location) -> Self {
        let field = path.map(field).unwrap_or_default();
        let parent = field
            .strip_suffix(key)
            .unwrap_or(&field)
            .trim_end_matches('.');
        let what = match (is_presentable(key), parent) {
            (true, _) => format!("unknown key {field}"),
            (false, "") => "an unknown key".to_owned(),
            (false, parent) => format!("an unknown key in {parent}"),
        };
        let mut known = known.to_vec();
        known.sort_unstable();
        Self::invalid("", at, format!("{what}; known are {}", known.join(", ")))
    }
}

/// The keys that lead to a field, as far as they can be shown.
fn field(path: &Path) -> String {
    let mut field = String::new();
    for segment in path {
        match segment {
            // The library's `Spanned` is a map with this key.
            Segment::Map { key } if key == "value" => {}
            Segment::Map { key } if is_presentable(key) => {
                let dot = if field.is_empty() { "" } else { "." };
                field.extend([dot, key]);
            }
            Segment::Seq { index } => field.extend(["[", &index.to_string(), "]"]),
            _ => break,
        }
    }
    field
}

/// The values of a choice; the empty one, which some have for an absent text, is no advice.
fn one_of(names: &[&str]) -> String {
    let names: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !name.is_empty())
        .collect();
    match names.as_slice() {
        [name] => format!("must be {name}"),
        names => format!("must be one of {}", names.join(", ")),
    }
}

/// Returns whether a key can be shown: a secret in the place of one, such as a line of a key or a
/// hash, cannot.
pub(super) fn is_presentable(key: &str) -> bool {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "_-.@".contains(char);
    (1..=60).contains(&key.len()) && key.chars().all(is_plain)
}

/// The beginning of a message.
fn place(field: &str, at: Location) -> String {
    let comma = if field.is_empty() { "" } else { ", " };
    format!("{field}{comma}line {}, column {}: ", at.line(), at.column())
}
