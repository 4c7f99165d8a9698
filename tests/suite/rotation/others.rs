//! Rows 5 to 8: certificates that the ingress operator never renews, that others renew by their own
//! rules, or that have no known manager.

use notafter_simulator::certificate::{Authority, Draft};
use serde_json::Value;

use crate::managed::{annotated, cluster, cluster_version, labelled, owned};
use crate::verdict::Verdict;
use crate::world::{DAY, THEN, certificate, tls};

const ROUTER_CA: &str = "openshift-ingress-operator/router-ca";

fn router_ca() -> Authority {
    let draft = Draft::named("ingress-operator@1708682825");
    draft.valid(THEN, THEN + 730 * DAY).authority()
}

fn stored(ca: &Authority) -> Value {
    tls("openshift-ingress-operator", "router-ca", &ca.pair)
}

fn signed(namespace: &str, name: &str, ca: &Authority) -> Value {
    let leaf = Draft::named("*.apps.example.com").valid(THEN, THEN + 730 * DAY);
    tls(namespace, name, &leaf.signed_by(ca))
}

fn patch(controller: &str) -> [String; 1] {
    let change =
        format!(r#"{{"spec":{{"defaultCertificate":{{"name":"custom-certs-{controller}"}}}}}}"#);
    [format!(
        "never_renewed: oc -n openshift-ingress create secret tls custom-certs-{controller} --cert=FILE --key=FILE && oc -n openshift-ingress-operator patch ingresscontroller {controller} --type=merge -p '{change}'"
    )]
}

fn verdict(place: &str, secrets: &[Value]) -> Verdict {
    let cluster = cluster();
    cluster.apply(cluster_version());
    for secret in secrets {
        cluster.apply(secret.clone());
    }
    Verdict::of(&cluster, place)
}

// Row 5: ingress-operator.
#[test]
fn the_default_certificate_of_each_ingress_controller_is_never_renewed() {
    for controller in ["default", "internal", "shard-2.example"] {
        let name = format!("router-certs-{controller}");
        let secret = signed("openshift-ingress", &name, &router_ca());
        let secret = owned(secret, "Deployment", &format!("router-{controller}"));
        let verdict = verdict(&format!("openshift-ingress/{name}"), &[secret]);
        assert_eq!((&*verdict.manager, verdict.due), ("ingress-operator", None));
        assert_eq!(verdict.blocked, patch(controller));
    }
}

#[test]
fn the_ca_is_never_renewed_while_a_controller_serves_a_leaf_it_signed() {
    let ca = router_ca();
    let leaf = signed("openshift-ingress", "router-certs-internal", &ca);
    let verdict = verdict(ROUTER_CA, &[stored(&ca), leaf]);
    assert_eq!((&*verdict.manager, verdict.due), ("ingress-operator", None));
    assert_eq!(verdict.blocked, patch("internal"));
}

#[test]
fn a_ca_that_no_controller_uses_needs_no_action() {
    let custom = tls(
        "openshift-ingress",
        "router-certs-own",
        &certificate("*.apps.example.com", 90),
    );
    let verdict = verdict(ROUTER_CA, &[stored(&router_ca()), custom]);
    verdict.is_well("ingress-operator", None);
}

#[test]
fn a_custom_certificate_beside_the_routers_has_no_known_manager() {
    let name = "router-certs-own";
    let custom = tls(
        "openshift-ingress",
        name,
        &certificate("*.apps.example.com", 90),
    );
    verdict("openshift-ingress/router-certs-own", &[custom]).is_well("none", None);
}

#[test]
fn a_secret_of_the_same_name_in_another_namespace_has_no_known_manager() {
    for namespace in ["shop", "openshift-ingress-2"] {
        let secret = tls(namespace, "router-certs-default", &certificate("web", 90));
        let place = format!("{namespace}/router-certs-default");
        verdict(&place, &[secret]).is_well("none", None);
    }
}

// By the issuer's name.
#[test]
fn an_ingress_operator_certificate_that_has_lost_its_marks_is_recognised_by_its_issuer() {
    let secret = signed("shop", "pasted", &router_ca());
    let verdict = verdict("shop/pasted", &[secret]);
    assert_eq!(verdict.manager, "ingress-operator");
    let replace = "oc -n shop describe secret pasted";
    assert_eq!(
        verdict.blocked,
        [format!("never_renewed: {replace}")],
        "however it got there"
    );
}

// Row 6: other operators.
#[test]
fn an_operator_is_recognised_by_its_labels_or_as_the_owner_and_has_its_own_rules() {
    let plain = || tls("shop", "web", &certificate("web", 90));
    let operators = [
        labelled(
            plain(),
            "app.kubernetes.io/managed-by",
            "elasticsearch-operator",
        ),
        labelled(plain(), "reconcile.external-secrets.io/managed", "true"),
        labelled(plain(), "reconcile.external-secrets.io/created-by", "x"),
        labelled(plain(), "strimzi.io/cluster", "events"),
        annotated(plain(), "openshift.io/owning-component", "Etcd"),
        owned(plain(), "SealedSecret", "web"),
        owned(plain(), "Kafka", "events"),
    ];
    for secret in operators {
        verdict("shop/web", &[secret]).is_well("operator", None);
    }
}

// Row 7: helm.
#[test]
fn a_secret_of_a_chart_is_managed_by_helm() {
    let secret = tls("shop", "web", &certificate("web", 90));
    let helms = labelled(secret, "app.kubernetes.io/managed-by", "Helm");
    let release = annotated(helms.clone(), "meta.helm.sh/release-name", "web");
    verdict("shop/web", &[release]).is_well("helm", None);
    verdict("shop/web", &[helms]).is_well("none", None);
}

// Row 8: nobody.
#[test]
fn a_secret_without_known_marks_has_no_known_manager() {
    let secret = tls("shop", "web", &certificate("web", 90));
    verdict("shop/web", &[secret]).is_well("none", None);
    let unknown = tls("shop", "web", &certificate("web", 90));
    let unknown = annotated(unknown, "example.com/renewed-by", "me");
    verdict("shop/web", &[unknown]).is_well("none", None);
}
