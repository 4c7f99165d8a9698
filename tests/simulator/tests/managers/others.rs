//! The ingress operator, static pods, and the garbage collector.

use notafter_simulator::Managers;
use serde_json::{Value, json};

use crate::{DAY, NOW, leaf, text};

#[test]
fn the_ingress_operator_makes_a_certificate_once_and_takes_it_away() {
    let mut managers = Managers::openshift(NOW);
    let set = |managers: &Managers, certificate: Value| {
        managers.cluster.edit(
            "IngressController",
            "openshift-ingress-operator",
            "default",
            |it| it["spec"] = certificate,
        );
    };
    set(&managers, json!({}));
    managers.advance(NOW + DAY);
    let made = leaf(&managers, "openshift-ingress", "router-certs-default");
    assert_eq!(made.hosts, ["*.apps.example.com"]);
    assert!(made.is_signed_by(&leaf(&managers, "openshift-ingress-operator", "router-ca")));
    managers.advance(NOW + 732 * DAY);
    assert_eq!(
        leaf(&managers, "openshift-ingress", "router-certs-default"),
        made
    );
    set(
        &managers,
        json!({"defaultCertificate": {"name": "apps-tls"}}),
    );
    managers.advance(NOW + 733 * DAY);
    assert!(
        managers
            .cluster
            .get("Secret", "openshift-ingress", "router-certs-default")
            .is_none()
    );
}

#[test]
fn static_pods_keep_five_revisions() {
    let mut managers = Managers::openshift(NOW);
    for time in 1..10 {
        managers.cluster.delete(
            "Secret",
            "openshift-kube-controller-manager",
            "serving-cert",
        );
        managers.advance(NOW + time);
    }
    let secrets = managers.cluster.list("Secret");
    let names = secrets.iter().map(|it| text(&it["metadata"]["name"]));
    let copies: Vec<_> = names.filter(|it| it.starts_with("serving-cert-")).collect();
    assert_eq!(
        copies,
        [
            "serving-cert-10",
            "serving-cert-6",
            "serving-cert-7",
            "serving-cert-8",
            "serving-cert-9"
        ]
    );
}

#[test]
fn what_has_lost_its_owner_is_collected() {
    let mut managers = Managers::openshift(NOW);
    managers
        .cluster
        .delete("Service", "openshift-apiserver", "api");
    managers.advance(NOW + 1);
    assert!(
        managers
            .cluster
            .get("Secret", "openshift-apiserver", "serving-cert")
            .is_none()
    );
}
