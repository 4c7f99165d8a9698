//! The lists beside that of secrets: what is asked, what a refusal costs, and what changes nothing.

use std::sync::Arc;

use notafter_simulator::Cluster;
use notafter_simulator::certificate::Draft;
use serde_json::json;

use crate::managed::{
    END, FIXED, ServiceCa, WELL, annotate, api_service, asked, cluster, cluster_version, csv,
    definition, ingress_controller, issued, olm_secret, route, service,
};
use crate::world::{DAY, THEN, World};

/// The plural of every list, and its name.
const LISTS: [(&str, &str); 13] = [
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
    ("ingresses", "ingresses.config.openshift.io"),
    (
        "ingresscontrollers",
        "ingresscontrollers.operator.openshift.io",
    ),
    ("routes", "routes.route.openshift.io"),
];

/// A cluster with something of most kinds.
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

#[tokio::test]
async fn a_list_that_is_refused_is_down_alone() {
    for (plural, refused) in LISTS {
        let cluster = full();
        cluster.refuse(plural, "");
        let scrape = World::of(cluster).await.poll().await;
        for (_, resource) in LISTS {
            assert_eq!(
                scrape.is_up(resource),
                resource != refused,
                "{plural}: {resource}"
            );
        }
        assert_eq!(scrape.certificates().is_empty(), plural == "secrets");
    }
}

#[tokio::test]
async fn a_list_that_is_refused_later_keeps_what_it_said() {
    for (plural, _) in LISTS {
        let mut world = World::of(full()).await;
        world.poll().await;
        let before = world.snapshot.inventory.clone();
        world.cluster.refuse(plural, "");
        world.poll().await;
        let after = &world.snapshot.inventory;
        assert!(Arc::ptr_eq(&before, after), "{plural}");
    }
}

#[tokio::test]
async fn confined_to_namespaces_nothing_of_the_whole_cluster_is_asked_for() {
    let mut world = World::confined(full(), &["app", "widget-operator"]).await;
    let scrape = world.poll().await;
    assert!(
        scrape
            .certificates()
            .iter()
            .any(|it| it.starts_with("app/web-tls/"))
    );
    for asked in world.asked() {
        assert!(asked.starts_with("200 "), "{asked}");
        let inside = ["app", "widget-operator"].map(|it| format!("/namespaces/{it}/"));
        assert!(inside.iter().any(|it| asked.contains(it)), "{asked}");
    }
}

#[tokio::test]
async fn confined_to_namespaces_only_what_is_known_of_them_is_evidence() {
    let cluster = full();
    cluster.delete("Service", "app", "web");
    cluster.delete("Certificate", "app", "dflt");
    cluster.refuse("certificates", "app");
    let scrape = World::confined(cluster, &["app"]).await.poll().await;
    let blocked = scrape.all("cert_rotation_blocked", &[]);
    let reasons: Vec<&str> = blocked.iter().map(|it| it.label("reason")).collect();
    assert_eq!(reasons, ["service_gone"]);
}

/// Changes an object, and says whether that made another inventory.
async fn changes(kind: &str, place: &str, what: &str) -> bool {
    let mut world = World::of(full()).await;
    world.poll().await;
    let before = world.snapshot.inventory.clone();
    let (namespace, name) = place.split_once('/').unwrap();
    world.cluster.edit(kind, namespace, name, |object| {
        object["metadata"]["labels"]["example.com/noise"] = "1".into();
        if !what.is_empty() {
            annotate(object, what, "10");
        }
    });
    world.poll().await;
    !Arc::ptr_eq(&before, &world.snapshot.inventory)
}

#[tokio::test]
async fn a_change_that_says_nothing_new_makes_no_other_inventory() {
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
        assert!(!changes(kind, place, "").await, "{kind}");
    }
}

#[tokio::test]
async fn an_annotation_of_a_service_that_means_something_does() {
    assert!(!changes("Service", "app/web", "example.com/owner").await);
    let errors = "service.beta.openshift.io/serving-cert-generation-error-num";
    assert!(changes("Service", "app/web", errors).await);
}
