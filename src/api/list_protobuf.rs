//! Lists in protobuf, read while they arrive: no more than one incomplete item is ever held.

#[cfg(test)]
mod tests;

use super::buffer::Buffer;
use super::error::{Error, expect_kind};
use super::list::{Each, ListMeta};
use crate::wire::Malformed;
use crate::wire::protobuf::{Head, MAGIC, kind, text_field};

/// A reader of a list that arrives in pieces of any size.
pub(super) struct ListReader {
    buffer: Buffer,
    progress: Progress,
}

struct Progress {
    /// The kind of the list.
    kind: String,
    place: Place,
    /// True if the type has been seen, and is that of a list.
    is_list: bool,
    meta: Option<ListMeta>,
}

/// The place in a body to which the next byte belongs.
enum Place {
    Magic,
    Envelope,
    /// Inside of `raw`, with the number of bytes that are still to come.
    List(usize),
}

// === impl ListReader ===

impl ListReader {
    pub(super) fn new(kind: String) -> Self {
        Self {
            buffer: Buffer::default(),
            progress: Progress {
                kind,
                place: Place::Magic,
                is_list: false,
                meta: None,
            },
        }
    }

    /// Takes the next bytes of the body and hands every item that they complete to `each`.
    pub(super) fn feed(&mut self, bytes: &[u8], each: Each<'_>) -> Result<(), Error> {
        self.buffer.push(bytes)?;
        let read = self.progress.read(self.buffer.bytes(), each)?;
        self.buffer.consume(read);
        Ok(())
    }

    /// Returns the metadata of the list once all of it has arrived; a body that ended early is not
    /// a list.
    pub(super) fn finish(self) -> Result<ListMeta, Error> {
        match (self.progress.place, self.progress.meta) {
            (Place::Envelope | Place::List(0), Some(meta)) if self.buffer.bytes().is_empty() => {
                Ok(meta)
            }
            _ => Err(Error::NotAList("it was cut off".into())),
        }
    }
}

impl Progress {
    /// Reads everything that is there as a whole, and returns its length in bytes.
    fn read(&mut self, bytes: &[u8], each: Each<'_>) -> Result<usize, Error> {
        let mut rest = bytes;
        while let Some(read) = self.step(rest, each)? {
            rest = &rest[read..];
        }
        Ok(bytes.len() - rest.len())
    }

    /// Reads one thing and returns its length in bytes; nothing if it is not there as a whole.
    fn step(&mut self, bytes: &[u8], each: Each<'_>) -> Result<Option<usize>, Error> {
        match self.place {
            Place::Magic => self.magic(bytes),
            Place::Envelope => self.envelope(bytes),
            Place::List(0) => {
                self.place = Place::Envelope;
                Ok(Some(0))
            }
            Place::List(left) => self.item(bytes, left, each),
        }
    }

    fn magic(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        if bytes.len() < MAGIC.len() {
            return Ok(None);
        }
        if !bytes.starts_with(MAGIC) {
            return Err(Malformed.into());
        }
        self.place = Place::Envelope;
        Ok(Some(MAGIC.len()))
    }

    fn envelope(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        let Some(head) = Head::read(bytes)? else {
            return Ok(None);
        };
        if head.number == 2 {
            if !self.is_list {
                return Err(Malformed.into());
            }
            self.meta = Some(ListMeta::default());
            self.place = Place::List(head.end - head.start);
            return Ok(Some(head.start));
        }
        let Some(value) = bytes.get(head.start..head.end) else {
            return Ok(None);
        };
        if head.number == 1 {
            expect_kind(kind(value)?, &self.kind)?;
            self.is_list = true;
        }
        Ok(Some(head.end))
    }

    fn item(&mut self, bytes: &[u8], left: usize, each: Each<'_>) -> Result<Option<usize>, Error> {
        let Some(head) = Head::read(bytes)? else {
            return Ok(None);
        };
        let left = left.checked_sub(head.end).ok_or(Malformed)?;
        let Some(value) = bytes.get(head.start..head.end) else {
            return Ok(None);
        };
        match head.number {
            1 => self.meta = Some(list_meta(value)?),
            2 => each(value)?,
            _ => {}
        }
        self.place = Place::List(left);
        Ok(Some(head.end))
    }
}

/// Reads a `ListMeta`.
pub(super) fn list_meta(message: &[u8]) -> Result<ListMeta, Malformed> {
    Ok(ListMeta {
        resource_version: text_field(message, 2)?.to_owned(),
        continue_token: Some(text_field(message, 3)?.to_owned()).filter(|token| !token.is_empty()),
    })
}
