//! Answers that are complete before they are sent: encoded, compressed.

use std::io::Write;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::form::{Form, Shape};
use crate::list::List;
use crate::protobuf;
use crate::resource::Resource;
use crate::status::Status;

/// Smaller answers are never compressed (kubernetes/apiserver:
/// pkg/endpoints/handlers/responsewriters/writers.go, `defaultGzipThresholdBytes`).
const GZIP_FROM: usize = 128 * 1024;

/// An answer before it is sent.
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) content_type: &'static str,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn list(list: &List, resource: Resource, form: Form) -> Self {
        let metadata = form.shape == Shape::MetadataList;
        let body = match (form.protobuf, metadata) {
            (true, true) => protobuf::metadata(list),
            (true, false) => protobuf::secrets(list),
            (false, _) => json_list(list, resource, metadata).to_string().into_bytes(),
        };
        Self {
            code: 200,
            content_type: form.content_type(),
            retry_after: None,
            body,
        }
    }

    /// Returns the answer to a creation.
    pub(crate) fn created(object: &Value) -> Self {
        Self {
            code: 201,
            content_type: Form::JSON.content_type(),
            retry_after: None,
            body: object.to_string().into_bytes(),
        }
    }

    /// Returns the version of the API server.
    pub(crate) fn version() -> Self {
        let fields = [
            "buildDate",
            "compiler",
            "gitCommit",
            "gitTreeState",
            "goVersion",
            "platform",
        ];
        let mut version = json!({"major": "1", "minor": "33", "gitVersion": "v1.33.0"});
        for field in fields {
            version[field] = "".into();
        }
        Self {
            code: 200,
            content_type: Form::JSON.content_type(),
            retry_after: None,
            body: version.to_string().into_bytes(),
        }
    }

    /// Returns the answer to a path that no resource has.
    pub(crate) fn no_such_path() -> Self {
        Self {
            code: 404,
            content_type: "text/plain; charset=utf-8",
            retry_after: None,
            body: b"404 page not found\n".to_vec(),
        }
    }

    pub(crate) fn refusal(status: &Status, form: Form) -> Self {
        let body = if form.protobuf {
            protobuf::status(&status.json())
        } else {
            status.json().to_string().into_bytes()
        };
        Self {
            code: status.code,
            content_type: form.content_type(),
            retry_after: status.retry_after,
            body,
        }
    }

    /// Returns the response and the size of its body.
    pub(crate) fn into_response(self, gzip: bool) -> (Response<Body>, usize) {
        let code = StatusCode::from_u16(self.code).expect("a status code");
        let mut response = Response::builder()
            .status(code)
            .header(CONTENT_TYPE, self.content_type);
        if let Some(seconds) = self.retry_after {
            response = response.header(RETRY_AFTER, seconds);
        }
        let mut body = self.body;
        if gzip && code == StatusCode::OK && body.len() > GZIP_FROM {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&body).expect("a Vec takes everything");
            body = encoder.finish().expect("a Vec takes everything");
            response = response.header(CONTENT_ENCODING, "gzip");
        }
        let bytes = body.len();
        (
            response
                .body(Body::from(body))
                .expect("every header is valid"),
            bytes,
        )
    }
}

fn json_list(list: &List, resource: Resource, metadata: bool) -> Value {
    let mut meta = json!({"resourceVersion": list.revision.to_string()});
    if let Some(token) = &list.continue_token {
        meta["continue"] = token.as_str().into();
    }
    if let Some(remaining) = list.remaining {
        meta["remainingItemCount"] = remaining.into();
    }
    let (kind, api_version) = if metadata {
        ("PartialObjectMetadataList".into(), "meta.k8s.io/v1".into())
    } else {
        (format!("{}List", resource.kind), resource.api_version())
    };
    let item = |object: &Arc<Value>| {
        if !metadata {
            let mut object = (**object).clone();
            if let Some(fields) = object.as_object_mut().filter(|_| !resource.is_custom()) {
                // The items of a typed list have neither kind nor version.
                fields.remove("kind");
                fields.remove("apiVersion");
            }
            return object;
        }
        json!({"kind": "PartialObjectMetadata", "apiVersion": api_version, "metadata": object["metadata"]})
    };
    let items: Vec<Value> = list.items.iter().map(item).collect();
    json!({"kind": kind, "apiVersion": api_version, "metadata": meta, "items": items})
}
