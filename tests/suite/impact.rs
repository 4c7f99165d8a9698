//! The consumers that fail when a certificate expires: objects that name its secret or call the
//! Service that it serves.

mod named;
mod platform;
mod shapes;

use notafter_simulator::certificate::Draft;
use serde_json::{Value, json};

use crate::judged::judge;
use crate::managed::{
    END, FIXED, ServiceCa, WELL, api_service, cluster, copied, csv, definition, olm_secret,
    packageserver, service, webhook, webhooks,
};
use crate::scrape::Scrape;
use crate::world::{DAY, THEN, World, certificate, tls};

const VALIDATING: &str = "ValidatingWebhookConfiguration";
const MUTATING: &str = "MutatingWebhookConfiguration";

/// The consumers of a secret's leaf certificate in a scrape, as `impact consumer`.
fn impacts(scrape: &Scrape, place: &str) -> Vec<String> {
    let (namespace, name) = place.split_once('/').unwrap();
    let labels = [
        ("kind", "Secret"),
        ("cert_namespace", namespace),
        ("name", name),
        ("key", "tls.crt"),
        ("position", "0"),
    ];
    let samples = scrape.all("cert_impact", &labels);
    let texts = samples
        .iter()
        .map(|sample| format!("{} {}", sample.label("impact"), sample.label("consumer")));
    texts.collect()
}

/// The impacts of a secret in a cluster with these objects, from the rules alone, without a poll.
fn impacts_with(objects: &[Value], place: &str) -> Vec<String> {
    let cluster = cluster();
    for object in objects {
        cluster.apply(object.clone());
    }
    let (namespace, name) = place.split_once('/').unwrap();
    let inventory = judge(&cluster);
    let impacts = inventory.impacts.iter();
    let of_secret = impacts.filter(|impact| impact.object.place() == (namespace, name));
    let texts = of_secret.map(|impact| {
        let consumer = impact.consumer.seen_from(namespace);
        format!("{} {consumer}", impact.reach.as_str())
    });
    texts.collect()
}

/// A secret whose certificate is valid for the Service `hook` in namespace `shop`.
fn hook() -> Value {
    let leaf = Draft::named("hook").hosts(&["hook.shop", "hook.shop.svc"]);
    tls(
        "shop",
        "hook-tls",
        &leaf.valid(THEN, THEN + 90 * DAY).self_signed(),
    )
}

/// A TLS secret with a certificate that names no Service.
fn web(namespace: &str, name: &str) -> Value {
    tls(namespace, name, &certificate("web", 90))
}

/// A cluster-wide configuration object of OpenShift.
fn config(kind: &str, spec: Value) -> Value {
    let mut object = json!({
        "apiVersion": "config.openshift.io/v1", "kind": kind, "metadata": {"name": "cluster"},
    });
    object["spec"] = spec;
    object
}

#[test]
fn an_api_served_by_a_service_affects_the_whole_cluster() {
    let api = api_service("v1.hooks.example.com", "shop/hook", &json!(null));
    let impacts = impacts_with(&[hook(), api], "shop/hook-tls");
    assert_eq!(impacts, ["cluster APIService/v1.hooks.example.com"]);
}

#[test]
fn an_api_that_the_api_server_serves_itself_needs_no_certificate() {
    let mut api = api_service("v1.apps", "shop/hook", &json!(null));
    api["spec"]["service"] = json!(null);
    assert!(impacts_with(&[hook(), api], "shop/hook-tls").is_empty());
}

#[test]
fn a_webhook_affects_the_cluster_if_its_failure_blocks_built_in_resources() {
    let cases: [(&[&str], &str, &str); 10] = [
        (&[""], "Fail", "cluster"),
        (&["apps"], "", "cluster"),
        (&["*"], "Fail", "cluster"),
        (&["rbac.authorization.k8s.io"], "", "cluster"),
        (&["example.com", "batch"], "Fail", "cluster"),
        (&["example.com"], "Fail", "operator"),
        (&["example.com"], "", "operator"),
        (&["notk8s.io"], "Fail", "operator"),
        (&["apps"], "Ignore", "operator"),
        (&[], "Fail", "operator"),
    ];
    for kind in [VALIDATING, MUTATING] {
        for (groups, policy, reach) in cases {
            let webhook = webhook("shop/hook", &json!(null), groups, policy);
            let impacts = impacts_with(
                &[hook(), webhooks(kind, "hooks", &[webhook])],
                "shop/hook-tls",
            );
            assert_eq!(
                impacts,
                [format!("{reach} {kind}/hooks")],
                "{groups:?} {policy}"
            );
        }
    }
}

#[test]
fn webhooks_of_one_configuration_are_reported_once_per_impact() {
    let own = webhook("shop/hook", &json!(null), &["example.com"], "Fail");
    let pods = webhook("shop/hook", &json!(null), &[""], "Fail");
    let elsewhere = webhook("blog/hook", &json!(null), &[""], "Fail");
    let mut outside = own.clone();
    outside["clientConfig"] = json!({"url": "https://hook.shop.svc"});
    let all = [own.clone(), own, pods, elsewhere, outside];
    let impacts = impacts_with(
        &[hook(), webhooks(VALIDATING, "hooks", &all)],
        "shop/hook-tls",
    );
    let both = ["cluster", "operator"].map(|reach| format!("{reach} {VALIDATING}/hooks"));
    assert_eq!(impacts, both);
}

#[test]
fn a_conversion_webhook_affects_its_operator() {
    let definition = definition("hooks.example.com", "shop/hook", &json!(null));
    let mut unconverted = definition.clone();
    unconverted["metadata"]["name"] = "pins.example.com".into();
    unconverted["spec"]["conversion"] = json!({"strategy": "None"});
    let impacts = impacts_with(&[hook(), definition, unconverted], "shop/hook-tls");
    assert_eq!(
        impacts,
        ["operator CustomResourceDefinition/hooks.example.com"]
    );
}

#[test]
fn a_service_is_matched_by_its_exact_name_and_namespace() {
    for (service, count) in [
        ("shop/hook", 1),
        ("blog/hook", 0),
        ("shop/hook2", 0),
        ("shop/ook", 0),
    ] {
        let api = api_service("v1.hooks.example.com", service, &json!(null));
        assert_eq!(
            impacts_with(&[hook(), api], "shop/hook-tls").len(),
            count,
            "{service}"
        );
    }
    let mut elsewhere = hook();
    elsewhere["metadata"]["namespace"] = "blog".into();
    let api = api_service("v1.hooks.example.com", "shop/hook", &json!(null));
    assert!(impacts_with(&[elsewhere, api], "blog/hook-tls").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_service_is_also_matched_by_the_annotation_of_service_ca() {
    let (cluster, ca) = (cluster(), ServiceCa::since(THEN));
    cluster.apply(service("web", "web-tls"));
    ca.serve(&cluster, "web", THEN);
    cluster.edit("Secret", "app", "web-tls", |secret| {
        secret["data"] = web("app", "web-tls")["data"].clone();
    });
    cluster.apply(api_service("v1.web.example.com", "app/web", &json!(null)));
    let scrape = World::of(cluster).poll().await;
    assert_eq!(
        impacts(&scrape, "app/web-tls"),
        ["cluster APIService/v1.web.example.com"]
    );
}

#[test]
fn an_operator_needs_the_secret_that_olm_created_and_its_cluster_operator_is_affected_too() {
    let place = (
        "openshift-operator-lifecycle-manager",
        "packageserver-service-cert",
    );
    let secret = copied(&olm_secret(FIXED, END), place.0, place.1);
    let place = format!("{}/{}", place.0, place.1);
    let expected = [
        "cluster ClusterOperator/operator-lifecycle-manager-packageserver",
        "operator ClusterServiceVersion/packageserver",
    ];
    assert_eq!(impacts_with(&[secret, packageserver()], &place), expected);
    let widgets = impacts_with(
        &[olm_secret(FIXED, END), csv(WELL)],
        crate::managed::WIDGETS,
    );
    assert_eq!(widgets, ["operator ClusterServiceVersion/widgets.v1.4.2"]);
}
