//! The body of an answer, read piece by piece into a list, a watch, or an error of one sentence.

use std::io::Write;

use flate2::write::GzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, Response};
use http_body_util::BodyExt;
use kube::client::Body;

use super::error::{Error, chain};
use super::list::{Each, EachEvent, ListMeta};
use super::{list_json, list_protobuf, watch_json, watch_protobuf};
use crate::object::Kind;
use crate::wire::Form;

/// The number of compressed bytes that are inflated at a time. They inflate to a thousand times as
/// many at most, and only that much is held of a bomb.
const DEFLATED: usize = 4096;

enum ListReader {
    Protobuf(list_protobuf::ListReader),
    Json(list_json::ListReader),
}

enum WatchReader {
    Protobuf(watch_protobuf::WatchReader),
    Json(watch_json::WatchReader),
}

/// Hands every item of a list to `each`, and returns the list's own metadata.
pub(super) async fn read_list(
    response: Response<Body>,
    (form, kind): (Form, Kind),
    each: Each<'_>,
) -> Result<ListMeta, Error> {
    let kind = form.list_kind(kind);
    let mut reader = match form {
        Form::Json => ListReader::Json(list_json::ListReader::new(kind)),
        Form::Metadata | Form::Protobuf => {
            ListReader::Protobuf(list_protobuf::ListReader::new(kind))
        }
    };
    let mut feed = |bytes: &[u8]| match &mut reader {
        ListReader::Protobuf(reader) => reader.feed(bytes, each),
        ListReader::Json(reader) => reader.feed(bytes),
    };
    read(response, form, Error::NotAList, &mut feed).await?;
    match reader {
        ListReader::Protobuf(reader) => reader.finish(),
        ListReader::Json(reader) => reader.finish(each),
    }
}

/// Hands every event of a watch to `each` as it arrives, until the watch ends.
pub(super) async fn read_watch(
    response: Response<Body>,
    form: Form,
    each: EachEvent<'_>,
) -> Result<(), Error> {
    let mut reader = match form {
        Form::Json => WatchReader::Json(watch_json::WatchReader::default()),
        Form::Metadata | Form::Protobuf => {
            WatchReader::Protobuf(watch_protobuf::WatchReader::default())
        }
    };
    let mut feed = |bytes: &[u8]| match &mut reader {
        WatchReader::Protobuf(reader) => reader.feed(bytes, each),
        WatchReader::Json(reader) => reader.feed(bytes, each),
    };
    read(response, form, Error::NotAWatch, &mut feed).await?;
    match reader {
        WatchReader::Protobuf(reader) => reader.finish(),
        WatchReader::Json(reader) => reader.finish(),
    }
}

/// Hands the bytes of an answer to `feed` as they arrive, inflated where they are compressed.
async fn read(
    response: Response<Body>,
    form: Form,
    unusable: fn(String) -> Error,
    feed: &mut (dyn FnMut(&[u8]) -> Result<(), Error> + Send),
) -> Result<(), Error> {
    let (head, mut body) = response.into_parts();
    let (content_type, expected) = (header(&head.headers, &CONTENT_TYPE), form.media_type());
    let media_type = content_type.split(';').next().unwrap_or_default();
    if media_type != expected {
        let media_type: String = media_type.chars().take(100).collect();
        return Err(unusable(format!(
            "it is {media_type:?}, not {expected:?}: is a proxy in between?"
        )));
    }
    let mut gzip = match header(&head.headers, &CONTENT_ENCODING) {
        "" | "identity" => None,
        "gzip" => Some(GzDecoder::new(Vec::new())),
        other => return Err(unusable(format!("its encoding is {other:?}"))),
    };
    let not_gzip = |_| unusable("its gzip is damaged or was cut off".into());
    while let Some(frame) = body.frame().await {
        let cut_off = |error| unusable(format!("it was cut off: {}", chain(&error)));
        let Ok(bytes) = frame.map_err(cut_off)?.into_data() else {
            continue;
        };
        let Some(gzip) = &mut gzip else {
            feed(&bytes)?;
            continue;
        };
        for part in bytes.chunks(DEFLATED) {
            gzip.write_all(part).map_err(not_gzip)?;
            gzip.flush().map_err(not_gzip)?;
            feed(gzip.get_ref())?;
            gzip.get_mut().clear();
        }
    }
    if let Some(gzip) = gzip {
        feed(&gzip.finish().map_err(not_gzip)?)?;
    }
    Ok(())
}

/// Returns the text of a header; empty if there is none.
fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}
