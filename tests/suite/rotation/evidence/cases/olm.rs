//! The cases of OLM and of the operators that it installs.

use notafter::rotation::Evidence;
use notafter_simulator::Cluster;
use serde_json::Value;

use super::super::{Case, Scene};
use crate::managed::{
    END, FIXED, UNFIXED, WELL, WIDGETS, csv, olm_secret, remembering, webhook, webhooks,
};
use crate::world::DAY;

/// A case of the widgets operator's secret.
fn of_widgets(evidence: Evidence, remedy: &'static str, blocked: Scene, healthy: Scene) -> Case {
    let (manager, place) = ("olm", WIDGETS);
    Case {
        evidence,
        manager,
        place,
        remedy,
        blocked,
        healthy,
    }
}

/// Cases of an absent or wrong `certsRotateAt`, and of faults that OLM does not check for.
pub(super) fn olm() -> Vec<Case> {
    let delete = "kubectl -n widget-operator delete secret widgets-controller-service-cert";
    let describe = "kubectl -n widget-operator describe clusterserviceversion widgets.v1.4.2";
    vec![
        of_widgets(
            Evidence::RotateAtAbsent,
            delete,
            |cluster| widgets(cluster, UNFIXED, csv(WELL)),
            |cluster| widgets(cluster, UNFIXED, remembering(csv(WELL), END - DAY)),
        ),
        of_widgets(
            Evidence::RotateAtTooLate,
            delete,
            |cluster| widgets(cluster, UNFIXED, remembering(csv(WELL), END + 120 * DAY)),
            |cluster| widgets(cluster, UNFIXED, remembering(csv(WELL), END - DAY)),
        ),
        of_widgets(
            Evidence::CaBundleDiffers,
            "kubectl get pods --all-namespaces --selector=app=olm-operator",
            |cluster| {
                let other = olm_secret(FIXED, END)["data"]["olmCAKey"].clone();
                trusted(cluster, |_| other);
            },
            |cluster| trusted(cluster, |secret| secret["data"]["olmCAKey"].clone()),
        ),
        of_widgets(
            Evidence::OperatorGone,
            "kubectl -n widget-operator get clusterserviceversions,deployments",
            |cluster| cluster.apply(olm_secret(FIXED, END)),
            |cluster| {
                let mut successor = csv(WELL);
                successor["metadata"]["name"] = "widgets.v1.4.3".into();
                widgets(cluster, FIXED, successor);
            },
        ),
        of_widgets(
            Evidence::SecretMissing,
            describe,
            |cluster| cluster.apply(csv(WELL)),
            |cluster| widgets(cluster, FIXED, csv(WELL)),
        ),
    ]
}

/// Cases of operator states in which no version of OLM checks certificates.
pub(super) fn operators() -> Vec<Case> {
    let delete = "kubectl -n widget-operator delete secret widgets-controller-service-cert";
    let describe = "kubectl -n widget-operator describe clusterserviceversion widgets.v1.4.2";
    vec![
        of_widgets(
            Evidence::RequirementsNotMet,
            describe,
            |cluster| is_in(cluster, ("Pending", "RequirementsNotMet")),
            |cluster| is_in(cluster, ("Pending", "NeedsCertRotation")),
        ),
        of_widgets(
            Evidence::NotUpgradeable,
            describe,
            |cluster| is_in(cluster, ("Pending", "OperatorConditionNotUpgradeable")),
            |cluster| is_in(cluster, ("Pending", "NeedsReinstall")),
        ),
        of_widgets(
            Evidence::OperatorGroup,
            "kubectl -n widget-operator get operatorgroups,clusterserviceversions",
            |cluster| is_in(cluster, ("Failed", "TooManyOperatorGroups")),
            |cluster| is_in(cluster, ("Failed", "APIServiceResourceIssue")),
        ),
        of_widgets(
            Evidence::Installing,
            delete,
            |cluster| is_in(cluster, ("Installing", "InstallSucceeded")),
            |cluster| is_in(cluster, ("InstallReady", "AllRequirementsMet")),
        ),
        of_widgets(
            Evidence::InstallFailed,
            describe,
            |cluster| is_in(cluster, ("Failed", "InstallComponentFailedNoRetry")),
            |cluster| is_in(cluster, ("Failed", "InstallComponentFailed")),
        ),
    ]
}

/// Applies the widgets operator in a phase with a reason, and a secret of a fixed OLM.
fn is_in(cluster: &Cluster, state: (&str, &str)) {
    widgets(cluster, FIXED, csv(state));
}

/// Applies the widgets operator and its secret.
fn widgets(cluster: &Cluster, names: &[&str], csv: Value) {
    cluster.apply(olm_secret(names, END));
    cluster.apply(csv);
}

/// Applies the same, and a webhook with this CA bundle.
fn trusted(cluster: &Cluster, bundle: impl FnOnce(&Value) -> Value) {
    widgets(cluster, FIXED, csv(WELL));
    let bundle = bundle(
        &cluster
            .get(
                "Secret",
                "widget-operator",
                "widgets-controller-service-cert",
            )
            .unwrap(),
    );
    let webhook = webhook(
        "widget-operator/widgets-controller-service",
        &bundle,
        &["example.com"],
        "Fail",
    );
    cluster.apply(webhooks(
        "ValidatingWebhookConfiguration",
        "vwidgets.example.com-r4bvv",
        &[webhook],
    ));
}
