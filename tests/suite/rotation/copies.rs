//! Row 0: copies are renewed where their original is, and nobody can make somebody else's secret one.

use notafter_simulator::Cluster;
use notafter_simulator::certificate::Draft;
use serde_json::{Value, json};

use crate::managed::{
    RENEWAL, ServiceCa, TARGET, annotated, asked, cluster, cluster_version, copied, issued,
    labelled, owned, rotated, service,
};
use crate::verdict::Verdict;
use crate::world::{DAY, THEN, certificate, tls};

const DUE: i64 = THEN + 15 * DAY + 36 * 3600;

fn target() -> Value {
    rotated(TARGET, (THEN, THEN + 30 * DAY), "360h0m0s")
}

/// What cert-manager issued for `shop`.
fn shops() -> Value {
    let ca = Draft::named("ca")
        .valid(THEN, THEN + 3650 * DAY)
        .authority();
    issued("shop", "web", &ca)
}

/// The certificate of a secret, and nothing else of it.
fn public(secret: &Value, namespace: &str, name: &str) -> Value {
    let mut copy = copied(secret, namespace, name);
    copy["metadata"] = json!({"namespace": namespace, "name": name});
    copy["data"] = json!({"tls.crt": secret["data"]["tls.crt"]});
    copy
}

/// Puts an object there at a time.
fn at(cluster: &Cluster, time: i64, object: Value) {
    cluster.set_time(time);
    cluster.apply(object);
}

// Row 0: copy.
#[test]
fn the_revision_of_a_static_pod_is_a_copy_although_it_carries_all_marks_of_service_ca() {
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
fn the_revision_of_a_rotated_certificate_is_a_copy_even_when_the_original_is_gone() {
    let cluster = cluster();
    let revision = copied(&target(), "openshift-kube-apiserver", "aggregator-client-3");
    cluster.apply(owned(revision, "ConfigMap", "revision-status-3"));
    let verdict = Verdict::of(&cluster, "openshift-kube-apiserver/aggregator-client-3");
    verdict.is_well("copy", None);
}

#[test]
fn another_config_map_as_owner_makes_no_copy() {
    let cluster = cluster();
    cluster.apply(owned(target(), "ConfigMap", "status-revision-3"));
    Verdict::of(&cluster, TARGET).is_well("certrotation", Some(DUE));
}

#[test]
fn the_synced_copy_of_a_platform_secret_is_due_once() {
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
fn a_tenants_copy_of_a_platform_secret_is_a_copy_at_any_age() {
    for (original, copy) in [(THEN, THEN + DAY), (THEN + DAY, THEN)] {
        let (cluster, target) = (openshift(), target());
        at(&cluster, copy, public(&target, "shop", "client"));
        at(&cluster, original, target);
        Verdict::of(&cluster, TARGET).is_well("certrotation", Some(DUE));
        Verdict::of(&cluster, "shop/client").is_well("copy", None);
    }
}

#[test]
fn a_platform_secret_is_never_a_copy_of_a_tenants() {
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
fn a_copy_that_names_its_original_in_another_namespace_is_no_orphan() {
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
fn a_second_secret_of_the_same_namespace_is_a_copy_at_any_age() {
    for (original, copy) in [(THEN, THEN + DAY), (THEN + DAY, THEN)] {
        let (cluster, shops) = (cluster(), shops());
        cluster.apply(asked("shop", "web"));
        at(&cluster, copy, public(&shops, "shop", "again"));
        at(&cluster, original, shops);
        Verdict::of(&cluster, "shop/again").is_well("copy", None);
    }
}

#[test]
fn what_nobody_renews_has_no_copies() {
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
fn what_is_orphaned_is_nobodys_original() {
    let (cluster, shops) = (cluster(), shops());
    at(&cluster, THEN, shops.clone());
    at(&cluster, THEN + DAY, public(&shops, "shop", "again"));
    Verdict::of(&cluster, "shop/again").is_well("none", None);
    let orphan = Verdict::of(&cluster, "shop/web-tls");
    assert_eq!(orphan.manager, "cert-manager");
}

/// The ways in which a tenant can make a secret of his own look renewed, all with somebody else's certificate.
fn impostors(victim: &Value) -> Vec<(Value, Option<Value>)> {
    let public = || public(victim, "evil", "web-tls");
    let begun = annotated(
        public(),
        "auth.openshift.io/certificate-not-before",
        "2024-01-01T00:00:00Z",
    );
    vec![
        (public(), None),
        (public(), Some(asked("evil", "web"))),
        (
            annotated(begun.clone(), "auth.openshift.io/certificate-issuer", "x"),
            None,
        ),
        (
            annotated(
                begun,
                "auth.openshift.io/certificate-not-after",
                "2026-01-01T00:00:00Z",
            ),
            None,
        ),
    ]
}

/// Whatever stands beside it, and whenever that was made, a secret is judged as if it were alone.
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
fn no_tenant_can_make_a_copy_of_a_platform_secret() {
    is_untouched(&target(), TARGET, &[THEN - DAY, THEN, THEN + DAY]);
}

#[test]
fn no_tenant_can_make_a_copy_of_another_tenants() {
    let times = [THEN - DAY, THEN, THEN + DAY];
    is_untouched(&shops(), "shop/web-tls", &times);
    let mine = tls("shop", "mine", &certificate("web", 90));
    is_untouched(&mine, "shop/mine", &times);
}

#[test]
fn on_plain_kubernetes_a_namespace_that_sounds_like_openshift_is_a_tenants() {
    let cluster = cluster();
    cluster.apply(target());
    cluster.apply(public(&target_in(&cluster), "shop", "client"));
    let verdict = Verdict::of(&cluster, "shop/client");
    assert_eq!(verdict.manager, "certrotation", "by its issuer");
}

/// A cluster that has a platform.
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
