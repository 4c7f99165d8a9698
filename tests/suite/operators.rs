//! Metrics about operators, and clusters without OLM.

use notafter_simulator::Cluster;
use serde_json::json;

use crate::polling::shop;
use crate::world::{THEN, World, operator};

#[tokio::test(start_paused = true)]
async fn copied_operators_are_not_requested() {
    let cluster = Cluster::with_olm();
    cluster.apply(operator("operators", "widgets.v1.4.2", "Succeeded"));
    let mut copy = operator("shop", "widgets.v1.4.2", "Succeeded");
    copy["metadata"]["labels"] = json!({"olm.copiedFrom": "operators"});
    cluster.apply(copy);
    let mut world = World::of(cluster);
    let scrape = world.poll().await;
    assert_eq!(scrape.all("olm_csv_info", &[]).len(), 1);
    scrape.value(
        "olm_csv_info",
        &[("csv_namespace", "operators"), ("version", "1.4.2")],
    );
    let requests = world.asked();
    let operators = "200 /apis/operators.coreos.com/v1alpha1/clusterserviceversions?labelSelector=!olm.copiedFrom";
    assert!(
        requests
            .iter()
            .any(|request| request.starts_with(operators)),
        "{requests:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_operator_is_in_one_of_nine_phases_and_its_changes_are_followed() {
    let cluster = Cluster::with_olm();
    cluster.apply(operator("operators", "widgets.v1.4.2", "Succeeded"));
    cluster.apply(operator("operators", "gadgets.v2.0.0", ""));
    let mut world = World::listed(cluster);
    let scrape = world.poll().await;
    let widgets = [("csv", "widgets.v1.4.2")];
    assert_eq!(scrape.all("olm_csv_phase", &widgets).len(), 9);
    let in_phase = |scrape: &crate::scrape::Scrape, csv| {
        let samples = scrape.all("olm_csv_phase", &[("csv", csv)]);
        let phases = samples
            .iter()
            .filter(|sample| sample.whole() > 0)
            .map(|sample| sample.label("phase").to_owned());
        phases.collect::<Vec<_>>()
    };
    assert_eq!(in_phase(&scrape, "widgets.v1.4.2"), ["Succeeded"]);
    assert_eq!(in_phase(&scrape, "gadgets.v2.0.0"), ["None"]);
    assert_eq!(
        scrape.value("olm_csv_last_transition_seconds", &widgets),
        THEN
    );
    world
        .cluster
        .apply(operator("operators", "widgets.v1.4.2", "Failed"));
    world.asked();
    let scrape = world.poll().await;
    assert_eq!(in_phase(&scrape, "widgets.v1.4.2"), ["Failed"]);
    assert!(
        world
            .asked()
            .iter()
            .any(|request| request.contains("metadata.name=widgets.v1.4.2"))
    );
}

#[tokio::test(start_paused = true)]
async fn an_odd_field_of_an_operator_is_reported_and_its_other_fields_are_kept() {
    let cluster = Cluster::with_olm();
    let mut odd_fields = operator("operators", "widgets.v1.4.2", "Succeeded");
    odd_fields["status"]["phase"] = "Levitating".into();
    odd_fields["status"]["certsRotateAt"] = "soon".into();
    odd_fields["status"]["reason"] = json!(["a", "list"]);
    cluster.apply(odd_fields);
    let mut odd_status = operator("operators", "gadgets.v2.0.0", "Succeeded");
    odd_status["status"] = "fine".into();
    cluster.apply(odd_status);
    let mut world = World::of(cluster);
    let scrape = world.poll().await;
    let problems = [
        "gadgets.v2.0.0/status: invalid_field",
        "widgets.v1.4.2/status.certsRotateAt: invalid_field",
        "widgets.v1.4.2/status.phase: invalid_field",
        "widgets.v1.4.2/status.reason: invalid_field",
    ];
    assert_eq!(scrape.problems(), problems);
    let widgets = [("csv", "widgets.v1.4.2")];
    assert_eq!(
        scrape.value("olm_csv_last_transition_seconds", &widgets),
        THEN
    );
    assert!(
        scrape
            .all("olm_csv_certs_rotate_at_seconds", &widgets)
            .is_empty()
    );
    assert!(
        scrape
            .all("olm_csv_phase", &widgets)
            .iter()
            .all(|sample| sample.whole() == 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_cluster_without_olm_is_healthy_and_olm_may_be_installed_and_removed() {
    let mut world = World::of(shop(1));
    let operators = [("resource", "clusterserviceversions.operators.coreos.com")];
    let scrape = world.poll().await;
    assert_eq!(scrape.value("notafter_list_up", &operators), 1);
    assert_eq!(scrape.value("notafter_list_objects", &operators), 0);
    world.cluster.install_olm(true);
    world
        .cluster
        .apply(operator("operators", "widgets.v1.4.2", "Succeeded"));
    assert_eq!(world.poll().await.all("olm_csv_info", &[]).len(), 1);
    world.cluster.install_olm(false);
    let scrape = world.poll().await;
    assert!(scrape.all("olm_csv_info", &[]).is_empty());
    assert_eq!(scrape.value("notafter_list_up", &operators), 1);
}
