//! cert-manager, certrotation, the ingress operator, static pods, and the garbage collector.

use notafter_simulator::Managers;
use serde_json::json;

use crate::{DAY, NOW, days, expired, leaf, text};

#[test]
fn cert_manager_renews_in_the_second_that_it_has_named_unless_the_issuer_is_broken() {
    let mut managers = Managers::openshift(NOW);
    let before = leaf(&managers, "shop", "checkout-tls");
    let renewal = before.not_after - 30 * DAY;
    managers.advance(renewal - 1);
    assert_eq!(leaf(&managers, "shop", "checkout-tls"), before);
    managers.switches.broken_issuers = Some("shop");
    managers.advance(before.not_after + 1);
    assert_eq!(expired(&managers), ["shop/checkout-tls"]);
    managers.switches.broken_issuers = None;
    managers.advance(before.not_after + 1);
    let after = leaf(&managers, "shop", "checkout-tls");
    managers.advance(after.not_after - 30 * DAY - 1);
    assert_eq!(leaf(&managers, "shop", "checkout-tls"), after);
    managers.advance(after.not_after - 30 * DAY);
    let renewed = leaf(&managers, "shop", "checkout-tls");
    assert_eq!(renewed.not_before, after.not_after - 30 * DAY);
}

#[test]
fn without_rotation_a_certificate_of_thirty_days_expires() {
    let mut managers = Managers::openshift(NOW);
    managers.switches.certrotation = false;
    days(&mut managers, 31);
    let found = expired(&managers);
    for name in [
        "openshift-kube-apiserver/kubelet-client",
        "openshift-oauth-apiserver/openshift-authenticator-certs",
        "openshift-kube-controller-manager/csr-signer",
    ] {
        assert!(found.contains(&name.into()), "{name} in {found:?}");
    }
    managers.switches.certrotation = true;
    days(&mut managers, 1);
    assert_eq!(expired(&managers), [""; 0]);
}

#[test]
fn certrotation_reads_annotations_only_and_every_content_becomes_a_revision() {
    let mut managers = Managers::openshift(NOW);
    let namespace = "openshift-kube-apiserver";
    let name = "localhost-recovery-serving-certkey";
    let before = leaf(&managers, namespace, name);
    managers.cluster.edit("Secret", namespace, name, |secret| {
        secret["data"]["tls.crt"] = "".into();
    });
    days(&mut managers, 30);
    managers.cluster.edit("Secret", namespace, name, |secret| {
        let annotations = &mut secret["metadata"]["annotations"];
        annotations["auth.openshift.io/certificate-not-after"] = "force-regeneration".into();
    });
    days(&mut managers, 1);
    assert!(leaf(&managers, namespace, name).not_before > before.not_before);
    let mut copies = managers.cluster.list("Secret");
    copies.retain(|secret| text(&secret["metadata"]["name"]).starts_with(&format!("{name}-")));
    assert_eq!(copies.len(), 3);
}

#[test]
fn the_ingress_operator_makes_a_certificate_once() {
    let mut managers = Managers::openshift(NOW);
    let (kind, namespace) = ("IngressController", "openshift-ingress-operator");
    managers
        .cluster
        .edit(kind, namespace, "default", |controller| {
            controller["spec"] = json!({});
        });
    managers.advance(NOW + DAY);
    let made = leaf(&managers, "openshift-ingress", "router-certs-default");
    assert_eq!(made.hosts, ["*.apps.example.com"]);
    assert!(made.is_signed_by(&leaf(&managers, namespace, "router-ca")));
    managers.advance(NOW + 732 * DAY);
    assert_eq!(
        leaf(&managers, "openshift-ingress", "router-certs-default"),
        made
    );
}

#[test]
fn a_secret_that_has_lost_its_owner_is_collected() {
    let mut managers = Managers::openshift(NOW);
    managers
        .cluster
        .delete("Service", "openshift-apiserver", "api");
    managers.advance(NOW + 1);
    let secret = managers
        .cluster
        .get("Secret", "openshift-apiserver", "serving-cert");
    assert_eq!(secret, None);
}
