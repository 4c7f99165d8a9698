//! The lists other than secrets: what is requested, what a denied list affects, which changes are
//! ignored.

use std::sync::Arc;

use notafter_simulator::Cluster;
use notafter_simulator::certificate::Draft;
use serde_json::json;

use crate::managed::{
    END, FIXED, ServiceCa, WELL, annotate, api_service, asked, cluster, cluster_version, csv,
    definition, ingress_controller, issued, olm_secret, route, service,
};
use crate::world::{DAY, THEN, World};

/// The simulator's name of the resource behind every list, and the name of that list.
const LISTS: [(&str, &str); 16] = [
    ("secrets", "secrets"),
    (
        "clusterserviceversions",
        "clusterserviceversions.operators.coreos.com",
    ),
    ("services", "services"),
    ("certificates", "certificates.cert-manager.io"),
    ("apiservices", "apiservices.apiregistration.k8s.io"),
    (
        "validatingwebhookconfigurations",
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
    ),
    (
        "mutatingwebhookconfigurations",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    ),
    (
        "customresourcedefinitions",
        "customresourcedefinitions.apiextensions.k8s.io",
    ),
    ("clusterversions", "clusterversions.config.openshift.io"),
    ("apiservers", "apiservers.config.openshift.io"),
    (
        "ingresses.config.openshift.io",
        "ingresses.config.openshift.io",
    ),
    (
        "ingresscontrollers",
        "ingresscontrollers.operator.openshift.io",
    ),
    ("etcds", "etcds.operator.openshift.io"),
    ("routes", "routes.route.openshift.io"),
    ("ingresses", "ingresses.networking.k8s.io"),
    ("gateways", "gateways.gateway.networking.k8s.io"),
];

/// A cluster with an object of most kinds.
fn full() -> Cluster {
    let (cluster, ca) = (cluster(), ServiceCa::since(THEN));
    ca.install(&cluster);
    cluster.apply(service("web", "web-tls"));
    ca.serve(&cluster, "web", THEN);
    cluster.apply(olm_secret(FIXED, END));
    cluster.apply(csv(WELL));
    let issuer = Draft::named("ca").valid(THEN, THEN + 900 * DAY).authority();
    cluster.apply(issued("app", "dflt", &issuer));
    cluster.apply(asked("app", "dflt"));
    cluster.apply(cluster_version());
    cluster.apply(api_service("v1.web.example.com", "app/web", &json!(null)));
    cluster.apply(definition("web.example.com", "app/web", &json!(null)));
    cluster.apply(ingress_controller("default", ""));
    cluster.apply(route("app", "web", "web-tls"));
    cluster
}

#[tokio::test(start_paused = true)]
async fn only_a_denied_list_is_down() {
    for (plural, denied) in LISTS {
        let cluster = full();
        cluster.refuse(plural, "");
        let scrape = World::of(cluster).poll().await;
        for (_, resource) in LISTS {
            assert_eq!(
                scrape.is_up(resource),
                resource != denied,
                "{plural}: {resource}"
            );
        }
        assert_eq!(scrape.certificates().is_empty(), plural == "secrets");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_denied_later_keeps_its_known_objects() {
    for (plural, _) in LISTS {
        let mut world = World::of(full());
        world.poll().await;
        let before = world.snapshot.inventory.clone();
        world.cluster.refuse(plural, "");
        world.poll().await;
        let after = &world.snapshot.inventory;
        assert!(Arc::ptr_eq(&before, after), "{plural}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_poll_confined_to_namespaces_requests_nothing_cluster_wide() {
    let mut world = World::confined(full(), &["app", "widget-operator"]);
    let scrape = world.poll().await;
    assert!(
        scrape
            .certificates()
            .iter()
            .any(|certificate| certificate.starts_with("app/web-tls/"))
    );
    let paths = ["app", "widget-operator"].map(|namespace| format!("/namespaces/{namespace}/"));
    for request in world.asked() {
        assert!(request.starts_with("200 "), "{request}");
        assert!(paths.iter().any(|path| request.contains(path)), "{request}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_poll_confined_to_namespaces_draws_conclusions_only_from_readable_lists() {
    let cluster = full();
    cluster.delete("Service", "app", "web");
    cluster.delete("Certificate", "app", "dflt");
    cluster.refuse("certificates", "app");
    let scrape = World::confined(cluster, &["app"]).poll().await;
    let blocked = scrape.all("cert_rotation_blocked", &[]);
    let reasons: Vec<&str> = blocked
        .iter()
        .map(|sample| sample.label("reason"))
        .collect();
    assert_eq!(reasons, ["service_gone"]);
}

/// Changes an object, setting `annotation` unless that is empty. Returns whether the inventory was
/// replaced.
async fn makes_new_inventory(kind: &str, place: &str, annotation: &str) -> bool {
    let mut world = World::of(full());
    world.poll().await;
    let before = world.snapshot.inventory.clone();
    let (namespace, name) = place.split_once('/').unwrap();
    world.cluster.edit(kind, namespace, name, |object| {
        object["metadata"]["labels"]["example.com/noise"] = "1".into();
        if !annotation.is_empty() {
            annotate(object, annotation, "10");
        }
    });
    world.poll().await;
    !Arc::ptr_eq(&before, &world.snapshot.inventory)
}

#[tokio::test(start_paused = true)]
async fn an_irrelevant_change_does_not_lead_to_a_new_inventory() {
    let objects = [
        ("Secret", "app/web-tls"),
        ("Service", "app/web"),
        ("ClusterServiceVersion", "widget-operator/widgets.v1.4.2"),
        ("Certificate", "app/dflt"),
        ("APIService", "/v1.web.example.com"),
        ("CustomResourceDefinition", "/web.example.com"),
        ("ClusterVersion", "/version"),
        ("IngressController", "openshift-ingress-operator/default"),
        ("Route", "app/web"),
    ];
    for (kind, place) in objects {
        assert!(!makes_new_inventory(kind, place, "").await, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_relevant_service_annotation_leads_to_a_new_inventory() {
    assert!(!makes_new_inventory("Service", "app/web", "example.com/owner").await);
    let errors = "service.beta.openshift.io/serving-cert-generation-error-num";
    assert!(makes_new_inventory("Service", "app/web", errors).await);
}
