//! OLM, in its three ways to decide.

use notafter_simulator::{Managers, OlmVersion};
use serde_json::Value;

use crate::{
    DAY, DEVWORKSPACE, DEVWORKSPACE_SECRET, NOW, OLM, OPERATORS, csv, days, expired, leaf, phase,
    text,
};

fn set_phase(managers: &Managers, namespace: &str, name: &str, phase: &str, reason: &str) {
    managers
        .cluster
        .edit("ClusterServiceVersion", namespace, name, |csv| {
            csv["status"]["phase"] = phase.into();
            csv["status"]["reason"] = reason.into();
        });
}

#[test]
fn an_unfixed_olm_lets_a_skewed_certificate_end() {
    let mut managers = Managers::openshift(NOW);
    managers.olm.version = OlmVersion::Skewing;
    managers
        .cluster
        .delete("Secret", OLM, "packageserver-service-cert");
    managers
        .cluster
        .delete("Secret", OPERATORS, DEVWORKSPACE_SECRET);
    managers.advance(NOW);
    let made = leaf(&managers, OLM, "packageserver-service-cert");
    assert_eq!((made.not_after, made.hosts.len()), (NOW + 729 * DAY, 2));
    days(&mut managers, 100);
    managers.reinstall(OLM, "packageserver");
    managers.reinstall(OPERATORS, DEVWORKSPACE);
    assert_eq!(leaf(&managers, OLM, "packageserver-service-cert"), made);
    days(&mut managers, 640);
    assert_eq!(leaf(&managers, OLM, "packageserver-service-cert"), made);
    assert_eq!(
        phase(&managers, OLM, "packageserver"),
        "Installing/InstallSucceeded"
    );
    assert_eq!(
        phase(&managers, OPERATORS, DEVWORKSPACE),
        "Succeeded/InstallSucceeded"
    );
    assert_eq!(expired(&managers).len(), 2);
    // The fixed one heals the webhook, but not what is stuck; that needs the secret's deletion.
    managers.olm.version = OlmVersion::Fixed;
    days(&mut managers, 1);
    assert_eq!(expired(&managers).len(), 1);
    managers
        .cluster
        .delete("Secret", OLM, "packageserver-service-cert");
    days(&mut managers, 1);
    assert_eq!(expired(&managers), [""; 0]);
    assert_eq!(
        phase(&managers, OLM, "packageserver"),
        "Succeeded/InstallSucceeded"
    );
}

#[test]
fn an_olm_that_forgets_never_renews_without_a_date_and_renews_by_a_date_in_the_past() {
    let mut managers = Managers::openshift(NOW);
    managers.olm.version = OlmVersion::Forgetting;
    let rotate_at = |managers: &Managers, time: Value| {
        managers
            .cluster
            .edit("ClusterServiceVersion", OPERATORS, DEVWORKSPACE, |csv| {
                csv["status"]["certsRotateAt"] = time;
            });
    };
    rotate_at(&managers, "2020-01-01T00:00:00Z".into());
    managers.advance(NOW + DAY);
    let made = leaf(&managers, OPERATORS, DEVWORKSPACE_SECRET);
    assert_eq!((made.not_before, made.hosts.len()), (NOW + DAY, 2));
    rotate_at(&managers, Value::Null);
    days(&mut managers, 800);
    assert_eq!(leaf(&managers, OPERATORS, DEVWORKSPACE_SECRET), made);
    assert!(expired(&managers).contains(&format!("{OPERATORS}/{DEVWORKSPACE_SECRET}")));
}

#[test]
fn olm_does_not_rotate_while_a_lasting_state_holds() {
    let states = [
        ("Pending", "RequirementsNotMet", false),
        ("Failed", "NoOperatorGroup", false),
        ("Failed", "TooManyOperatorGroups", false),
        ("Installing", "InstallSucceeded", true),
    ];
    for (state, reason, comes_back) in states {
        let mut managers = Managers::openshift(NOW);
        set_phase(&managers, OPERATORS, DEVWORKSPACE, state, reason);
        managers.advance(NOW + 750 * DAY);
        assert_eq!(
            expired(&managers),
            [format!("{OPERATORS}/{DEVWORKSPACE_SECRET}")]
        );
        assert_eq!(
            phase(&managers, OPERATORS, DEVWORKSPACE),
            format!("{state}/{reason}")
        );
        managers
            .cluster
            .delete("Secret", OPERATORS, DEVWORKSPACE_SECRET);
        days(&mut managers, 1);
        let found = managers
            .cluster
            .get("Secret", OPERATORS, DEVWORKSPACE_SECRET);
        assert_eq!(found.is_some(), comes_back, "{state}/{reason}");
        set_phase(
            &managers,
            OPERATORS,
            DEVWORKSPACE,
            "InstallReady",
            "AllRequirementsMet",
        );
        days(&mut managers, 1);
        assert_eq!(
            phase(&managers, OPERATORS, DEVWORKSPACE),
            "Succeeded/InstallSucceeded"
        );
        assert_eq!(expired(&managers), [""; 0]);
    }
}

#[test]
fn olm_goes_on_with_an_installation_wherever_it_was_stopped() {
    let states = [
        ("Pending", "RequirementsUnknown"),
        ("Pending", "NeedsReinstall"),
        ("Pending", "NeedsCertRotation"),
        ("Pending", "APIServiceResourcesNeedReinstall"),
        ("InstallReady", "AllRequirementsMet"),
    ];
    for (state, reason) in states {
        let mut managers = Managers::openshift(NOW);
        set_phase(&managers, OPERATORS, DEVWORKSPACE, state, reason);
        managers.advance(NOW + 1);
        assert_eq!(
            phase(&managers, OPERATORS, DEVWORKSPACE),
            "Succeeded/InstallSucceeded",
            "{state}/{reason}"
        );
    }
}

#[test]
fn olm_puts_back_what_trusts_its_certificates() {
    for version in [
        OlmVersion::Skewing,
        OlmVersion::Forgetting,
        OlmVersion::Fixed,
    ] {
        let mut managers = Managers::openshift(NOW);
        managers.olm.version = version;
        let webhook = managers
            .cluster
            .list("ValidatingWebhookConfiguration")
            .remove(0);
        let name = text(&webhook["metadata"]["name"]);
        let apiservice = "v1.packages.operators.coreos.com";
        let right =
            managers.cluster.get("APIService", "", apiservice).unwrap()["spec"]["caBundle"].clone();
        managers.cluster.edit("APIService", "", apiservice, |it| {
            it["spec"]["caBundle"] = "bm9uZQ==".into();
        });
        managers
            .cluster
            .edit("ValidatingWebhookConfiguration", "", name, |it| {
                it["webhooks"][0]["clientConfig"]["caBundle"] = "bm9uZQ==".into();
            });
        managers.cluster.delete(
            "CustomResourceDefinition",
            "",
            "devworkspaces.workspace.devfile.io",
        );
        managers.advance(NOW + DAY);
        assert_eq!(
            managers.cluster.get("APIService", "", apiservice).unwrap()["spec"]["caBundle"],
            right
        );
        assert_eq!(
            managers.cluster.list("ValidatingWebhookConfiguration")[0]["webhooks"],
            webhook["webhooks"]
        );
        managers
            .cluster
            .delete("ValidatingWebhookConfiguration", "", name);
        managers.advance(NOW + 2 * DAY);
        assert_eq!(
            managers
                .cluster
                .list("ValidatingWebhookConfiguration")
                .len(),
            1
        );
    }
}

#[test]
fn an_upgrade_of_an_operator_brings_a_new_certificate_once_the_old_one_is_collected() {
    for version in [
        OlmVersion::Skewing,
        OlmVersion::Forgetting,
        OlmVersion::Fixed,
    ] {
        for collected in [true, false] {
            let mut managers = Managers::openshift(NOW);
            managers.olm.version = version;
            managers.garbage_collection = collected;
            managers.advance(NOW + DAY);
            let old = leaf(&managers, OPERATORS, DEVWORKSPACE_SECRET);
            managers.upgrade(OPERATORS, DEVWORKSPACE, "devworkspace-operator.v0.27.0");
            let new = leaf(&managers, OPERATORS, DEVWORKSPACE_SECRET);
            assert_eq!(new != old, collected);
            let csv = csv(&managers, OPERATORS, "devworkspace-operator.v0.27.0");
            let set = collected || version == OlmVersion::Skewing;
            assert_eq!(csv["status"]["certsRotateAt"].is_string(), set);
            assert_eq!(csv["status"]["phase"], "Succeeded");
            let webhook = managers
                .cluster
                .list("ValidatingWebhookConfiguration")
                .remove(0);
            assert_eq!(
                webhook["metadata"]["labels"]["olm.owner"],
                "devworkspace-operator.v0.27.0"
            );
        }
    }
}
