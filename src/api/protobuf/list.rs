//! A list, read while it arrives: no more than one incomplete item of it is ever held.

use super::{Head, MAGIC, kind, text_field};
use crate::api::buffer::Buffer;
use crate::api::object::{Each, ListMeta, Malformed};
use crate::api::trouble::{Trouble, expect_list};

/// The items of a list, in pieces of any size.
#[derive(Default)]
pub(in crate::api) struct ListReader {
    buffer: Buffer,
    progress: Progress,
}

#[derive(Default)]
struct Progress {
    place: Place,
    /// Whether the type was seen, and is that of a list.
    is_list: bool,
    meta: Option<ListMeta>,
}

/// Where in a body the next byte belongs.
#[derive(Default)]
enum Place {
    #[default]
    Magic,
    Envelope,
    /// Inside of `raw`, of which so many bytes are still to come.
    List(usize),
}

// === impl ListReader ===

impl ListReader {
    /// Takes the next bytes of the body, and hands every item that they complete to `each`.
    pub(in crate::api) fn feed(&mut self, bytes: &[u8], each: Each<'_>) -> Result<(), Trouble> {
        self.buffer.push(bytes)?;
        let read = self.progress.read(self.buffer.bytes(), each)?;
        self.buffer.consume(read);
        Ok(())
    }

    /// What the list said of itself, once all of it was fed; a body that ended early is no list.
    pub(in crate::api) fn finish(self) -> Result<ListMeta, Trouble> {
        match (self.progress.place, self.progress.meta) {
            (Place::Envelope | Place::List(0), Some(meta)) if self.buffer.bytes().is_empty() => {
                Ok(meta)
            }
            _ => Err(Trouble::NoList("it was cut off".into())),
        }
    }
}

impl Progress {
    /// Reads what is there as a whole, and says how many bytes that was.
    fn read(&mut self, bytes: &[u8], each: Each<'_>) -> Result<usize, Trouble> {
        let mut rest = bytes;
        while let Some(read) = self.step(rest, each)? {
            rest = &rest[read..];
        }
        Ok(bytes.len() - rest.len())
    }

    /// Reads one thing, and says how long it was; nothing if it is not there as a whole.
    fn step(&mut self, bytes: &[u8], each: Each<'_>) -> Result<Option<usize>, Trouble> {
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

    fn magic(&mut self, bytes: &[u8]) -> Result<Option<usize>, Trouble> {
        if bytes.len() < MAGIC.len() {
            return Ok(None);
        }
        if !bytes.starts_with(MAGIC) {
            return Err(Malformed.into());
        }
        self.place = Place::Envelope;
        Ok(Some(MAGIC.len()))
    }

    fn envelope(&mut self, bytes: &[u8]) -> Result<Option<usize>, Trouble> {
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
            expect_list(kind(value)?)?;
            self.is_list = true;
        }
        Ok(Some(head.end))
    }

    fn item(
        &mut self,
        bytes: &[u8],
        left: usize,
        each: Each<'_>,
    ) -> Result<Option<usize>, Trouble> {
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

pub(in crate::api) fn list_meta(message: &[u8]) -> Result<ListMeta, Malformed> {
    Ok(ListMeta {
        resource_version: text_field(message, 2)?.to_owned(),
        continue_token: Some(text_field(message, 3)?.to_owned()).filter(|token| !token.is_empty()),
    })
}
