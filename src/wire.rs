//! An object as it travels: in protobuf, JSON or YAML, from an API server or a file.
//!
//! An [`Item`] says who it is at once and everything else when asked. It has no way to get at
//! `tls.key`: values are handed out by [`Item::data`], which steps over that key in every encoding,
//! and the other methods return parts of the object that hold no values.

mod document;
mod form;
pub mod lenient;
pub mod protobuf;

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use self::form::Form;
use crate::object::{Kind, Meta, ObjectRef};

/// The data key of a TLS secret's private key (kubernetes/api: core/v1/types.go,
/// `TLSPrivateKeyKey`).
const TLS_KEY: &str = "tls.key";

/// Bytes that do not hold what they should.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed")]
pub struct Malformed;

/// An object, read as far as its identity.
pub struct Item<'a> {
    kind: Kind,
    /// The identity of the object, and of its state.
    pub identity: Identity<'a>,
    /// The keys of the labels that are kept beside the marks.
    labels: &'a [Box<str>],
    body: Body<'a>,
}

/// The identity of an object and of one state of it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Identity<'a> {
    /// `metadata.namespace`; empty for a cluster-scoped object.
    #[serde(borrow)]
    pub namespace: Cow<'a, str>,
    /// `metadata.name`.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// `metadata.uid`.
    #[serde(borrow)]
    pub uid: Cow<'a, str>,
    /// `metadata.resourceVersion`; opaque.
    #[serde(borrow)]
    pub resource_version: Cow<'a, str>,
}

#[derive(Clone, Copy)]
enum Body<'a> {
    Protobuf(&'a [u8]),
    Json(&'a [u8]),
    Yaml(&'a str),
}

// === impl Item ===

impl<'a> Item<'a> {
    /// Reads an object of that kind in protobuf: a whole one, or its metadata alone.
    ///
    /// # Errors
    /// If its metadata cannot be read.
    pub fn protobuf(kind: Kind, message: &'a [u8]) -> Result<Self, Malformed> {
        Ok(Self {
            kind,
            identity: protobuf::identity(message)?,
            labels: &[],
            body: Body::Protobuf(message),
        })
    }

    /// Reads an object of that kind in JSON.
    ///
    /// # Errors
    /// If the text is not JSON, or its metadata cannot be read.
    pub fn json(kind: Kind, text: &'a [u8]) -> Result<Self, Malformed> {
        Self::document(kind, Body::Json(text))
    }

    /// Reads an object of that kind in YAML: one document.
    ///
    /// # Errors
    /// If the text is not YAML, or its metadata cannot be read.
    pub fn yaml(kind: Kind, text: &'a str) -> Result<Self, Malformed> {
        Self::document(kind, Body::Yaml(text))
    }

    fn document(kind: Kind, body: Body<'a>) -> Result<Self, Malformed> {
        #[derive(Deserialize)]
        struct Object<'a> {
            #[serde(borrow)]
            metadata: Identity<'a>,
        }
        let Object { metadata } = body.parse()?;
        Ok(Self {
            kind,
            identity: metadata,
            labels: &[],
            body,
        })
    }

    /// Keeps the labels with these keys in [`Item::meta`].
    #[must_use]
    pub fn with_labels(self, keys: &'a [Box<str>]) -> Self {
        Self {
            labels: keys,
            ..self
        }
    }

    /// The object.
    pub fn object(&self) -> ObjectRef {
        let Identity {
            namespace, name, ..
        } = &self.identity;
        ObjectRef::new(self.kind, &**namespace, &**name)
    }

    /// The metadata that tells how a certificate is managed.
    ///
    /// # Errors
    /// If the metadata is not what its encoding prescribes.
    pub fn meta(&self) -> Result<Meta, Malformed> {
        match self.body {
            Body::Protobuf(message) => protobuf::meta(message, self.labels),
            body => document::meta(body, self.labels),
        }
    }

    /// Hands the values of a Secret or ConfigMap to `each` with their data keys, but for `tls.key`.
    /// A key that is there twice is handed over twice; the last one counts, as in Go.
    ///
    /// # Errors
    /// If the values are not what the encoding prescribes.
    pub fn data(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), Malformed> {
        match self.body {
            Body::Protobuf(message) => protobuf::data(message, each),
            body if self.kind == Kind::Secret => document::secret_data(body, each),
            body => document::text_data(body, each),
        }
    }

    /// The object's `spec`, or the default of an absent one.
    ///
    /// # Errors
    /// If it is of another shape.
    pub fn spec<T: Default + DeserializeOwned>(&self) -> Result<T, Malformed> {
        #[derive(Deserialize)]
        #[serde(bound = "T: DeserializeOwned")]
        struct Object<T> {
            spec: Option<T>,
        }
        Ok(self.parse::<Object<T>>()?.spec.unwrap_or_default())
    }

    /// The object's `status`, or the default of an absent one.
    ///
    /// # Errors
    /// If it is of another shape.
    pub fn status<T: Default + DeserializeOwned>(&self) -> Result<T, Malformed> {
        #[derive(Deserialize)]
        #[serde(bound = "T: DeserializeOwned")]
        struct Object<T> {
            status: Option<T>,
        }
        Ok(self.parse::<Object<T>>()?.status.unwrap_or_default())
    }

    /// The `webhooks` of an admission configuration, or the default of absent ones.
    ///
    /// # Errors
    /// If they are of another shape.
    pub fn webhooks<T: Default + DeserializeOwned>(&self) -> Result<T, Malformed> {
        #[derive(Deserialize)]
        #[serde(bound = "T: DeserializeOwned")]
        struct Object<T> {
            webhooks: Option<T>,
        }
        Ok(self.parse::<Object<T>>()?.webhooks.unwrap_or_default())
    }

    /// The `type` of a Secret; empty if it has none.
    ///
    /// # Errors
    /// If it is of another shape.
    pub fn type_of(&self) -> Result<String, Malformed> {
        match self.body {
            Body::Protobuf(message) => protobuf::secret_type(message).map(str::to_owned),
            body => document::type_of(body),
        }
    }

    /// Returns whether the object has a label with that key.
    ///
    /// # Errors
    /// If the metadata is not what its encoding prescribes.
    pub fn has_label(&self, key: &str) -> Result<bool, Malformed> {
        match self.body {
            Body::Protobuf(message) => protobuf::has_label(message, key),
            body => document::has_label(body, key),
        }
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, Malformed> {
        self.body.parse()
    }
}

// === impl Identity ===

impl Identity<'_> {
    /// Writes `namespace/name` into a string that is reused for every item.
    pub fn write_path(&self, path: &mut String) {
        path.clear();
        path.extend([&*self.namespace, "/", &*self.name]);
    }
}

// === impl Body ===

impl<'a> Body<'a> {
    /// Reads a document; the libraries' own messages would quote it. Protobuf holds none.
    fn parse<T: Deserialize<'a>>(self) -> Result<T, Malformed> {
        match self {
            Self::Protobuf(_) => Err(Malformed),
            Self::Json(text) => serde_json::from_slice(text).map_err(|_| Malformed),
            Self::Yaml(text) => serde_saphyr::from_str(text).map_err(|_| Malformed),
        }
    }
}
