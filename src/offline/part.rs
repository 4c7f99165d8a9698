//! A part of a document, held until it is whole.

use super::clean::{Clean, MOST};
use super::fault::{Fault, FaultKind};

/// A part of a document, up to the bound of an object.
#[derive(Default)]
pub(super) struct Part {
    pub(super) text: Vec<u8>,
    /// The line that it begins at.
    pub(super) line: usize,
    pub(super) is_too_large: bool,
}

// === impl Part ===

impl Part {
    pub(super) fn at(line: usize) -> Self {
        Self {
            line,
            ..Self::default()
        }
    }

    pub(super) fn keep(&mut self, bytes: &[u8]) {
        if self.text.len() + bytes.len() > MOST {
            self.refuse();
        }
        if !self.is_too_large {
            self.text.extend_from_slice(bytes);
        }
    }

    /// Marks it as too large, and forgets it.
    pub(super) fn refuse(&mut self) {
        self.is_too_large = true;
        self.text = Vec::new();
    }

    /// Reads it by a parser.
    pub(super) fn parse(&self, parse: fn(&[u8]) -> Result<Clean, Fault>) -> Result<Clean, Fault> {
        if self.is_too_large {
            return Err(Fault {
                kind: FaultKind::TooLarge,
                line: self.line,
            });
        }
        parse(&self.text).map_err(|fault| fault.below(self.line))
    }
}
