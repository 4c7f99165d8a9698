//! Whatever names the secret that it needs.

use serde_json::json;

use super::{config, web, with};
use crate::managed::{ingress_controller, route};

#[test]
fn an_ingress_controller_needs_its_own_certificate_or_the_one_that_was_made_for_it() {
    let secrets = [
        web("openshift-ingress", "apps"),
        web("openshift-ingress", "router-certs-default"),
    ];
    let controller = "cluster IngressController/openshift-ingress-operator/default";
    for (given, needed, other) in [
        ("", "router-certs-default", "apps"),
        ("apps", "apps", "router-certs-default"),
    ] {
        let [apps, made] = secrets.clone();
        let objects = [apps, made, ingress_controller("default", given)];
        let needed = with(&objects, &format!("openshift-ingress/{needed}"));
        assert_eq!(needed, [controller]);
        let other = with(&objects, &format!("openshift-ingress/{other}"));
        assert!(other.is_empty(), "{other:?}");
    }
}

#[test]
fn the_api_servers_named_certificates_concern_the_cluster() {
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
        with(&objects, "openshift-config/api"),
        ["cluster APIServer/cluster"]
    );
    assert!(with(&objects, "shop/api").is_empty());
}

#[test]
fn the_certificates_of_component_routes_concern_the_cluster() {
    let routes = json!({"domain": "apps.example.com", "componentRoutes": [
        {"name": "console", "servingCertKeyPairSecret": {"name": "console"}},
        {"name": "downloads", "servingCertKeyPairSecret": {"name": ""}},
        {"name": "oauth"},
    ]});
    let objects = [
        web("openshift-config", "console"),
        config("Ingress", routes),
    ];
    let impacts = with(&objects, "openshift-config/console");
    assert_eq!(impacts, ["cluster Ingress/cluster"]);
}

#[test]
fn a_route_concerns_its_namespace() {
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
    assert_eq!(with(&objects, "shop/web-tls"), ["namespace Route/web"]);
}
