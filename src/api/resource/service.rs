//! Services: which of them ask service-ca for a certificate, and what became of it. All of that is metadata.

use std::sync::Arc;

use super::{Fact, Resource};
use crate::api::body::Form;
use crate::api::metadata;
use crate::api::object::Malformed;
use crate::api::protobuf;
use crate::facts::{self, Service};

pub(super) static SERVICES: Resource = Resource {
    name: facts::SERVICES,
    group: "",
    version: "v1",
    plural: "services",
    purpose: "which of them ask service-ca for a certificate.",
    fields: None,
    labels: None,
    form: Form::Metadata,
    page: 500,
    is_namespaced: true,
    is_optional: false,
    decode,
};

fn decode(item: &[u8]) -> Result<Fact, Malformed> {
    let identity = protobuf::identity(item)?;
    Ok(Fact::Service(Arc::new(Service {
        namespace: (*identity.namespace).into(),
        name: (*identity.name).into(),
        uid: (*identity.uid).into(),
        marks: metadata::marks(protobuf::metadata(item)?)?,
    })))
}
