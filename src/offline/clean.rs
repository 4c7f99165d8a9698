//! Documents in YAML or JSON as JSON without private keys: the form that everything else reads.
//!
//! One pass over the parser's events writes what is kept, so that a private key is skipped where it
//! stands, a repeated key is noticed, and nothing can expand beyond a bound.

use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// The most bytes of an object: ten times what etcd stores of one (etcd-io/etcd:
/// server/embed/config.go, `DefaultMaxRequestBytes`, 1.5 MiB), and any list that has to be read as a
/// whole.
pub(super) const MOST: usize = 16 << 20;

/// The keys whose values are skipped wherever they stand: private keys, the text of a whole object in
/// an annotation, and metadata that is of no use here and larger than all the rest.
const SKIPPED: [&str; 5] = [
    "tls.key",
    "client-key-data",
    "token",
    "kubectl.kubernetes.io/last-applied-configuration",
    "managedFields",
];

/// The most repeated keys that are named of one object.
const MOST_REPEATED: usize = 8;

/// The deepest nesting of a document; the schemas of custom resources reach 50. The parser of JSON
/// has the same bound.
const DEEPEST: usize = 120;

/// An object, or a list, in JSON. It is wiped when it is dropped: a key that nobody knows may hold a
/// private key too.
pub(super) struct Clean {
    pub(super) json: Zeroizing<Vec<u8>>,
    /// The paths of the keys that were there more than once.
    pub(super) repeated: Vec<Box<str>>,
}

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
    Tab,
    Encoding,
    Aliases,
    TooLarge,
}

/// Reads one document of YAML.
pub(super) fn yaml(text: &[u8]) -> Result<Clean, Fault> {
    let text = utf8(text)?;
    let mut writer = Writer::of(text.len());
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        emit_comments: false,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST,
            max_nodes: 1_000_000,
            max_events: 4_000_000,
        },
    };
    let read = serde_saphyr::with_deserializer_from_str_with_options(text, options, |yaml| {
        Node(&mut writer).deserialize(yaml)
    });
    match read {
        Ok(()) => Ok(writer.finish()),
        Err(error) => Err(yaml_fault(&error, text, &writer)),
    }
}

/// Reads one document of JSON.
pub(super) fn json(text: &[u8]) -> Result<Clean, Fault> {
    let text = utf8(text)?;
    let mut writer = Writer::of(text.len());
    let mut parser = serde_json::Deserializer::from_str(text);
    let read = Node(&mut writer).deserialize(&mut parser);
    match read.and_then(|()| parser.end()) {
        Ok(()) => Ok(writer.finish()),
        Err(error) => Err(Fault {
            kind: match () {
                () if writer.is_full => FaultKind::TooLarge,
                () if error.is_eof() => FaultKind::Cut,
                () => FaultKind::Syntax,
            },
            line: error.line().max(1),
        }),
    }
}

/// The number of line ends in a text.
pub(super) fn line_ends(text: &[u8]) -> usize {
    text.split(|&byte| byte == b'\n').count() - 1
}

fn utf8(text: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(text).map_err(|error| {
        let before = &text[..error.valid_up_to()];
        Fault {
            kind: FaultKind::Encoding,
            line: 1 + line_ends(before),
        }
    })
}

/// The parser's message would quote the text.
fn yaml_fault(error: &serde_saphyr::Error, text: &str, writer: &Writer) -> Fault {
    use serde_saphyr::Error;
    let line = error.location().map_or(1, |location| location.line());
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let is_expanded = text.contains('*') && writer.out.len() > text.len();
    let has_tab = || {
        let line = text.lines().nth(line - 1).unwrap_or_default();
        let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.bytes().take(indentation).any(|byte| byte == b'\t')
    };
    let kind = match error.without_snippet() {
        Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        // Every value can be written, so what fails in the place of an alias is its size.
        | Error::AliasError { .. } => FaultKind::Aliases,
        Error::Budget { .. } if text.contains('*') => FaultKind::Aliases,
        Error::Budget { .. } => FaultKind::TooLarge,
        _ if writer.is_full && is_expanded => FaultKind::Aliases,
        _ if writer.is_full => FaultKind::TooLarge,
        Error::Eof { .. } => FaultKind::Cut,
        _ if has_tab() => FaultKind::Tab,
        _ => FaultKind::Syntax,
    };
    Fault { kind, line }
}

/// The JSON that has been written so far.
struct Writer {
    out: Zeroizing<Vec<u8>>,
    /// The path of the value that is written next, as `metadata.name`.
    path: String,
    repeated: Vec<Box<str>>,
    /// True once the JSON has reached its bound.
    is_full: bool,
}

impl Writer {
    fn of(length: usize) -> Self {
        Self {
            out: Zeroizing::new(Vec::with_capacity(length.min(MOST) + 64)),
            path: String::new(),
            repeated: Vec::new(),
            is_full: false,
        }
    }

    fn finish(self) -> Clean {
        Clean {
            json: self.out,
            repeated: self.repeated,
        }
    }

    fn write<E: serde::de::Error>(&mut self, value: &impl serde::Serialize) -> Result<(), E> {
        // Writing to memory cannot fail, and every value is a scalar.
        let _ = serde_json::to_writer(&mut *self.out, value);
        self.is_full = self.out.len() > MOST;
        if self.is_full {
            return Err(E::custom("too large"));
        }
        Ok(())
    }

    fn repeat(&mut self) {
        if self.repeated.len() < MOST_REPEATED
            && !self.repeated.iter().any(|path| **path == *self.path)
        {
            self.repeated.push(self.path.as_str().into());
        }
    }
}

/// The next value of a document.
struct Node<'a>(&'a mut Writer);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Writes a scalar of each type.
macro_rules! scalars {
    ($($visit:ident: $Type:ty,)*) => { $(
        fn $visit<E: serde::de::Error>(self, value: $Type) -> Result<(), E> {
            self.0.write(&value)
        }
    )* };
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    scalars! {
        visit_bool: bool,
        visit_i64: i64,
        visit_u64: u64,
        visit_i128: i128,
        visit_u128: u128,
        visit_f64: f64,
        visit_str: &str,
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.0.write(&())
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        self.0.write(&())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.0.out.push(b'[');
        let mut is_first = true;
        loop {
            let length = self.0.out.len();
            if !is_first {
                self.0.out.push(b',');
            }
            is_first = false;
            if list.next_element_seed(Node(&mut *self.0))?.is_none() {
                self.0.out.truncate(length);
                break;
            }
        }
        self.0.out.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let writer = self.0;
        writer.out.push(b'{');
        // The place of each entry, with the comma behind it.
        let mut entries: HashMap<String, (usize, usize)> = HashMap::new();
        let mut replaced = Vec::new();
        let parent = writer.path.len();
        while let Some(key) = map.next_key::<String>()? {
            if SKIPPED.contains(&&*key) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if parent > 0 {
                writer.path.push('.');
            }
            writer.path.push_str(&key);
            let start = writer.out.len();
            writer.write::<A::Error>(&key)?;
            writer.out.push(b':');
            map.next_value_seed(Node(&mut *writer))?;
            writer.out.push(b',');
            if let Some(before) = entries.insert(key, (start, writer.out.len())) {
                writer.repeat();
                replaced.push(before);
            }
            writer.path.truncate(parent);
        }
        // From the last to the first, so that the places before stay where they are.
        replaced.sort_unstable();
        for (start, end) in replaced.into_iter().rev() {
            writer.out.drain(start..end);
        }
        if writer.out.last() == Some(&b',') {
            writer.out.pop();
        }
        writer.out.push(b'}');
        Ok(())
    }
}
