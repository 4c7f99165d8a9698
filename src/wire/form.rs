//! The forms in which an API server is asked for the items of a list.

use crate::object::Kind;

/// The form of a list's items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Metadata without values, in protobuf; for custom resources too.
    Metadata,
    /// Whole objects in protobuf, for resources that are built into Kubernetes.
    Protobuf,
    /// Whole objects in JSON, for custom resources, whose values are not served in protobuf.
    Json,
}

impl Form {
    /// The media type to request (kubernetes/apimachinery: pkg/runtime/types.go, and the `as`, `g`
    /// and `v` parameters of kubernetes/apiserver:
    /// pkg/endpoints/handlers/negotiation/negotiate.go).
    pub fn accept(self) -> &'static str {
        match self {
            Self::Metadata => {
                "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
            }
            Self::Protobuf | Self::Json => self.media_type(),
        }
    }

    /// The media type to request for a watch, whose events hold single objects.
    pub fn accept_watch(self) -> &'static str {
        match self {
            Self::Metadata => {
                "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
            }
            Self::Protobuf | Self::Json => self.media_type(),
        }
    }

    /// The kind of a list of objects of that kind.
    pub fn list_kind(self, kind: Kind) -> String {
        match self {
            Self::Metadata => "PartialObjectMetadataList".into(),
            Self::Protobuf | Self::Json => format!("{}List", <&str>::from(kind)),
        }
    }

    /// The media type of the answer, without parameters.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Metadata | Self::Protobuf => "application/vnd.kubernetes.protobuf",
            Self::Json => "application/json",
        }
    }

    /// Returns whether to request gzip: metadata compresses to a fifteenth at almost no cost for
    /// the API server; values hardly, at a high one.
    pub fn is_compressible(self) -> bool {
        self == Self::Metadata
    }
}
