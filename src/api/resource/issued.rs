//! Certificates of cert-manager: what it is asked to issue into which secret, and when it means to renew it.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{Fact, Resource};
use crate::api::body::Form;
use crate::api::field::{label, text, time};
use crate::api::json;
use crate::api::object::Malformed;
use crate::facts::{self, Issued};

pub(super) static CERTIFICATES: Resource = Resource {
    name: facts::ISSUED,
    group: "cert-manager.io",
    version: "v1",
    plural: "certificates",
    purpose: "what cert-manager issues, and when it means to renew it.",
    fields: None,
    labels: None,
    form: Form::Json,
    page: 250,
    is_namespaced: true,
    is_optional: true,
    decode,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Certificate {
    spec: Spec,
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    secret_name: Value,
    renewal: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    renewal_time: Value,
}

fn decode(item: &[u8]) -> Result<Fact, Malformed> {
    let identity = json::identity(item)?;
    let mut issued = Issued {
        namespace: (*identity.namespace).into(),
        name: (*identity.name).into(),
        ..Issued::default()
    };
    let strange = &mut issued.strange;
    match serde_json::from_slice(item) {
        Ok(Certificate { spec, status }) => {
            issued.secret = label("spec.secretName", &spec.secret_name, strange);
            let policy = text("spec.renewal.policy", &spec.renewal["policy"], strange);
            issued.is_disabled = policy == Some("Disabled");
            issued.renewal = time("status.renewalTime", &status.renewal_time, strange);
        }
        Err(_) => strange.push("spec"),
    }
    Ok(Fact::Issued(Arc::new(issued)))
}
