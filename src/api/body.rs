//! The body of an answer, read frame by frame into a list or an error of one sentence.

use std::io::Write;

use flate2::write::GzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, Response};
use http_body_util::BodyExt;
use kube::client::Body;

use super::error::{Error, chain};
use super::list::{Each, ListMeta};
use super::{list_json, list_protobuf};
use crate::wire::Form;

enum Reader {
    Protobuf(list_protobuf::ListReader),
    Json(list_json::ListReader),
}

/// Hands every item of the list to `each`, and returns the list's own metadata.
pub(super) async fn read(
    response: Response<Body>,
    form: Form,
    each: Each<'_>,
) -> Result<ListMeta, Error> {
    let (head, mut body) = response.into_parts();
    let mut reader = Reader::new(form, &head.headers)?;
    let mut gzip = match header(&head.headers, &CONTENT_ENCODING) {
        "" | "identity" => None,
        "gzip" => Some(GzDecoder::new(Vec::new())),
        other => return Err(Error::NotAList(format!("its encoding is {other:?}"))),
    };
    while let Some(frame) = body.frame().await {
        let cut_off = |error| Error::NotAList(format!("it was cut off: {}", chain(&error)));
        let Ok(bytes) = frame.map_err(cut_off)?.into_data() else {
            continue;
        };
        match &mut gzip {
            None => reader.feed(&bytes, each)?,
            Some(gzip) => {
                gzip.write_all(&bytes).map_err(not_gzip)?;
                gzip.flush().map_err(not_gzip)?;
                reader.feed(gzip.get_ref(), each)?;
                gzip.get_mut().clear();
            }
        }
    }
    if let Some(gzip) = gzip {
        reader.feed(&gzip.finish().map_err(not_gzip)?, each)?;
    }
    reader.finish(each)
}

// === impl Reader ===

impl Reader {
    fn new(form: Form, headers: &HeaderMap) -> Result<Self, Error> {
        let (content_type, expected) = (header(headers, &CONTENT_TYPE), form.media_type());
        let media_type = content_type.split(';').next().unwrap_or_default();
        if media_type != expected {
            let media_type: String = media_type.chars().take(100).collect();
            return Err(Error::NotAList(format!(
                "it is {media_type:?}, not {expected:?}: is a proxy in between?"
            )));
        }
        Ok(match form {
            Form::Json => Self::Json(list_json::ListReader::default()),
            Form::Metadata | Form::Protobuf => Self::Protobuf(list_protobuf::ListReader::default()),
        })
    }

    fn feed(&mut self, bytes: &[u8], each: Each<'_>) -> Result<(), Error> {
        match self {
            Self::Protobuf(reader) => reader.feed(bytes, each),
            Self::Json(reader) => reader.feed(bytes),
        }
    }

    fn finish(self, each: Each<'_>) -> Result<ListMeta, Error> {
        match self {
            Self::Protobuf(reader) => reader.finish(),
            Self::Json(reader) => reader.finish(each),
        }
    }
}

/// Returns the text of a header; empty if there is none.
fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

fn not_gzip(_: std::io::Error) -> Error {
    Error::NotAList("its gzip is damaged or was cut off".into())
}
