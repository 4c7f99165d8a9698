//! OLM, in its three ways to decide.

use notafter_simulator::Managers;
use notafter_simulator::managers::OlmVersion;
use serde_json::Value;

use crate::{DAY, NOW, OLM, days, expired, leaf, read, text};

const NAMESPACE: &str = "openshift-operators";
const CSV: &str = "devworkspace-operator.v0.26.0";
const SECRET: &str = "devworkspace-controller-manager-service-cert";
const WEBHOOKS: &str = "ValidatingWebhookConfiguration";
const VERSIONS: [OlmVersion; 3] = [
    OlmVersion::Skewing,
    OlmVersion::Forgetting,
    OlmVersion::Fixed,
];

fn csv(managers: &Managers, namespace: &str, name: &str) -> Value {
    let csv = managers
        .cluster
        .get("ClusterServiceVersion", namespace, name);
    csv.expect(name)
}

fn phase(managers: &Managers, namespace: &str, name: &str) -> String {
    text(&csv(managers, namespace, name)["status"]["phase"]).into()
}

fn set_status(managers: &Managers, fields: &[(&str, Value)]) {
    let kind = "ClusterServiceVersion";
    managers.cluster.edit(kind, NAMESPACE, CSV, |csv| {
        for (field, value) in fields {
            csv["status"][field] = value.clone();
        }
    });
}

#[test]
fn an_olm_that_skews_lets_certificates_expire_and_keeps_an_api_service_installing() {
    let mut managers = Managers::openshift(NOW);
    managers.switches.olm_version = OlmVersion::Skewing;
    managers
        .cluster
        .delete("Secret", OLM, "packageserver-service-cert");
    managers.cluster.delete("Secret", NAMESPACE, SECRET);
    managers.advance(NOW);
    let made = leaf(&managers, OLM, "packageserver-service-cert");
    assert_eq!((made.not_after, made.hosts.len()), (NOW + 729 * DAY, 2));
    days(&mut managers, 100);
    managers.reinstall(OLM, "packageserver");
    managers.reinstall(NAMESPACE, CSV);
    days(&mut managers, 640);
    assert_eq!(leaf(&managers, OLM, "packageserver-service-cert"), made);
    assert_eq!(expired(&managers).len(), 2);
    assert_eq!(phase(&managers, OLM, "packageserver"), "Installing");
    assert_eq!(phase(&managers, NAMESPACE, CSV), "Succeeded");
    // A fixed OLM renews for the webhook, but not for an operator that is stuck.
    managers.switches.olm_version = OlmVersion::Fixed;
    days(&mut managers, 1);
    assert_eq!(expired(&managers).len(), 1);
    managers
        .cluster
        .delete("Secret", OLM, "packageserver-service-cert");
    days(&mut managers, 1);
    assert_eq!(expired(&managers), [""; 0]);
    assert_eq!(phase(&managers, OLM, "packageserver"), "Succeeded");
}

#[test]
fn an_olm_that_forgets_renews_by_its_date_and_never_without_one() {
    let mut managers = Managers::openshift(NOW);
    managers.switches.olm_version = OlmVersion::Forgetting;
    set_status(
        &managers,
        &[("certsRotateAt", "2020-01-01T00:00:00Z".into())],
    );
    managers.advance(NOW + DAY);
    let made = leaf(&managers, NAMESPACE, SECRET);
    assert_eq!((made.not_before, made.hosts.len()), (NOW + DAY, 2));
    set_status(&managers, &[("certsRotateAt", Value::Null)]);
    days(&mut managers, 800);
    assert_eq!(leaf(&managers, NAMESPACE, SECRET), made);
}

#[test]
fn olm_does_not_renew_for_an_operator_that_waits_for_a_person() {
    for (phase, reason, comes_back) in [
        ("Pending", "RequirementsNotMet", false),
        ("Failed", "NoOperatorGroup", false),
        ("Installing", "InstallSucceeded", true),
    ] {
        let mut managers = Managers::openshift(NOW);
        set_status(
            &managers,
            &[("phase", phase.into()), ("reason", reason.into())],
        );
        managers.advance(NOW + 750 * DAY);
        assert_eq!(expired(&managers), [format!("{NAMESPACE}/{SECRET}")]);
        managers.cluster.delete("Secret", NAMESPACE, SECRET);
        days(&mut managers, 1);
        let secret = managers.cluster.get("Secret", NAMESPACE, SECRET);
        assert_eq!(secret.is_some(), comes_back, "{phase}/{reason}");
        managers.reinstall(NAMESPACE, CSV);
        assert_eq!(self::phase(&managers, NAMESPACE, CSV), "Succeeded");
        assert_eq!(expired(&managers), [""; 0]);
    }
}

#[test]
fn olm_restores_what_trusts_its_certificates() {
    for version in VERSIONS {
        let mut managers = Managers::openshift(NOW);
        managers.switches.olm_version = version;
        let webhook = managers.cluster.list(WEBHOOKS).remove(0);
        let name = text(&webhook["metadata"]["name"]);
        let secret = managers.cluster.get("Secret", NAMESPACE, SECRET).unwrap();
        let bundle = &webhook["webhooks"][0]["clientConfig"]["caBundle"];
        assert_eq!(*bundle, secret["data"]["olmCAKey"]);
        let ca = read(&secret, "olmCAKey").unwrap();
        assert!(leaf(&managers, NAMESPACE, SECRET).is_signed_by(&ca));
        managers.cluster.edit(WEBHOOKS, "", name, |webhook| {
            webhook["webhooks"][0]["clientConfig"]["caBundle"] = "bm9uZQ==".into();
        });
        let apiservice = managers.cluster.list("APIService").remove(0);
        let apiservice = text(&apiservice["metadata"]["name"]);
        managers.cluster.delete("APIService", "", apiservice);
        managers.advance(NOW + DAY);
        let restored = managers.cluster.get(WEBHOOKS, "", name).unwrap();
        assert_eq!(restored["webhooks"], webhook["webhooks"]);
        assert!(managers.cluster.get("APIService", "", apiservice).is_some());
    }
}

#[test]
fn an_upgrade_of_an_operator_brings_a_new_certificate_once_the_old_one_is_collected() {
    const NEW: &str = "devworkspace-operator.v0.27.0";
    for version in VERSIONS {
        for is_collected in [true, false] {
            let mut managers = Managers::openshift(NOW);
            managers.switches.olm_version = version;
            managers.switches.garbage_collection = is_collected;
            managers.advance(NOW + DAY);
            let old = leaf(&managers, NAMESPACE, SECRET);
            managers.upgrade(NAMESPACE, CSV, NEW);
            assert_eq!(leaf(&managers, NAMESPACE, SECRET) != old, is_collected);
            let status = &csv(&managers, NAMESPACE, NEW)["status"];
            let has_date = is_collected || version == OlmVersion::Skewing;
            assert_eq!(status["certsRotateAt"].is_string(), has_date);
            assert_eq!(status["phase"], "Succeeded");
            let webhook = &managers.cluster.list(WEBHOOKS)[0];
            assert_eq!(webhook["metadata"]["labels"]["olm.owner"], NEW);
        }
    }
}
