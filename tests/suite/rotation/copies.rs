//! Row 0: a copy is renewed where its original is, and no tenant can turn another tenant's secret
//! into a copy.

use notafter_simulator::Cluster;
use notafter_simulator::certificate::Draft;
use serde_json::{Value, json};

use crate::managed::{
    RENEWAL, ServiceCa, TARGET, annotated, asked, cluster, cluster_version, copied, issued,
    labelled, owned, rotated, service,
};
use crate::verdict::Verdict;
use crate::world::{DAY, THEN, certificate, tls};

const DUE: i64 = THEN + 15 * DAY + 36 * 3600 + 600;

fn target() -> Value {
    rotated(TARGET, (THEN, THEN + 30 * DAY), "360h0m0s")
}

/// The secret that cert-manager issued for `shop`.
fn shops() -> Value {
    let ca = Draft::named("ca")
        .valid(THEN, THEN + 3650 * DAY)
        .authority();
    issued("shop", "web", &ca)
}

/// A copy of a secret's certificate, and of nothing else in it.
fn public(secret: &Value, namespace: &str, name: &str) -> Value {
    let mut copy = copied(secret, namespace, name);
    copy["metadata"] = json!({"namespace": namespace, "name": name});
    copy["data"] = json!({"tls.crt": secret["data"]["tls.crt"]});
    copy
}

/// Applies an object at a given time.
fn at(cluster: &Cluster, time: i64, object: Value) {
    cluster.set_time(time);
    cluster.apply(object);
}

// Row 0: copy.
#[test]
fn a_static_pod_revision_is_a_copy_although_it_has_all_the_marks_of_service_ca() {
    let (cluster, ca) = (cluster(), ServiceCa::since(THEN));
    ca.install(&cluster);
    cluster.apply(service("scheduler", "serving-cert"));
    ca.serve(&cluster, "scheduler", THEN);
    let original = cluster.get("Secret", "app", "serving-cert").unwrap();
    let revision = copied(&original, "app", "serving-cert-7");
    cluster.apply(owned(revision, "ConfigMap", "revision-status-7"));
    ca.serve(&cluster, "scheduler", THEN + DAY);
    Verdict::of(&cluster, "app/serving-cert-7").is_well("copy", None);
    let original = Verdict::of(&cluster, "app/serving-cert");
    assert_eq!(original.manager, "service-ca");
}

#[test]
fn a_revision_of_a_rotated_certificate_is_a_copy_even_if_the_original_is_gone() {
    let cluster = cluster();
    let revision = copied(&target(), "openshift-kube-apiserver", "aggregator-client-3");
    cluster.apply(owned(revision, "ConfigMap", "revision-status-3"));
    let verdict = Verdict::of(&cluster, "openshift-kube-apiserver/aggregator-client-3");
    verdict.is_well("copy", None);
}

#[test]
fn an_owning_config_map_of_another_name_does_not_make_a_copy() {
    let cluster = cluster();
    cluster.apply(owned(target(), "ConfigMap", "status-revision-3"));
    Verdict::of(&cluster, TARGET).is_well("certrotation", Some(DUE));
}

#[test]
fn a_platform_secret_and_its_synced_copy_have_one_due_date() {
    let cluster = openshift();
    at(&cluster, THEN, target());
    let synced = copied(
        &target_in(&cluster),
        "openshift-config-managed",
        "aggregator-client",
    );
    at(&cluster, THEN + 60, synced);
    Verdict::of(&cluster, TARGET).is_well("certrotation", Some(DUE));
    let copy = "openshift-config-managed/aggregator-client";
    Verdict::of(&cluster, copy).is_well("copy", None);
}

#[test]
fn a_tenants_copy_of_a_platform_secret_is_a_copy_whichever_is_older() {
    for (original, copy) in [(THEN, THEN + DAY), (THEN + DAY, THEN)] {
        let (cluster, target) = (openshift(), target());
        at(&cluster, copy, public(&target, "shop", "client"));
        at(&cluster, original, target);
        Verdict::of(&cluster, TARGET).is_well("certrotation", Some(DUE));
        Verdict::of(&cluster, "shop/client").is_well("copy", None);
    }
}

#[test]
fn a_platform_secret_is_never_a_copy_of_a_tenants_secret() {
    for (tenants, platforms) in [(THEN, THEN + DAY), (THEN + DAY, THEN)] {
        let (cluster, shops) = (cluster(), shops());
        cluster.apply(asked("shop", "web"));
        at(
            &cluster,
            platforms,
            public(&shops, "openshift-ingress", "apps"),
        );
        at(&cluster, tenants, shops);
        Verdict::of(&cluster, "openshift-ingress/apps").is_well("none", None);
        let shops = Verdict::of(&cluster, "shop/web-tls");
        shops.is_well("cert-manager", Some(RENEWAL + 3600));
    }
}

#[test]
fn a_copy_that_names_its_original_in_another_namespace_is_not_an_orphan() {
    for mark in [
        "reflector.v1.k8s.emberstack.com/reflects",
        "replicator.v1.mittwald.de/replicate-from",
    ] {
        for (original, orphan) in [("shop/web-tls", false), ("shop/web", true), ("shop", true)] {
            let cluster = cluster();
            cluster.apply(asked("shop", "web"));
            cluster.apply(shops());
            let shops = cluster.get("Secret", "shop", "web-tls").unwrap();
            let copy = copied(&shops, "blog", "web-tls");
            cluster.apply(annotated(copy, mark, original));
            let verdict = Verdict::of(&cluster, "blog/web-tls");
            let manager = if orphan { "cert-manager" } else { "copy" };
            assert_eq!(verdict.manager, manager, "{mark}: {original}");
            assert_eq!(verdict.blocked.is_empty(), !orphan);
            let original = Verdict::of(&cluster, "shop/web-tls");
            original.is_well("cert-manager", Some(RENEWAL + 3600));
        }
    }
}

#[test]
fn a_second_secret_in_the_same_namespace_is_a_copy_whichever_is_older() {
    for (original, copy) in [(THEN, THEN + DAY), (THEN + DAY, THEN)] {
        let (cluster, shops) = (cluster(), shops());
        cluster.apply(asked("shop", "web"));
        at(&cluster, copy, public(&shops, "shop", "again"));
        at(&cluster, original, shops);
        Verdict::of(&cluster, "shop/again").is_well("copy", None);
    }
}

#[test]
fn a_secret_without_a_known_renewal_has_no_copies() {
    let cluster = cluster();
    let pair = certificate("web", 90);
    let helms = labelled(
        tls("shop", "helms", &pair),
        "app.kubernetes.io/managed-by",
        "Helm",
    );
    cluster.apply(annotated(helms, "meta.helm.sh/release-name", "web"));
    cluster.apply(owned(tls("shop", "operators", &pair), "Kafka", "events"));
    cluster.apply(tls("shop", "mine", &pair));
    cluster.apply(tls("blog", "mine", &pair));
    for (place, manager) in [
        ("shop/helms", "helm"),
        ("shop/operators", "operator"),
        ("shop/mine", "none"),
        ("blog/mine", "none"),
    ] {
        Verdict::of(&cluster, place).is_well(manager, None);
    }
}

#[test]
fn an_orphan_is_never_an_original() {
    let (cluster, shops) = (cluster(), shops());
    at(&cluster, THEN, shops.clone());
    at(&cluster, THEN + DAY, public(&shops, "shop", "again"));
    Verdict::of(&cluster, "shop/again").is_well("none", None);
    let orphan = Verdict::of(&cluster, "shop/web-tls");
    assert_eq!(orphan.manager, "cert-manager");
}

/// Secrets with which a tenant can imitate a renewed one, all with the victim's certificate, and
/// the Certificate beside each.
fn impostors(victim: &Value) -> Vec<(Value, Option<Value>)> {
    let public = || public(victim, "evil", "web-tls");
    let dated = annotated(
        public(),
        "auth.openshift.io/certificate-not-before",
        "2024-01-01T00:00:00Z",
    );
    vec![
        (public(), None),
        (public(), Some(asked("evil", "web"))),
        (
            annotated(dated.clone(), "auth.openshift.io/certificate-issuer", "x"),
            None,
        ),
        (
            annotated(
                dated,
                "auth.openshift.io/certificate-not-after",
                "2026-01-01T00:00:00Z",
            ),
            None,
        ),
    ]
}

/// Asserts that a secret is judged as if it were alone, whatever the impostor and whenever it was
/// created.
fn is_untouched(victim: &Value, place: &str, impostors_at: &[i64]) {
    let alone = cluster();
    alone.apply(asked("shop", "web"));
    at(&alone, THEN, victim.clone());
    let alone = Verdict::of(&alone, place);
    assert_ne!(alone.manager, "copy");
    for time in impostors_at {
        for (impostor, certificate) in impostors(victim) {
            let cluster = cluster();
            cluster.apply(asked("shop", "web"));
            at(&cluster, THEN, victim.clone());
            at(&cluster, *time, impostor.clone());
            if let Some(certificate) = certificate {
                cluster.apply(certificate);
            }
            let beside = Verdict::of(&cluster, place);
            assert_eq!(beside.manager, alone.manager, "at {time}");
            assert_eq!(beside.due, alone.due);
            assert_eq!(beside.blocked, alone.blocked);
        }
    }
}

#[test]
fn no_tenant_can_turn_a_platform_secret_into_a_copy() {
    is_untouched(&target(), TARGET, &[THEN - DAY, THEN, THEN + DAY]);
}

#[test]
fn no_tenant_can_turn_another_tenants_secret_into_a_copy() {
    let times = [THEN - DAY, THEN, THEN + DAY];
    is_untouched(&shops(), "shop/web-tls", &times);
    let mine = tls("shop", "mine", &certificate("web", 90));
    is_untouched(&mine, "shop/mine", &times);
}

#[test]
fn on_plain_kubernetes_a_namespace_with_an_openshift_name_is_a_tenants() {
    let cluster = cluster();
    cluster.apply(target());
    cluster.apply(public(&target_in(&cluster), "shop", "client"));
    let verdict = Verdict::of(&cluster, "shop/client");
    assert_eq!(verdict.manager, "certrotation", "recognised by its issuer");
}

/// An OpenShift cluster.
fn openshift() -> Cluster {
    let cluster = cluster();
    cluster.apply(cluster_version());
    cluster
}

fn target_in(cluster: &Cluster) -> Value {
    cluster
        .get("Secret", "openshift-kube-apiserver", "aggregator-client")
        .unwrap()
}
