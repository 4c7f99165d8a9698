//! OLM: when it renews the certificates of an operator's webhooks and API services, and when it does not.
//!
//! As OLM 0.28.0 and 0.38.0 were seen to do it, and OLM before 0.21.2 by its code
//! (operator-framework/operator-lifecycle-manager: pkg/controller/operators/olm/operator.go,
//! pkg/controller/install/certresources.go).

mod install;
mod operator;
mod webhook;

use serde_json::{Value, json};

use self::operator::Operator;
use super::round::{Round, text};
use crate::cluster::Cluster;

/// OLM.
pub struct Olm {
    /// Whether it runs.
    pub running: bool,
    /// Which one it is.
    pub version: OlmVersion,
}

/// The three ways in which OLM has decided when to renew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OlmVersion {
    /// Before 0.21.2: by `certsRotateAt`, which every installation moves on, even if it re-uses the certificate.
    Skewing,
    /// 0.21.2 to 0.28: by `certsRotateAt`, which is set only with a new certificate.
    Forgetting,
    /// Since 0.29: by the certificate.
    Fixed,
}

/// Reasons with which OLM returns before it looks at anything else.
const BLOCKING: [&str; 8] = [
    "InstallComponentFailedNoRetry",
    "NoOperatorGroup",
    "TooManyOperatorGroups",
    "UnsupportedOperatorGroup",
    "NoTargetNamespaces",
    "InvalidInstallModes",
    "InterOperatorGroupOwnerConflict",
    "CannotModifyStaticOperatorGroupProvidedAPIs",
];

/// Reasons of `Pending` that lead to an installation at once.
const PASSING: [&str; 4] = [
    "RequirementsUnknown",
    "NeedsReinstall",
    "NeedsCertRotation",
    "APIServiceResourcesNeedReinstall",
];

// === impl Olm ===

impl Olm {
    pub(super) fn new() -> Self {
        Self {
            running: true,
            version: OlmVersion::Fixed,
        }
    }

    /// One sync of every CSV that is no copy.
    pub(super) fn look(&self, round: &Round<'_>) {
        for csv in round.cluster.objects("ClusterServiceVersion") {
            if csv["metadata"]["labels"]["olm.copiedFrom"].is_null() {
                sync(&Operator::new(round, self.version, &csv));
            }
        }
    }
}

/// One sync of one CSV.
fn sync(operator: &Operator<'_>) {
    let status = &operator.csv["status"];
    let (phase, reason) = (text(&status["phase"]), text(&status["reason"]));
    let steps = match phase {
        _ if BLOCKING.contains(&reason) || reason == "RequirementsNotMet" => None,
        "" => Some(vec![(
            "Pending",
            "RequirementsUnknown",
            "requirements not yet checked".into(),
        )]),
        "InstallReady" => Some(vec![]),
        "Pending" if PASSING.contains(&reason) => Some(vec![]),
        // It waits for its components, and nothing but a lost secret makes it look at its certificates.
        "Installing" => operator.lost_secret().map(|_| {
            let message = "calculated deployment install is bad";
            vec![("Pending", "NeedsReinstall", message.into())]
        }),
        "Succeeded" | "Failed" => operator.trouble(),
        _ => None,
    };
    if let Some(steps) = steps {
        operator.install(steps);
    }
}

/// Sends a CSV through `InstallReady`.
pub(super) fn reinstall(cluster: &Cluster, namespace: &str, csv: &str) {
    cluster.edit("ClusterServiceVersion", namespace, csv, |csv| {
        csv["status"]["phase"] = "InstallReady".into();
        csv["status"]["reason"] = "AllRequirementsMet".into();
    });
}

/// Puts a new CSV into the place of an old one; what belongs to the old one by its labels goes with it.
pub(super) fn upgrade(cluster: &Cluster, namespace: &str, old_csv: &str, new_csv: &str) {
    const KIND: &str = "ClusterServiceVersion";
    let mut csv = cluster
        .get(KIND, namespace, old_csv)
        .unwrap_or_else(|| panic!("there is no {KIND} {namespace}/{old_csv}"));
    csv["metadata"]["name"] = new_csv.into();
    csv["spec"]["replaces"] = old_csv.into();
    csv["status"] = json!({});
    cluster.apply(csv);
    cluster.delete(KIND, namespace, old_csv);
    for kind in [
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
    ] {
        let belongs = |webhook: &Value| {
            let labels = &webhook["metadata"]["labels"];
            labels["olm.owner"] == old_csv && labels["olm.owner.namespace"] == namespace
        };
        for webhook in cluster.list(kind).iter().filter(|it| belongs(it)) {
            cluster.delete(kind, "", text(&webhook["metadata"]["name"]));
        }
    }
}
