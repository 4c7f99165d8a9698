//! The service-ca operator and its controller.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter_simulator::Managers;
use serde_json::Value;

use crate::{DAY, NOW, days, expired, leaf, read, text};

#[test]
fn service_ca_gives_up_but_its_timer_goes_on() {
    const UID: &str = "service.beta.openshift.io/originating-service-uid";
    const NUMBER: &str = "serving-cert-generation-error-num";
    let mut managers = Managers::openshift(NOW);
    let place = ("openshift-apiserver", "serving-cert");
    let failures = |managers: &Managers| {
        let service = managers.cluster.get("Service", place.0, "api").unwrap();
        let key = format!("service.beta.openshift.io/{NUMBER}");
        text(&service["metadata"]["annotations"][key]).to_owned()
    };
    let set_failures = |managers: &Managers, namespace: &str, name: &str, number: Value| {
        managers.cluster.edit("Service", namespace, name, |it| {
            for flavour in ["alpha", "beta"] {
                it["metadata"]["annotations"][format!("service.{flavour}.openshift.io/{NUMBER}")] =
                    number.clone();
            }
        });
    };
    // A secret of another Service: nothing happens while its certificate fits, then ten errors.
    managers.cluster.edit("Secret", place.0, place.1, |it| {
        it["metadata"]["annotations"][UID] = "another".into();
    });
    let other = ("openshift-monitoring", "prometheus-k8s-tls");
    set_failures(&managers, other.0, "prometheus-k8s", "12".into());
    let (before, given_up) = (
        leaf(&managers, place.0, place.1),
        leaf(&managers, other.0, other.1),
    );
    days(&mut managers, 200);
    assert_eq!(failures(&managers), "");
    days(&mut managers, 200); // the CA was rotated meanwhile
    assert_eq!(failures(&managers), "10");
    assert_eq!(leaf(&managers, place.0, place.1), before);
    assert_eq!(leaf(&managers, other.0, other.1), given_up);
    managers.advance(given_up.not_after - 60);
    assert_eq!(
        leaf(&managers, other.0, other.1).not_before,
        managers.now() - 1
    );
    managers.cluster.delete("Secret", place.0, place.1);
    days(&mut managers, 1);
    assert!(managers.cluster.get("Secret", place.0, place.1).is_none());
    set_failures(&managers, place.0, "api", Value::Null);
    days(&mut managers, 1);
    assert!(managers.cluster.get("Secret", place.0, place.1).is_some());
}

#[test]
fn service_ca_believes_the_annotation_and_rotates_its_authority_under_the_same_name() {
    let mut managers = Managers::openshift(NOW);
    let (key, place) = (
        "service.beta.openshift.io/expiry",
        ("openshift-monitoring", "prometheus-k8s-tls"),
    );
    let before = leaf(&managers, place.0, place.1);
    managers.cluster.edit("Secret", place.0, place.1, |it| {
        it["metadata"]["annotations"][key] = "2027-01-15T08:30:00Z".into();
    });
    managers.advance(NOW + 1);
    let after = leaf(&managers, place.0, place.1);
    assert_eq!(
        (after.not_before, &after.authority_key_id),
        (NOW, &before.authority_key_id)
    );
    let ca = leaf(&managers, "openshift-service-ca", "signing-key");
    managers.advance(ca.not_after - 394 * DAY);
    let new = leaf(&managers, "openshift-service-ca", "signing-key");
    assert_eq!(new.common_name, ca.common_name);
    assert_ne!(new.key_id, ca.key_id);
    assert!(leaf(&managers, place.0, place.1).is_signed_by(&new));
    assert_eq!(expired(&managers), [""; 0]);
    let secret = managers.cluster.get("Secret", place.0, place.1).unwrap();
    let chain = STANDARD.decode(text(&secret["data"]["tls.crt"])).unwrap();
    assert_eq!(
        String::from_utf8(chain)
            .unwrap()
            .matches("BEGIN CERT")
            .count(),
        3
    );
    let signing_key = managers
        .cluster
        .get("Secret", "openshift-service-ca", "signing-key")
        .unwrap();
    let cross = read(&signing_key, "intermediate-ca.crt").unwrap();
    assert_eq!(
        (cross.key_id, cross.authority_key_id),
        (new.key_id, ca.key_id)
    );
}

#[test]
fn a_busy_service_ca_serves_one_service_after_the_other() {
    let mut managers = Managers::openshift(NOW);
    managers.service_ca.at_once = 1;
    let ca = leaf(&managers, "openshift-service-ca", "signing-key");
    managers.advance(ca.not_after - 394 * DAY);
    let new = leaf(&managers, "openshift-service-ca", "signing-key");
    let served = |managers: &Managers| {
        let secrets = managers.cluster.list("Secret");
        let of_service = secrets.iter().filter(|it| {
            text(&it["metadata"]["annotations"]["openshift.io/owning-component"]) == "service-ca"
                && it["metadata"]["ownerReferences"][0]["kind"] == "Service"
        });
        let leaves = of_service.filter_map(|it| read(it, "tls.crt"));
        leaves.filter(|it| it.is_signed_by(&new)).count()
    };
    for minute in 1..=7 {
        assert_eq!(served(&managers), minute);
        managers.advance(managers.now() + 60);
    }
    assert_eq!(served(&managers), 7, "that was the last");
    assert!(managers.next() > managers.now() + 60);
}
