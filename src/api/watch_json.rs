//! Watches in JSON: one event on each line (kubernetes/apimachinery: pkg/util/framer/framer.go,
//! `NewJSONFramedReader`).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::buffer::Buffer;
use super::error::Error;
use super::list::{EachEvent, Event, EventKind};
use super::rejection;
use super::status::Status;

/// A reader of lines that arrive in pieces of any size.
#[derive(Default)]
pub(super) struct WatchReader(Buffer);

#[derive(Deserialize)]
struct Line<'a> {
    r#type: &'a str,
    #[serde(borrow)]
    object: &'a RawValue,
}

impl WatchReader {
    /// Takes the next bytes of the body and hands every event that they complete to `each`.
    pub(super) fn feed(&mut self, bytes: &[u8], each: EachEvent<'_>) -> Result<(), Error> {
        let complete = bytes.iter().rposition(|byte| *byte == b'\n');
        let held = self.0.bytes().len();
        self.0.push(bytes)?;
        let Some(end) = complete.map(|last| held + last + 1) else {
            return Ok(());
        };
        for line in self.0.bytes()[..end].split(|byte| *byte == b'\n') {
            if !line.trim_ascii().is_empty() {
                event(line, each)?;
            }
        }
        self.0.consume(end);
        Ok(())
    }

    /// Checks that the body has not ended within an event.
    pub(super) fn finish(self) -> Result<(), Error> {
        if self.0.bytes().trim_ascii().is_empty() {
            Ok(())
        } else {
            Err(Error::NotAWatch("it was cut off".into()))
        }
    }
}

fn event(line: &[u8], each: EachEvent<'_>) -> Result<(), Error> {
    // serde's own message would quote the object.
    let malformed = |_| Error::NotAWatch("an event is malformed".into());
    let line: Line<'_> = serde_json::from_slice(line).map_err(malformed)?;
    let object = line.object.get().as_bytes();
    let Some(kind) = EventKind::read(line.r#type)? else {
        return Err(rejection::of(&Status::read(object).unwrap_or_default()));
    };
    each(Event { kind, object })
}
