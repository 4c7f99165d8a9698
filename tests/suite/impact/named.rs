//! Consumers that name the secret that they need.

use serde_json::json;

use super::{config, impacts_with, web};
use crate::managed::{ingress_controller, route};

#[test]
fn an_ingress_controller_needs_its_configured_certificate_or_else_the_generated_one() {
    let secrets = [
        web("openshift-ingress", "apps"),
        web("openshift-ingress", "router-certs-default"),
    ];
    let controller = "cluster IngressController/openshift-ingress-operator/default";
    for (configured, needed, other) in [
        ("", "router-certs-default", "apps"),
        ("apps", "apps", "router-certs-default"),
    ] {
        let [apps, generated] = secrets.clone();
        let objects = [apps, generated, ingress_controller("default", configured)];
        let needed = impacts_with(&objects, &format!("openshift-ingress/{needed}"));
        assert_eq!(needed, [controller]);
        let other = impacts_with(&objects, &format!("openshift-ingress/{other}"));
        assert!(other.is_empty(), "{other:?}");
    }
}

#[test]
fn the_named_certificates_of_the_api_server_affect_the_cluster() {
    let named = json!({"servingCerts": {"namedCertificates": [
        {"names": ["api.example.com"], "servingCertificate": {"name": "api"}},
        {"servingCertificate": {"name": "api-int"}},
    ]}});
    let objects = [
        web("openshift-config", "api"),
        web("shop", "api"),
        config("APIServer", named),
    ];
    assert_eq!(
        impacts_with(&objects, "openshift-config/api"),
        ["cluster APIServer/cluster"]
    );
    assert!(impacts_with(&objects, "shop/api").is_empty());
}

#[test]
fn the_certificates_of_component_routes_affect_the_cluster() {
    let routes = json!({"domain": "apps.example.com", "componentRoutes": [
        {"name": "console", "servingCertKeyPairSecret": {"name": "console"}},
        {"name": "downloads", "servingCertKeyPairSecret": {"name": ""}},
        {"name": "oauth"},
    ]});
    let objects = [
        web("openshift-config", "console"),
        config("Ingress", routes),
    ];
    let impacts = impacts_with(&objects, "openshift-config/console");
    assert_eq!(impacts, ["cluster Ingress/cluster"]);
}

#[test]
fn a_route_affects_its_namespace() {
    let mut inline = route("shop", "inline", "web-tls");
    inline["spec"]["tls"] = json!({"termination": "edge"});
    let mut plain = route("shop", "plain", "web-tls");
    plain["spec"] = json!({"host": "plain.example.com"});
    let objects = [
        web("shop", "web-tls"),
        route("shop", "web", "web-tls"),
        route("blog", "web", "web-tls"),
        inline,
        plain,
    ];
    assert_eq!(
        impacts_with(&objects, "shop/web-tls"),
        ["namespace Route/web"]
    );
}
