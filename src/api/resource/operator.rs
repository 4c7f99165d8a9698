//! ClusterServiceVersions: what OLM believes of each operator. Copies are left out, as OLM itself does
//! (operator-framework/operator-lifecycle-manager: pkg/controller/operators/olm/operator.go): they carry the
//! whole status of the original, and there is one in every namespace.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{Fact, Resource};
use crate::api::body::Form;
use crate::api::json;
use crate::api::object::Malformed;
use crate::certificate::bounded;
use crate::facts::{Operator, Phase};

pub(super) static OPERATORS: Resource = Resource {
    name: "clusterserviceversions.operators.coreos.com",
    group: "operators.coreos.com",
    version: "v1alpha1",
    plural: "clusterserviceversions",
    fields: None,
    labels: Some("!olm.copiedFrom"),
    form: Form::Json,
    // An object is 20 to 120 kB, and a page is held as a whole.
    page: 20,
    optional: true,
    decode,
};

/// Only what is used, and every field of any shape: a strange one costs itself and nothing else.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ClusterServiceVersion {
    spec: Spec,
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    version: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    phase: Value,
    reason: Value,
    last_transition_time: Value,
    certs_last_updated: Value,
    certs_rotate_at: Value,
}

fn decode(item: &[u8]) -> Result<Fact, Malformed> {
    let identity = json::identity(item)?;
    let mut operator = Operator {
        namespace: (*identity.namespace).into(),
        name: (*identity.name).into(),
        ..Operator::default()
    };
    let strange = &mut operator.strange;
    match serde_json::from_slice(item) {
        Ok(ClusterServiceVersion { spec, status }) => {
            operator.version = label("spec.version", &spec.version, strange);
            operator.phase = phase(&status.phase, strange);
            operator.reason = label("status.reason", &status.reason, strange);
            operator.last_transition = time(
                "status.lastTransitionTime",
                &status.last_transition_time,
                strange,
            );
            operator.certs_last_updated = time(
                "status.certsLastUpdated",
                &status.certs_last_updated,
                strange,
            );
            operator.certs_rotate_at =
                time("status.certsRotateAt", &status.certs_rotate_at, strange);
        }
        Err(_) => strange.push("status"),
    }
    Ok(Fact::Operator(Arc::new(operator)))
}

/// The text, empty if absent; nothing, and a strange field more, if it is something else.
fn text<'a>(
    path: &'static str,
    value: &'a Value,
    strange: &mut Vec<&'static str>,
) -> Option<&'a str> {
    match value {
        Value::String(text) => Some(text),
        Value::Null => Some(""),
        _ => {
            strange.push(path);
            None
        }
    }
}

/// A text that is kept.
fn label(path: &'static str, value: &Value, strange: &mut Vec<&'static str>) -> Box<str> {
    let text = text(path, value, strange).unwrap_or_default();
    bounded(text.to_owned()).into()
}

fn phase(value: &Value, strange: &mut Vec<&'static str>) -> Option<Phase> {
    let name = text("status.phase", value, strange)?;
    let phase = Phase::ALL
        .iter()
        .find(|(it, _)| *it == name)
        .map(|(_, phase)| *phase);
    if phase.is_none() {
        strange.push("status.phase");
    }
    phase
}

/// Unix seconds of an RFC 3339 time, if there is one.
fn time(path: &'static str, value: &Value, strange: &mut Vec<&'static str>) -> Option<i64> {
    let text = text(path, value, strange).filter(|text| !text.is_empty())?;
    let time = text.parse::<jiff::Timestamp>().ok();
    if time.is_none() {
        strange.push(path);
    }
    time.map(jiff::Timestamp::as_second)
}
