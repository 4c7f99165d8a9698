//! What cannot be understood, or is not there.

use notafter_simulator::Cluster;
use serde_json::{Value, json};

use super::{MUTATING, VALIDATING, config, hook, impacts};
use crate::managed::{
    api_service, cluster, definition, ingress_controller, route, webhook, webhooks,
};
use crate::world::World;

/// An object of each kind that may need a certificate, with something in it that cannot be.
fn shapeless() -> Vec<Value> {
    let null = json!(null);
    let mut api = api_service("v1.hooks.example.com", "shop/hook", &null);
    api["spec"]["service"] = "shop/hook".into();
    let watching = |rules: Value| {
        let mut webhook = webhook("shop/hook", &json!(null), &[""], "Fail");
        webhook["rules"] = rules;
        webhook
    };
    let mut converted = definition("hooks.example.com", "shop/hook", &null);
    converted["spec"]["conversion"]["webhook"]["clientConfig"]["caBundle"] = "no base64".into();
    let mut controller = ingress_controller("default", "apps");
    controller["spec"]["defaultCertificate"] = 7.into();
    let mut external = route("shop", "web", "web-tls");
    external["spec"]["tls"]["externalCertificate"]["name"] = json!({"a": 1});
    vec![
        api,
        webhooks(VALIDATING, "hooks", &[watching("all".into())]),
        webhooks(MUTATING, "hooks", &[watching(json!([{"apiGroups": [7]}]))]),
        converted,
        controller,
        external,
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

#[tokio::test]
async fn what_cannot_be_understood_is_a_problem_and_costs_nothing_else() {
    let objects = shapeless();
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
    let scrape = World::of(cluster).await.poll().await;
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

#[tokio::test]
async fn what_is_no_secret_of_the_cluster_concerns_nobody() {
    let objects = [
        api_service("v1.hooks.example.com", "shop/hook", &json!(null)),
        route("shop", "web", "gone-tls"),
        ingress_controller("default", ""),
    ];
    let cluster = cluster();
    for object in objects {
        cluster.apply(object);
    }
    let scrape = World::of(cluster).await.poll().await;
    assert!(scrape.all("cert_impact", &[]).is_empty());
}
