//! An operator of a report.

use serde::Serialize;

use super::Time;
use crate::facts;

/// An operator that OLM manages, as OLM sees it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operator {
    /// The cluster; absent if there is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The namespace of the ClusterServiceVersion.
    pub namespace: String,
    /// The name of the ClusterServiceVersion.
    pub name: String,
    /// The version of the operator.
    pub version: String,
    /// The phase; `None` before OLM has processed it, absent where it is none of the known ones.
    pub phase: Option<&'static str>,
    /// The reason for the phase.
    pub reason: String,
    /// The time since which it is in this phase.
    pub since: Option<Time>,
    /// The time at which OLM plans to renew its certificates.
    pub certs_rotate_at: Option<Time>,
    /// The time at which OLM issued its certificates, according to OLM.
    pub certs_last_updated: Option<Time>,
}

// === impl Operator ===

impl Operator {
    pub(super) fn of(operator: &facts::Operator, cluster: Option<&str>) -> Self {
        Self {
            cluster: cluster.map(str::to_owned),
            namespace: operator.object.namespace.to_string(),
            name: operator.object.name.to_string(),
            version: operator.version.to_string(),
            phase: operator.phase.map(facts::Phase::name),
            reason: operator.reason.to_string(),
            since: operator.last_transition.map(Time),
            certs_rotate_at: operator.certs_rotate_at.map(Time),
            certs_last_updated: operator.certs_last_updated.map(Time),
        }
    }
}
