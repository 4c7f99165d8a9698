//! JSON, split into documents, and a list into its items, as it is read.
//!
//! Only brackets and strings are told apart here, so that neither a list nor a single value has to be
//! held as a whole; each item is parsed on its own.

use std::io::{self, BufRead};

use super::clean;
use super::event::{Each, End, Event, Shape};
use super::fault::{Fault, FaultKind};
use super::part::Part;

/// Reads documents that stand one behind the other.
///
/// # Errors
/// If the text cannot be read to its end.
pub(super) fn read(text: &mut impl BufRead, each: Each<'_>) -> io::Result<()> {
    let mut splitter = Splitter::default();
    loop {
        let bytes = text.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        splitter.feed(bytes, each);
        text.consume(length);
    }
    splitter.finish(each);
    Ok(())
}

/// The meaning of the next byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Scan {
    #[default]
    Structure,
    String,
    /// Behind a backslash in a string.
    Escape,
    /// Behind something that is no document, until the end of the line.
    Lost,
}

#[derive(Default)]
struct Splitter {
    /// The lines before the current byte.
    line: usize,
    depth: usize,
    scan: Scan,
    /// The document without the items of its list.
    document: Part,
    /// The current item; nothing between two.
    item: Option<Part>,
    /// The last string at the first level, and whether a colon follows it: it is a key then.
    word: Vec<u8>,
    is_key: bool,
    /// The depth of the items, once the list has begun, until it ends.
    items: Option<usize>,
    has_items: bool,
}

// === impl Splitter ===

impl Splitter {
    fn feed(&mut self, mut bytes: &[u8], each: Each<'_>) {
        while let [byte, rest @ ..] = bytes {
            let run = self.run(bytes);
            if run > 0 {
                let (run, rest) = bytes.split_at(run);
                self.line += clean::line_ends(run);
                self.keep(run);
                self.is_key = false;
                bytes = rest;
                continue;
            }
            bytes = rest;
            self.take(*byte, each);
            self.line += usize::from(*byte == b'\n');
        }
    }

    /// The number of bytes that change nothing: those within a string, or within a number or a word.
    fn run(&self, bytes: &[u8]) -> usize {
        let is_inside = self.item.is_some() || self.items != Some(self.depth);
        let is_end: fn(&u8) -> bool = match self.scan {
            Scan::String => |byte| matches!(byte, b'"' | b'\\'),
            Scan::Structure if self.depth > 0 && is_inside => |byte| !byte.is_ascii_alphanumeric(),
            _ => return 0,
        };
        bytes.iter().position(is_end).unwrap_or(bytes.len())
    }

    fn take(&mut self, byte: u8, each: Each<'_>) {
        match self.scan {
            Scan::Structure => self.structure(byte, each),
            Scan::Lost if byte == b'\n' => self.scan = Scan::Structure,
            Scan::Lost => {}
            Scan::String | Scan::Escape => {
                self.keep(&[byte]);
                self.scan = match (self.scan, byte) {
                    (Scan::String, b'"') => Scan::Structure,
                    (Scan::String, b'\\') => Scan::Escape,
                    _ => Scan::String,
                };
            }
        }
    }

    fn structure(&mut self, byte: u8, each: Each<'_>) {
        match byte {
            b'"' if self.depth > 0 => {
                self.start_item();
                self.scan = Scan::String;
                self.word.clear();
                self.is_key = false;
                self.keep(b"\"");
            }
            b'{' | b'[' => self.open(byte),
            b'}' | b']' if self.depth > 0 => self.close(byte, each),
            b' ' | b'\t' | b'\r' | b'\n' => {
                // Between two items it would only grow.
                if self.item.is_some() || self.items.is_none() {
                    self.keep(&[byte]);
                }
            }
            b',' if self.items == Some(self.depth) => self.end_item(each),
            _ if self.depth > 0 => {
                self.start_item();
                self.is_key = byte == b':';
                self.keep(&[byte]);
            }
            // Documents of YAML may be JSON, and RFC 7464 puts a mark before each.
            b'-' | b'.' | b'#' => self.scan = Scan::Lost,
            0x1e => {}
            _ => {
                self.scan = Scan::Lost;
                let kind = FaultKind::Syntax;
                each(Event::End(End {
                    line: self.line + 1,
                    json: Err(Fault {
                        kind,
                        line: self.line + 1,
                    }),
                    shape: Shape::Single,
                    is_cut: false,
                }));
            }
        }
    }

    fn open(&mut self, byte: u8) {
        if self.depth == 0 {
            self.document = Part::at(self.line + 1);
            self.has_items = false;
        }
        self.start_item();
        let is_items = self.depth == 1 && self.is_key && self.word == b"items";
        let is_list = byte == b'[' && !self.has_items && (self.depth == 0 || is_items);
        self.depth += 1;
        self.is_key = false;
        self.keep(&[byte]);
        if is_list && self.items.is_none() {
            self.items = Some(self.depth);
            self.has_items = true;
        }
    }

    fn close(&mut self, byte: u8, each: Each<'_>) {
        if self.items == Some(self.depth) {
            self.end_item(each);
            self.items = None;
        }
        self.keep(&[byte]);
        self.depth -= 1;
        if self.depth == 0 {
            self.end_document(false, each);
        }
    }

    /// Keeps bytes of the current item, or of the document around the items.
    fn keep(&mut self, bytes: &[u8]) {
        if self.depth == 1 && self.scan != Scan::Structure && self.word.len() < 8 {
            self.word
                .extend(bytes.iter().filter(|&&byte| byte != b'"').take(8));
        }
        match &mut self.item {
            Some(item) => item.keep(bytes),
            None if self.depth > 0 => self.document.keep(bytes),
            None => {}
        }
    }

    fn start_item(&mut self) {
        if self.items == Some(self.depth) && self.item.is_none() {
            self.item = Some(Part::at(self.line + 1));
        }
    }

    fn end_item(&mut self, each: Each<'_>) {
        if let Some(item) = self.item.take() {
            each(Event::Item {
                line: item.line,
                json: item.parse(clean::json),
            });
        }
    }

    fn end_document(&mut self, is_cut: bool, each: Each<'_>) {
        let document = std::mem::take(&mut self.document);
        let shape = match document.text.first() {
            Some(b'[') => Shape::Sequence,
            _ if self.has_items => Shape::List,
            _ => Shape::Single,
        };
        let mut json = document.parse(clean::json);
        // A mapping of YAML in braces is no JSON, but for its brackets.
        if matches!(json, Err(fault) if fault.kind == FaultKind::Syntax)
            && let Ok(read) = clean::yaml(&document.text)
        {
            json = Ok(read);
        }
        each(Event::End(End {
            line: document.line,
            json,
            shape,
            is_cut,
        }));
    }

    /// Ends a document that was cut. Its beginning may still name the kind of its items.
    fn finish(mut self, each: Each<'_>) {
        if self.depth == 0 {
            return;
        }
        if self.items.is_some() {
            self.item = None;
            let is_sequence = self.items == Some(1);
            let ending: &[u8] = if is_sequence { b"]" } else { b"]}" };
            self.document.keep(ending);
        }
        self.end_document(true, each);
    }
}
