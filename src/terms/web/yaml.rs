//! A YAML file as parts that know their path and their place, so that a message can name both.
//!
//! The file may hold passwords and keys: every text is wiped when it is dropped, and no message quotes one. The
//! messages of the library do, so none of them is passed on.

use std::fmt;

use serde_saphyr::{Error, Location, Spanned};
use zeroize::Zeroizing;

use super::value::{Node, Value};

/// A part of a file.
pub(super) struct Part {
    /// The keys on the way to it, with dots between them; empty for the whole.
    path: String,
    /// Where it is; for what is not there, where it would be.
    at: Location,
    value: Value,
}

// === impl Part ===

impl Part {
    /// The whole of a file.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        // As yaml.v2, which the toolkit uses, texts that look like such numbers stay as they were written.
        let options = serde_saphyr::options! {
            with_snippet: false,
            leading_zero_numbers_as_strings: true,
            underscored_numbers_as_strings: true,
        };
        match serde_saphyr::from_str_with_options::<Node>(text, options) {
            Ok(node) => Ok(Self::of(node, String::new())),
            Err(error) => Err(unreadable(&error)),
        }
    }

    fn of(node: Node, path: String) -> Self {
        Self {
            path,
            at: node.at,
            value: node.value,
        }
    }

    /// What is wrong with it: a message with its path and place.
    pub(super) fn wrong(&self, what: impl fmt::Display) -> String {
        let place = place(self.at);
        match self.path.as_str() {
            "" => format!("{place}: {what}"),
            path => format!("{path}, {place}: {what}"),
        }
    }

    /// The path of it.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Whether nothing is said in it, however many keys it has.
    pub(super) fn is_blank(&self) -> bool {
        self.value.is_blank()
    }

    /// The parts with these names, and an error if there are others. It is empty afterwards.
    pub(super) fn fields<const N: usize>(&mut self, names: [&str; N]) -> Result<[Self; N], String> {
        let mut parts = names.map(|name| Self {
            path: self.below(name),
            at: self.at,
            value: Value::Null,
        });
        for (key, node) in self.map()? {
            match names.iter().position(|name| *name == key.value) {
                Some(index) => parts[index] = Self::of(node, self.below(&key.value)),
                None => return Err(self.unknown(&key, &names)),
            }
        }
        Ok(parts)
    }

    /// The parts by whatever names they have. It is empty afterwards.
    pub(super) fn entries(&mut self) -> Result<Vec<(String, Self)>, String> {
        let entries = self.map()?.into_iter();
        let parts = entries.map(|(key, node)| {
            let path = if presentable(&key.value) {
                self.below(&key.value)
            } else {
                self.path.clone()
            };
            (key.value, Self::of(node, path))
        });
        Ok(parts.collect())
    }

    /// The parts of a list. It is empty afterwards.
    pub(super) fn list(&mut self) -> Result<Option<Vec<Self>>, String> {
        match std::mem::take(&mut self.value) {
            Value::Null => Ok(None),
            Value::List(nodes) => {
                let nodes = nodes.into_iter().enumerate();
                let parts =
                    nodes.map(|(index, node)| Self::of(node, format!("{}[{index}]", self.path)));
                Ok(Some(parts.collect()))
            }
            _ => Err(self.wrong("must be a list")),
        }
    }

    /// Its text, if there is any. It is empty afterwards.
    pub(super) fn text(&mut self) -> Result<Option<Zeroizing<String>>, String> {
        match std::mem::take(&mut self.value) {
            Value::Null => Ok(None),
            Value::Text(text) => Ok((!text.is_empty()).then_some(text)),
            Value::Number(number) => Ok(Some(Zeroizing::new(number.to_string()))),
            Value::Flag(_) | Value::Fraction => Err(self.wrong("must be text: put it in quotes")),
            Value::List(_) | Value::Map(_) => Err(self.wrong("must be text")),
        }
    }

    /// Yes or no, if it says so.
    pub(super) fn flag(&self) -> Result<Option<bool>, String> {
        match self.value {
            Value::Null => Ok(None),
            Value::Flag(flag) => Ok(Some(flag)),
            _ => Err(self.wrong("must be true or false")),
        }
    }

    /// The whole number that it is, if it is one.
    pub(super) fn number(&self) -> Option<i128> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    fn map(&mut self) -> Result<Vec<(Spanned<String>, Node)>, String> {
        match std::mem::take(&mut self.value) {
            Value::Null => Ok(Vec::new()),
            Value::Map(entries) => Ok(entries),
            _ => Err(self.wrong("must be keys with values")),
        }
    }

    fn below(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    fn unknown(&self, key: &Spanned<String>, names: &[&str]) -> String {
        let what = match presentable(&key.value) {
            true => format!("unknown key {}", self.below(&key.value)),
            false if self.path.is_empty() => "an unknown key".to_owned(),
            false => format!("an unknown key in {}", self.path),
        };
        let mut names = names.to_vec();
        names.sort_unstable();
        format!(
            "{}: {what}; known are {}",
            place(key.referenced),
            names.join(", ")
        )
    }
}

/// Whether a name can be shown: what slipped into the place of one, such as a line of a key or a hash, cannot.
pub(super) fn presentable(name: &str) -> bool {
    let plain = |char: char| char.is_ascii_alphanumeric() || "_-.@".contains(char);
    (1..=60).contains(&name.len()) && name.chars().all(plain)
}

fn place(at: Location) -> String {
    format!("line {}, column {}", at.line(), at.column())
}

fn unreadable(error: &Error) -> String {
    let what = match error.without_snippet() {
        Error::DuplicateMappingKey { .. } => "a key that was there before",
        Error::MultipleDocuments { .. } => "a second document, where one is read",
        _ => "no valid YAML",
    };
    match error.location() {
        Some(at) => format!("{}: {what}", place(at)),
        None => what.to_owned(),
    }
}
