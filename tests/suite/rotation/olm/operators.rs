//! The operator that a secret belongs to, and the secrets that are reported missing.

use notafter_simulator::Cluster;
use serde_json::{Value, json};

use super::{DUE, verdict};
use crate::managed::{
    CSV, END, FIXED, UNFIXED, WELL, WIDGETS, annotated, cluster, cluster_version, copied, csv,
    olm_secret, owned, packageserver, remembering,
};
use crate::verdict::Verdict;
use crate::world::{DAY, World, certificate, secret, tls};

#[test]
fn the_packageserver_outage_is_predicted_two_years_ahead() {
    let cluster = cluster();
    cluster.apply(cluster_version());
    let (namespace, name) = (
        "openshift-operator-lifecycle-manager",
        "packageserver-service-cert",
    );
    let secret = copied(&olm_secret(UNFIXED, END), namespace, name);
    cluster.apply(owned(secret, "ClusterServiceVersion", "packageserver"));
    cluster.apply(remembering(packageserver(), END + 400 * DAY));
    let verdict = Verdict::of(&cluster, &format!("{namespace}/{name}"));
    let remedy = "rotate_at_too_late: oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert";
    assert_eq!(verdict.blocked, [remedy]);
    assert_eq!(verdict.due, Some(DUE));
}

#[test]
fn after_an_upgrade_the_operator_is_found_by_its_deployment_although_the_owner_is_gone() {
    let mut successor = remembering(csv(("Pending", "RequirementsNotMet")), END);
    successor["metadata"]["name"] = "widgets.v1.4.3".into();
    let verdict = verdict(olm_secret(FIXED, END), successor);
    let remedy = "requirements_not_met: kubectl -n widget-operator describe clusterserviceversion widgets.v1.4.3";
    assert_eq!(verdict.blocked, [remedy]);
}

#[test]
fn an_owner_that_does_not_define_the_deployment_does_not_renew_its_secret() {
    let mut without_deployment = csv(WELL);
    without_deployment["spec"] = json!({"version": "1.4.2"});
    let verdict = verdict(olm_secret(FIXED, END), without_deployment);
    let command = "kubectl -n widget-operator get clusterserviceversions,deployments";
    assert_eq!(verdict.blocked, [format!("operator_gone: {command}")]);
    assert_eq!(verdict.due, None);
}

#[test]
fn during_an_upgrade_the_incoming_operator_decides() {
    for (old, new) in [("a", "b"), ("b", "a")] {
        let cluster = cluster();
        cluster.apply(olm_secret(FIXED, END));
        cluster.apply(copied(
            &csv(("Replacing", "BeingReplaced")),
            "widget-operator",
            old,
        ));
        cluster.apply(copied(
            &csv(("Pending", "RequirementsNotMet")),
            "widget-operator",
            new,
        ));
        let verdict = Verdict::of(&cluster, WIDGETS);
        let describe =
            "requirements_not_met: kubectl -n widget-operator describe clusterserviceversion";
        assert_eq!(verdict.blocked, [format!("{describe} {new}")]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_reported_missing_only_in_phases_in_which_it_should_exist() {
    let phases = [
        ("Succeeded", 1),
        ("Installing", 1),
        ("InstallReady", 0),
        ("Pending", 0),
        ("Failed", 0),
        ("Replacing", 0),
        ("Deleting", 0),
        ("", 0),
    ];
    for (phase, missing) in phases {
        let cluster = cluster();
        cluster.apply(csv((phase, "")));
        let scrape = World::of(cluster).poll().await;
        let labels = [
            ("reason", "secret_missing"),
            ("manager", "olm"),
            ("position", "0"),
        ];
        assert_eq!(
            scrape.all("cert_rotation_blocked", &labels).len(),
            missing,
            "{phase}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_copied_operator_has_no_missing_secrets() {
    let cluster = cluster();
    let mut copy = copied(&csv(WELL), "shop", CSV);
    copy["metadata"]["labels"] = json!({"olm.copiedFrom": "widget-operator"});
    cluster.apply(copy);
    let scrape = World::of(cluster).poll().await;
    assert!(scrape.all("cert_rotation_blocked", &[]).is_empty());
}

#[tokio::test(start_paused = true)]
async fn operators_that_cannot_be_listed_are_not_reported_as_gone() {
    let cluster = cluster();
    cluster.apply(olm_secret(UNFIXED, END));
    cluster.refuse("clusterserviceversions", "");
    Verdict::polled(&cluster, WIDGETS)
        .await
        .is_well("olm", Some(DUE));
}

#[tokio::test(start_paused = true)]
async fn secrets_that_cannot_be_listed_are_not_reported_missing() {
    let cluster = cluster();
    cluster.apply(csv(WELL));
    cluster.refuse("secrets", "");
    let scrape = World::of(cluster).poll().await;
    assert!(scrape.all("cert_rotation_blocked", &[]).is_empty());
}

/// The manager of a secret in a cluster with nothing else but the widgets operator.
fn manager_of(secret: Value) -> String {
    let name = secret["metadata"]["name"].as_str().unwrap().to_owned();
    let cluster: Cluster = cluster();
    cluster.apply(secret);
    cluster.apply(csv(WELL));
    let place = format!("widget-operator/{name}");
    Verdict::of(&cluster, &place).manager
}

#[test]
fn olm_is_recognised_by_its_annotation_or_its_operator_but_not_by_the_secrets_name() {
    let plain = |name: &str| tls("widget-operator", name, &certificate("widgets", 730));
    let hashed = annotated(plain("any"), "olmcahash", "963d914593fec98b");
    assert_eq!(manager_of(hashed), "olm");
    let owned_by = |name: &str| owned(plain(name), "ClusterServiceVersion", CSV);
    assert_eq!(manager_of(owned_by("x-service-cert")), "olm");
    assert_eq!(manager_of(owned_by("x-cert")), "operator");
    assert_eq!(manager_of(plain("x-service-cert")), "none");
}

// By the issuer's name.
#[test]
fn an_olm_secret_that_has_lost_its_marks_is_recognised_by_its_issuer() {
    let mut stripped = olm_secret(FIXED, END);
    stripped["metadata"] = json!({
        "namespace": "widget-operator", "name": "widgets-controller-service-cert",
    });
    let verdict = verdict(stripped, csv(WELL));
    verdict.is_well("olm", Some(DUE));
}

#[test]
fn a_secret_without_a_certificate_is_still_managed_by_olm_and_has_no_due_date() {
    let empty = secret(
        "widget-operator",
        "widgets-controller-service-cert",
        &[("tls.crt", b"")],
    );
    let empty = owned(empty, "ClusterServiceVersion", CSV);
    let cluster = cluster();
    cluster.apply(empty);
    cluster.apply(csv(("Installing", "InstallWaiting")));
    let verdict = Verdict::of(&cluster, WIDGETS);
    assert_eq!((verdict.due, verdict.blocked.len()), (None, 1));
}
