//! One document of YAML, and a list split into its items, as it is read.
//!
//! A list as `kubectl` prints it is split at the lines that begin an item, which is all that a block
//! sequence allows there, so that it need not be held as a whole. A document of moderate size in which
//! such an item cannot be read alone (an alias, whose anchor is in another item) is read once more as
//! a whole.

use crate::offline::clean::{self, Clean};
use crate::offline::event::{Each, End, Event, Shape};
use crate::offline::fault::Fault;
use crate::offline::part::Part;

/// The bytes of items that are held until the end of their document is seen.
const HELD: usize = 8 << 20;

/// The place in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before a list, or in a document that is none.
    Before,
    /// Behind the key `items`.
    Key,
    /// In the list, whose items have that indentation.
    Items(usize),
    /// Behind the list.
    After(usize),
}

/// A document that is being read.
pub(super) struct Document {
    place: Place,
    before: Part,
    after: Part,
    /// The items that are held, the last of them unfinished.
    items: Vec<Part>,
    held: usize,
    /// True once items have been handed out before the end of the document is known.
    is_streamed: bool,
    /// True if it is no list that can be split.
    is_odd: bool,
}

// === impl Document ===

impl Document {
    pub(super) fn at(line: usize) -> Self {
        Self {
            place: Place::Before,
            before: Part::at(line),
            after: Part::at(line),
            items: Vec::new(),
            held: 0,
            is_streamed: false,
            is_odd: false,
        }
    }

    pub(super) fn take(&mut self, line: &[u8], number: usize, each: Each<'_>) {
        let content = line.trim_ascii_end();
        let indentation = content.iter().take_while(|&&byte| byte == b' ').count();
        // A tab is no indentation, and begins no key either.
        let is_blank = matches!(content[indentation..], [] | [b'#' | b'\t', ..]);
        let is_entry = matches!(content[indentation..], [b'-'] | [b'-', b' ', ..]);
        match self.place {
            Place::Before if is_items(content) => self.place = Place::Key,
            Place::Key if is_entry => self.place = Place::Items(indentation),
            Place::Key if !is_blank => self.place = Place::Before,
            Place::Items(of)
                if !is_blank && (indentation < of || (indentation == of && !is_entry)) =>
            {
                self.place = Place::After(of);
                self.after.line = number;
                self.is_odd |= indentation > 0;
            }
            // Something in the middle of the list was no part of it.
            Place::After(of) if is_entry && indentation == of => {
                self.place = Place::Items(of);
                self.is_odd = true;
            }
            Place::After(_) => self.is_odd |= is_items(content),
            _ => {}
        }
        match self.place {
            Place::Before | Place::Key => self.before.keep(line),
            Place::After(_) => self.after.keep(line),
            Place::Items(of) => {
                if is_entry && indentation == of {
                    self.hand_out(each);
                    self.items.push(Part::at(number));
                }
                self.held += line.len();
                if let Some(item) = self.items.last_mut() {
                    item.keep(line);
                }
            }
        }
    }

    /// Marks the part as too large that has a line of that number.
    pub(super) fn refuse(&mut self, number: usize) {
        match (self.place, self.items.last_mut()) {
            (Place::Items(_), Some(item)) => item.refuse(),
            (Place::After(_), _) => self.after.refuse(),
            _ => {
                self.before.line = number;
                self.before.refuse();
            }
        }
        self.is_odd |= self.place == Place::Key;
    }

    /// Hands out the items that are finished, if there are too many to hold.
    fn hand_out(&mut self, each: Each<'_>) {
        if self.held > HELD || self.is_streamed {
            self.is_streamed = true;
            self.held = 0;
            for item in self.items.drain(..) {
                each(Event::Item {
                    line: item.line,
                    json: parse_item(&item),
                });
            }
        }
    }

    pub(super) fn end(mut self, each: Each<'_>) {
        if self.items.is_empty() && !self.is_streamed {
            return self.end_single(each);
        }
        let items = self.items.iter();
        let items: Vec<_> = items.map(|item| (item.line, parse_item(item))).collect();
        let is_whole = !self.is_odd && items.iter().all(|(_, json)| json.is_ok());
        if !is_whole
            && !self.is_streamed
            && let Some(json) = self.whole()
        {
            return each(Event::End(End {
                line: self.before.line,
                json: Ok(json),
                shape: Shape::Single,
                is_cut: false,
            }));
        }
        for (line, json) in items {
            each(Event::Item { line, json });
        }
        self.end_list(each);
    }

    /// Reads a document as a whole, if that is possible.
    fn whole(&self) -> Option<Clean> {
        let parts = || {
            [&self.before]
                .into_iter()
                .chain(&self.items)
                .chain([&self.after])
        };
        if parts().any(|part| part.is_too_large) {
            return None;
        }
        let text: Vec<u8> = parts().flat_map(|part| &part.text).copied().collect();
        clean::yaml(&text).ok()
    }

    /// Ends a document that is no list, unless it holds nothing.
    fn end_single(&self, each: Each<'_>) {
        let mut lines = self.before.text.split(|&byte| byte == b'\n');
        let is_content = |line: &[u8]| {
            let line = line.trim_ascii();
            !line.is_empty() && !line.starts_with(b"#") && line != b"---"
        };
        if self.before.is_too_large || lines.any(is_content) {
            each(Event::End(End {
                line: self.before.line,
                json: self.before.parse(clean::yaml),
                shape: Shape::Single,
                is_cut: false,
            }));
        }
    }

    /// Ends a list, whose items were handed out before.
    fn end_list(&mut self, each: Each<'_>) {
        let (first, after) = (self.before.line, self.after.line);
        self.before.keep(b" []\n");
        let lines = clean::line_ends(&self.before.text);
        if self.after.is_too_large {
            self.before.refuse();
        }
        self.before.keep(&self.after.text);
        self.before.line = 1;
        let json = self.before.parse(clean::yaml).map_err(|fault| Fault {
            line: match fault.line.checked_sub(lines + 1) {
                Some(behind) => after + behind,
                None => first + fault.line - 1,
            },
            ..fault
        });
        each(Event::End(End {
            line: first,
            json,
            shape: Shape::List,
            is_cut: false,
        }));
    }
}

/// Reads an item: a sequence of one element.
fn parse_item(item: &Part) -> Result<Clean, Fault> {
    let mut clean = item.parse(clean::yaml)?;
    clean.json.pop();
    clean.json.remove(0);
    Ok(clean)
}

/// Returns whether a line is the key `items` of a document, with nothing behind it.
fn is_items(line: &[u8]) -> bool {
    let rest = line.strip_prefix(b"items:").map(<[u8]>::trim_ascii_start);
    rest.is_some_and(|rest| matches!(rest, [] | [b'#', ..]))
}
