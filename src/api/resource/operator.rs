//! ClusterServiceVersions: what OLM believes of each operator. Copies are left out, as OLM itself does
//! (operator-framework/operator-lifecycle-manager: pkg/controller/operators/olm/operator.go): they carry the
//! whole status of the original, and there is one in every namespace.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Fact, Resource};
use crate::api::body::Form;
use crate::api::field::{Strange, label, text, time};
use crate::api::json;
use crate::api::object::Malformed;
use crate::facts::{self, Operator, Phase};

pub(super) static OPERATORS: Resource = Resource {
    name: facts::OPERATORS,
    group: "operators.coreos.com",
    version: "v1alpha1",
    plural: "clusterserviceversions",
    purpose: "what OLM believes of the certificates that it makes for operators.",
    fields: None,
    labels: Some("!olm.copiedFrom"),
    form: Form::Json,
    // An object is 20 to 120 kB, and a page is held as a whole.
    page: 20,
    is_namespaced: true,
    is_optional: true,
    decode,
};

/// Only what is used, and every part and field of any shape: a strange one costs itself and nothing else.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ClusterServiceVersion<'a> {
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    spec: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    labels: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    version: Value,
    apiservicedefinitions: Value,
    webhookdefinitions: Value,
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
    let parts: ClusterServiceVersion<'_> = serde_json::from_slice(item).map_err(|_| Malformed)?;
    let Metadata { labels } = part("metadata", parts.metadata, strange);
    let reporter = &labels["olm.clusteroperator.name"];
    operator.cluster_operator = label("metadata.labels", reporter, strange);

    let spec: Spec = part("spec", parts.spec, strange);
    operator.version = label("spec.version", &spec.version, strange);
    operator.deployments = deployments(&spec, strange);

    let status: Status = part("status", parts.status, strange);
    operator.phase = phase(&status.phase, strange);
    operator.reason = label("status.reason", &status.reason, strange);
    let mut date = |path, value| time(path, value, strange);
    operator.last_transition = date("status.lastTransitionTime", &status.last_transition_time);
    operator.certs_last_updated = date("status.certsLastUpdated", &status.certs_last_updated);
    operator.certs_rotate_at = date("status.certsRotateAt", &status.certs_rotate_at);
    Ok(Fact::Operator(Arc::new(operator)))
}

fn part<T: Default + DeserializeOwned>(
    path: &'static str,
    raw: Option<&RawValue>,
    strange: &mut Strange,
) -> T {
    let Some(raw) = raw else { return T::default() };
    serde_json::from_str(raw.get()).unwrap_or_else(|_| {
        strange.push(path);
        T::default()
    })
}

/// One certificate is made for each of these (operator-framework/operator-lifecycle-manager:
/// pkg/controller/install/certresources.go, `installCertRequirements`).
fn deployments(spec: &Spec, strange: &mut Strange) -> Box<[Box<str>]> {
    const APIS: &str = "spec.apiservicedefinitions";
    const WEBHOOKS: &str = "spec.webhookdefinitions";
    let apis = &spec.apiservicedefinitions;
    if !apis.is_object() && !apis.is_null() {
        strange.push(APIS);
    }
    let mut names = BTreeSet::new();
    for (path, list) in [(APIS, &apis["owned"]), (WEBHOOKS, &spec.webhookdefinitions)] {
        let Value::Array(definitions) = list else {
            if !list.is_null() {
                strange.push(path);
            }
            continue;
        };
        for definition in definitions {
            names.insert(label(path, &definition["deploymentName"], strange));
        }
    }
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

fn phase(value: &Value, strange: &mut Strange) -> Option<Phase> {
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
