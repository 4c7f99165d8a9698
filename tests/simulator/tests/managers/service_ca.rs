//! The service-ca operator and its controller.

use notafter_simulator::Managers;
use serde_json::Value;

use crate::{DAY, NOW, days, expired, leaf, read, text};

const ERRORS: &str = "service.beta.openshift.io/serving-cert-generation-error-num";

fn set_errors(managers: &Managers, namespace: &str, name: &str, number: Value) {
    managers
        .cluster
        .edit("Service", namespace, name, |service| {
            service["metadata"]["annotations"][ERRORS] = number;
        });
}

#[test]
fn service_ca_gives_up_on_a_foreign_secret_but_its_timer_goes_on() {
    let mut managers = Managers::openshift(NOW);
    let place = ("openshift-apiserver", "serving-cert");
    let errors = |managers: &Managers| {
        let service = managers.cluster.get("Service", place.0, "api").unwrap();
        text(&service["metadata"]["annotations"][ERRORS]).to_owned()
    };
    managers.cluster.edit("Secret", place.0, place.1, |secret| {
        let annotations = &mut secret["metadata"]["annotations"];
        annotations["service.beta.openshift.io/originating-service-uid"] = "another".into();
    });
    let other = ("openshift-monitoring", "prometheus-k8s-tls");
    set_errors(&managers, other.0, "prometheus-k8s", "12".into());
    let before = leaf(&managers, place.0, place.1);
    let given_up = leaf(&managers, other.0, other.1);
    days(&mut managers, 200);
    assert_eq!(errors(&managers), "");
    days(&mut managers, 200); // the CA was renewed meanwhile
    assert_eq!(errors(&managers), "10");
    assert_eq!(leaf(&managers, place.0, place.1), before);
    assert_eq!(leaf(&managers, other.0, other.1), given_up);
    managers.advance(given_up.not_after - 60);
    let after = leaf(&managers, other.0, other.1);
    assert_eq!(after.not_before, managers.now() - 1);
    managers.cluster.delete("Secret", place.0, place.1);
    days(&mut managers, 1);
    assert_eq!(managers.cluster.get("Secret", place.0, place.1), None);
    set_errors(&managers, place.0, "api", Value::Null);
    days(&mut managers, 1);
    assert!(managers.cluster.get("Secret", place.0, place.1).is_some());
}

#[test]
fn service_ca_renews_its_ca_under_the_same_name_and_one_service_after_the_other() {
    let mut managers = Managers::openshift(NOW);
    managers.switches.services_at_once = 1;
    let ca = leaf(&managers, "openshift-service-ca", "signing-key");
    managers.advance(ca.not_after - 394 * DAY);
    let new = leaf(&managers, "openshift-service-ca", "signing-key");
    assert_eq!(new.common_name, ca.common_name);
    assert_ne!(new.key_id, ca.key_id);
    let signing_key = managers
        .cluster
        .get("Secret", "openshift-service-ca", "signing-key");
    let cross = read(&signing_key.unwrap(), "intermediate-ca.crt").unwrap();
    assert_eq!(
        (&cross.key_id, &cross.authority_key_id),
        (&new.key_id, &ca.key_id)
    );
    let served = |managers: &Managers| {
        let mut secrets = managers.cluster.list("Secret");
        secrets.retain(|secret| {
            let owner = &secret["metadata"]["ownerReferences"][0];
            owner["kind"] == "Service" && read(secret, "tls.crt").unwrap().is_signed_by(&new)
        });
        secrets.len()
    };
    for minute in 1..=7 {
        assert_eq!(served(&managers), minute);
        managers.advance(managers.now() + 60);
    }
    assert_eq!(served(&managers), 7, "that was the last");
    assert!(managers.next() > managers.now() + 60);
    assert_eq!(expired(&managers), [""; 0]);
}
