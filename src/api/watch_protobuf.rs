//! Watches in protobuf: frames, each with its length before it.
//!
//! ```text
//! frame       = length (four bytes, big-endian) WatchEvent
//! WatchEvent  { 1 type, 2 RawExtension { 1 raw } }
//! raw         = "k8s\0" Unknown { 1 typeMeta, 2 object }
//! ```
//!
//! kubernetes/apimachinery: pkg/runtime/serializer/protobuf/protobuf.go (`LengthDelimitedFramer`),
//! pkg/apis/meta/v1/generated.proto (`WatchEvent`).

use super::buffer::{Buffer, MOST};
use super::error::Error;
use super::list::{EachEvent, Event, EventKind};
use super::rejection;
use super::status::Status;
use crate::wire::Malformed;
use crate::wire::protobuf::{Fields, text_field, unwrap};

/// The size of the length before a frame, in bytes.
const LENGTH: usize = 4;

/// A reader of frames that arrive in pieces of any size.
#[derive(Default)]
pub(super) struct WatchReader(Buffer);

impl WatchReader {
    /// Takes the next bytes of the body and hands every event that they complete to `each`.
    pub(super) fn feed(&mut self, bytes: &[u8], each: EachEvent<'_>) -> Result<(), Error> {
        self.0.push(bytes)?;
        let mut read = 0;
        while let Some(frame) = next(&self.0.bytes()[read..])? {
            event(frame, each)?;
            read += LENGTH + frame.len();
        }
        self.0.consume(read);
        Ok(())
    }

    /// Checks that the body has not ended within a frame.
    pub(super) fn finish(self) -> Result<(), Error> {
        if self.0.bytes().is_empty() {
            Ok(())
        } else {
            Err(Error::NotAWatch("it was cut off".into()))
        }
    }
}

/// Returns the frame that the bytes begin with; nothing if it is not there as a whole.
fn next(bytes: &[u8]) -> Result<Option<&[u8]>, Error> {
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(*length) as usize;
    if length > MOST {
        return Err(Error::TooLarge(MOST));
    }
    Ok(rest.get(..length))
}

fn event(frame: &[u8], each: EachEvent<'_>) -> Result<(), Error> {
    let kind = EventKind::read(text_field(frame, 1)?)?;
    let mut fields = Fields(frame).filter_map(Result::ok);
    let (_, extension) = fields.find(|(number, _)| *number == 2).ok_or(Malformed)?;
    let mut fields = Fields(extension).filter_map(Result::ok);
    let (_, raw) = fields.find(|(number, _)| *number == 1).ok_or(Malformed)?;
    let Some(kind) = kind else {
        return Err(rejection::of(&Status::read(raw).unwrap_or_default()));
    };
    let (_, object) = unwrap(raw).ok_or(Malformed)?;
    each(Event { kind, object })
}
