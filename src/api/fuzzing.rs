//! The readers of answers, which are private, for fuzzing (`fuzz/`) and for tests with random bytes.
//! In no other build does this module exist.

#[cfg(test)]
mod tests;

use super::error::Error;
use super::list::{Event, EventKind};
use super::status::Status;
use super::{list_json, list_protobuf, watch_json, watch_protobuf};
use crate::object::Kind;
use crate::wire::Form;

/// The items of a list, in the encoding they came in, and its own metadata: the version and the
/// token of the next page.
pub type List = (Vec<Vec<u8>>, String, Option<String>);

/// The events of a watch up to its end or to an error: whether the object is present (nothing for a
/// bookmark), and the object in the encoding it came in.
pub type Events = Vec<(Option<bool>, Vec<u8>)>;

/// Reads a list that arrives in these pieces: of Routes in JSON, else of Secrets.
///
/// # Errors
/// The message about a list that is malformed, cut off or too large.
pub fn list<'a>(form: Form, pieces: impl Iterator<Item = &'a [u8]>) -> Result<List, String> {
    let mut items = Vec::new();
    let mut each = |item: &[u8]| {
        items.push(item.to_vec());
        Ok(())
    };
    let is_json = form == Form::Json;
    let kind = form.list_kind(if is_json { Kind::Route } else { Kind::Secret });
    let read = || -> Result<_, Error> {
        if is_json {
            let mut reader = list_json::ListReader::new(kind);
            for piece in pieces {
                reader.feed(piece)?;
            }
            return reader.finish(&mut each);
        }
        let mut reader = list_protobuf::ListReader::new(kind);
        for piece in pieces {
            reader.feed(piece, &mut each)?;
        }
        reader.finish()
    };
    let meta = read().map_err(|error| error.to_string())?;
    Ok((items, meta.resource_version, meta.continue_token))
}

/// Reads a watch that arrives in these pieces; returns the message about one that is malformed, cut
/// off or too large beside the events before it.
pub fn watch<'a>(
    form: Form,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> (Events, Result<(), String>) {
    let mut events = Events::new();
    let mut each = |event: Event<'_>| {
        let is_present = match event.kind {
            EventKind::Present => Some(true),
            EventKind::Gone => Some(false),
            EventKind::Bookmark => None,
        };
        events.push((is_present, event.object.to_vec()));
        Ok(())
    };
    let read = || -> Result<_, Error> {
        if form == Form::Json {
            let mut reader = watch_json::WatchReader::default();
            for piece in pieces {
                reader.feed(piece, &mut each)?;
            }
            return reader.finish();
        }
        let mut reader = watch_protobuf::WatchReader::default();
        for piece in pieces {
            reader.feed(piece, &mut each)?;
        }
        reader.finish()
    };
    let read = read().map_err(|error| error.to_string());
    (events, read)
}

/// Returns the message of a Status, as it is logged; nothing if the body is not a Status.
pub fn status(body: &[u8]) -> Option<String> {
    Status::read(body).map(|status| status.message)
}
