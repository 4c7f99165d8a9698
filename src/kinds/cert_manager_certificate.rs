//! cert-manager's Certificates: the secret that each is issued into, and the time of its renewal.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{ObjectFacts, Resource, report_invalid};
use crate::facts::{Fact, Issuance};
use crate::object::Kind;
use crate::wire::lenient::{InvalidPaths, label, part, text, time};
use crate::wire::{Item, Malformed};

pub(super) static CERTIFICATES: Resource = Resource::new(
    Kind::Certificate,
    ("cert-manager.io", "v1"),
    "certificates",
    read,
)
.optional()
.page(250)
.purpose("the certificates that cert-manager issues, and their renewal times.");

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

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let mut invalid = InvalidPaths::new();
    let spec: Spec = part("spec", item.spec(), &mut invalid);
    let status: Status = part("status", item.status(), &mut invalid);
    let policy = text("spec.renewal.policy", &spec.renewal["policy"], &mut invalid);
    facts.push(Fact::Issuance(Arc::new(Issuance {
        object: item.object(),
        is_disabled: policy == Some("Disabled"),
        secret: label("spec.secretName", &spec.secret_name, &mut invalid),
        renewal: time("status.renewalTime", &status.renewal_time, &mut invalid),
    })));
    report_invalid(item, invalid, facts);
    Ok(())
}
