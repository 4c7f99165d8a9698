//! Consumers with invalid fields, and references to secrets that do not exist.

use notafter_simulator::Cluster;
use serde_json::{Value, json};

use super::{MUTATING, VALIDATING, config, hook, impacts};
use crate::managed::{
    api_service, cluster, definition, ingress_controller, route, webhook, webhooks,
};
use crate::world::World;

/// One object of each kind that may need a certificate, each with an invalid field.
fn invalid_objects() -> Vec<Value> {
    let null = json!(null);
    let mut api = api_service("v1.hooks.example.com", "shop/hook", &null);
    api["spec"]["service"] = "shop/hook".into();
    let with_rules = |rules: Value| {
        let mut webhook = webhook("shop/hook", &json!(null), &[""], "Fail");
        webhook["rules"] = rules;
        webhook
    };
    let mut definition = definition("hooks.example.com", "shop/hook", &null);
    definition["spec"]["conversion"]["webhook"]["clientConfig"]["caBundle"] = "no base64".into();
    let mut controller = ingress_controller("default", "apps");
    controller["spec"]["defaultCertificate"] = 7.into();
    let mut route = route("shop", "web", "web-tls");
    route["spec"]["tls"]["externalCertificate"]["name"] = json!({"a": 1});
    vec![
        api,
        webhooks(VALIDATING, "hooks", &[with_rules("all".into())]),
        webhooks(
            MUTATING,
            "hooks",
            &[with_rules(json!([{"apiGroups": [7]}]))],
        ),
        definition,
        controller,
        route,
        config(
            "APIServer",
            json!({"servingCerts": {"namedCertificates": "api"}}),
        ),
        config(
            "Ingress",
            json!({"componentRoutes": [{"servingCertKeyPairSecret": [1]}]}),
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_invalid_field_is_reported_as_a_problem_and_other_consumers_are_still_found() {
    let objects = invalid_objects();
    let cluster: Cluster = cluster();
    cluster.apply(hook());
    cluster.apply(api_service(
        "v1.fine.example.com",
        "shop/hook",
        &json!(null),
    ));
    for object in objects.clone() {
        cluster.apply(object);
    }
    let scrape = World::of(cluster).poll().await;
    assert_eq!(
        impacts(&scrape, "shop/hook-tls"),
        ["cluster APIService/v1.fine.example.com"]
    );
    for object in &objects {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
        let namespace = text(&object["metadata"]["namespace"]);
        let labels = [
            ("kind", &*kind),
            ("cert_namespace", &namespace),
            ("name", &name),
            ("reason", "invalid_field"),
        ];
        assert_eq!(scrape.value("notafter_problem", &labels), 1, "{kind}");
    }
    assert_eq!(scrape.problems().len(), objects.len());
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_does_not_exist_has_no_impact() {
    let objects = [
        api_service("v1.hooks.example.com", "shop/hook", &json!(null)),
        route("shop", "web", "gone-tls"),
        ingress_controller("default", ""),
    ];
    let cluster = cluster();
    for object in objects {
        cluster.apply(object);
    }
    let scrape = World::of(cluster).poll().await;
    assert!(scrape.all("cert_impact", &[]).is_empty());
}
