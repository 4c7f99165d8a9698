//! The body of an answer, read frame by frame: whatever it is, it ends as a list or as one sentence.

use std::io::Write;

use flate2::write::GzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, Response};
use http_body_util::BodyExt;
use kube::client::Body;

use super::object::{Each, ListMeta};
use super::trouble::{Trouble, chain};
use super::{json, protobuf};

/// What a list is asked for as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Metadata without values: in protobuf for custom resources too.
    Metadata,
    /// Whole objects, for those that Kubernetes has built in.
    Protobuf,
    /// Whole objects, for custom resources.
    Json,
}

enum Reader {
    Protobuf(protobuf::ListReader),
    Json(json::ListReader),
}

/// Hands every item of the list to `each`, and says what the list says of itself.
pub(super) async fn read(
    response: Response<Body>,
    form: Form,
    each: Each<'_>,
) -> Result<ListMeta, Trouble> {
    let (head, mut body) = response.into_parts();
    let mut reader = Reader::of(form, &head.headers)?;
    let mut gzip = match header(&head.headers, &CONTENT_ENCODING) {
        "" | "identity" => None,
        "gzip" => Some(GzDecoder::new(Vec::new())),
        other => return Err(Trouble::NoList(format!("its encoding is {other:?}"))),
    };
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|error| Trouble::NoList(format!("it was cut off: {}", chain(&error))))?;
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        match &mut gzip {
            None => reader.feed(&bytes, each)?,
            Some(gzip) => {
                gzip.write_all(&bytes).map_err(no_gzip)?;
                gzip.flush().map_err(no_gzip)?;
                reader.feed(gzip.get_ref(), each)?;
                gzip.get_mut().clear();
            }
        }
    }
    if let Some(gzip) = gzip {
        reader.feed(&gzip.finish().map_err(no_gzip)?, each)?;
    }
    reader.finish(each)
}

// === impl Form ===

impl Form {
    /// The media type to ask for (kubernetes/apimachinery: pkg/runtime/types.go, and the `as`, `g` and `v`
    /// parameters of kubernetes/apiserver: pkg/endpoints/handlers/negotiation/negotiate.go).
    pub(super) fn accept(self) -> &'static str {
        match self {
            Self::Metadata => {
                "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
            }
            Self::Protobuf => "application/vnd.kubernetes.protobuf",
            Self::Json => "application/json",
        }
    }

    /// Metadata compresses to a fifteenth at almost no cost for the API server; values hardly, at a high one.
    pub(super) fn gzip(self) -> bool {
        self == Self::Metadata
    }

    fn media_type(self) -> &'static str {
        if self == Self::Json {
            "application/json"
        } else {
            "application/vnd.kubernetes.protobuf"
        }
    }
}

// === impl Reader ===

impl Reader {
    fn of(form: Form, headers: &HeaderMap) -> Result<Self, Trouble> {
        let media_type = header(headers, &CONTENT_TYPE)
            .split(';')
            .next()
            .unwrap_or_default();
        if media_type != form.media_type() {
            let asked = form.media_type();
            let answer: String = media_type.chars().take(100).collect();
            return Err(Trouble::NoList(format!(
                "it is {answer:?}, not {asked:?}: is a proxy in between?"
            )));
        }
        Ok(match form {
            Form::Json => Self::Json(json::ListReader::default()),
            Form::Metadata | Form::Protobuf => Self::Protobuf(protobuf::ListReader::default()),
        })
    }

    fn feed(&mut self, bytes: &[u8], each: Each<'_>) -> Result<(), Trouble> {
        match self {
            Self::Protobuf(reader) => reader.feed(bytes, each),
            Self::Json(reader) => reader.feed(bytes),
        }
    }

    fn finish(self, each: Each<'_>) -> Result<ListMeta, Trouble> {
        match self {
            Self::Protobuf(reader) => reader.finish(),
            Self::Json(reader) => reader.finish(each),
        }
    }
}

/// A header's text; empty if there is none.
fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn no_gzip(_: std::io::Error) -> Trouble {
    Trouble::NoList("its gzip is damaged or was cut off".into())
}
