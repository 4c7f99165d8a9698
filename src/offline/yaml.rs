//! YAML, split into documents as it is read.

mod document;

use std::io::{self, BufRead, Read};

use self::document::Document;
use super::clean::MOST;
use super::event::Each;

/// Reads documents that are separated by `---`.
///
/// # Errors
/// If the text cannot be read to its end.
pub(super) fn read(text: &mut impl BufRead, each: Each<'_>) -> io::Result<()> {
    let mut document = Document::at(1);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let is_whole = read_line(text, &mut line)?;
        if line.is_empty() {
            break;
        }
        let content = line.trim_ascii_end();
        let is_start = is_marker(content, b"---");
        if is_start || is_marker(content, b"...") {
            std::mem::replace(&mut document, Document::at(number)).end(each);
        }
        if !is_whole {
            document.refuse(number);
        } else if !is_marker(content, b"...") {
            document.take(&line, number, each);
        }
    }
    document.end(each);
    Ok(())
}

/// Reads a line with its end; returns false if it is longer than any object. Then its first bytes
/// are returned, and the others passed over.
fn read_line(text: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    let length = text.by_ref().take(MOST as u64).read_until(b'\n', line)?;
    if length < MOST || line.ends_with(b"\n") {
        return Ok(true);
    }
    line.truncate(256);
    text.skip_until(b'\n')?;
    Ok(false)
}

fn is_marker(line: &[u8], marker: &[u8]) -> bool {
    let rest = line.strip_prefix(marker);
    rest.is_some_and(|rest| matches!(rest, [] | [b' ' | b'\t', ..]))
}
