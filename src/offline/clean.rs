//! Documents in YAML or JSON as JSON without private keys: the form that everything else reads.
//!
//! One pass over the parser's events writes what is kept, so that a private key is skipped where it
//! stands, a repeated key is noticed, and nothing can expand beyond a bound.

mod writer;

use serde::de::DeserializeSeed;
use zeroize::Zeroizing;

use self::writer::{Node, Writer};
use super::fault::{Fault, FaultKind};

/// The most bytes of an object: ten times what etcd stores of one (etcd-io/etcd:
/// server/embed/config.go, `DefaultMaxRequestBytes`, 1.5 MiB), and any list that has to be read as a
/// whole.
pub(super) const MOST: usize = 16 << 20;

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
    // A value may continue on the next line, so the parser names the one before the tab.
    let tab = (line..=line + 1).find(|number| has_tab(text.lines().nth(number - 1)));
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
        _ if tab.is_some() => FaultKind::Tab,
        _ => FaultKind::Syntax,
    };
    let line = tab.filter(|_| kind == FaultKind::Tab).unwrap_or(line);
    Fault { kind, line }
}

/// Returns whether the indentation of a line has a tab.
fn has_tab(line: Option<&str>) -> bool {
    let indentation = |char: &char| matches!(char, ' ' | '\t');
    let mut chars = line.unwrap_or_default().chars().take_while(indentation);
    chars.any(|char| char == '\t')
}
