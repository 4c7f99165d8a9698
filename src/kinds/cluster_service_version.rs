//! ClusterServiceVersions: the state in which OLM sees each operator. Copies are left out, as OLM
//! itself does (operator-framework/operator-lifecycle-manager:
//! pkg/controller/operators/olm/operator.go): they carry the whole status of the original, and
//! there is one in every namespace.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{ObjectFacts, Resource, report_invalid};
use crate::facts::{Fact, Operator, Phase};
use crate::object::{Kind, Mark};
use crate::wire::lenient::{InvalidPaths, label, part, text, time};
use crate::wire::{Item, Malformed};

pub(super) static OPERATORS: Resource = Resource::new(
    Kind::ClusterServiceVersion,
    ("operators.coreos.com", "v1alpha1"),
    "clusterserviceversions",
    read,
)
.with_labels("!olm.copiedFrom")
.optional()
// An object is 20 to 120 kB, and a page is held as a whole.
.page(20)
.purpose("the dates at which OLM believes that it must renew the certificates of operators.");

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

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let mut invalid = InvalidPaths::new();
    let spec: Spec = part("spec", item.spec(), &mut invalid);
    let status: Status = part("status", item.status(), &mut invalid);
    let meta = item.meta()?;
    let cluster_operator = meta.marks.get(Mark::ClusterOperator).unwrap_or_default();
    let mut date = |path, value| time(path, value, &mut invalid);
    let last_transition = date("status.lastTransitionTime", &status.last_transition_time);
    let certs_last_updated = date("status.certsLastUpdated", &status.certs_last_updated);
    let certs_rotate_at = date("status.certsRotateAt", &status.certs_rotate_at);
    facts.push(Fact::Operator(Arc::new(Operator {
        object: item.object(),
        version: label("spec.version", &spec.version, &mut invalid),
        phase: phase(&status.phase, &mut invalid),
        reason: label("status.reason", &status.reason, &mut invalid),
        last_transition,
        certs_last_updated,
        certs_rotate_at,
        deployments: deployments(&spec, &mut invalid),
        cluster_operator: cluster_operator.into(),
    })));
    report_invalid(item, invalid, facts);
    Ok(())
}

/// Returns the deployments that OLM issues a certificate for (operator-framework/
/// operator-lifecycle-manager: pkg/controller/install/certresources.go, `installCertRequirements`).
fn deployments(spec: &Spec, invalid: &mut InvalidPaths) -> Box<[Box<str>]> {
    const APIS: &str = "spec.apiservicedefinitions";
    const WEBHOOKS: &str = "spec.webhookdefinitions";
    let apis = &spec.apiservicedefinitions;
    if !apis.is_object() && !apis.is_null() {
        invalid.push(APIS);
    }
    let mut names = BTreeSet::new();
    for (path, list) in [(APIS, &apis["owned"]), (WEBHOOKS, &spec.webhookdefinitions)] {
        let Value::Array(definitions) = list else {
            if !list.is_null() {
                invalid.push(path);
            }
            continue;
        };
        for definition in definitions {
            names.insert(label(path, &definition["deploymentName"], invalid));
        }
    }
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

fn phase(value: &Value, invalid: &mut InvalidPaths) -> Option<Phase> {
    let phase = text("status.phase", value, invalid)?.parse().ok();
    if phase.is_none() {
        invalid.push("status.phase");
    }
    phase
}
