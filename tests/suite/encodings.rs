//! The same object yields the same facts in protobuf, JSON and YAML.

use notafter::kinds::{self, Resource};
use notafter::object::Kind;
use notafter::wire::Item;
use notafter_simulator::certificate::Draft;
use serde_json::{Value, json};

use crate::managed::{
    END, FIXED, TARGET, WELL, api_service, asked, cluster_version, csv, definition,
    ingress_controller, olm_secret, owned, packageserver, remembering, rotated, route, service,
    webhook, webhooks,
};
use crate::world::{DAY, THEN};

/// One object of each kind, with most of the fields that are read.
pub(crate) fn objects() -> Vec<Value> {
    let bundle = json!("LS0tLS1CRUdJTg==");
    let named = |kind: &str, spec: Value| {
        json!({
            "apiVersion": "config.openshift.io/v1", "kind": kind, "metadata": {"name": "cluster"},
            "spec": spec,
        })
    };
    vec![
        owned(olm_secret(FIXED, END), "ClusterServiceVersion", "widgets"),
        rotated(TARGET, (THEN, THEN + 30 * DAY), "360h0m0s"),
        service("web", "web-tls"),
        remembering(csv(WELL), END),
        packageserver(),
        asked("app", "dflt"),
        api_service("v1.web.example.com", "app/web", &bundle),
        webhooks(
            "ValidatingWebhookConfiguration",
            "hooks",
            &[webhook("app/web", &bundle, &["apps"], "Fail")],
        ),
        definition("web.example.com", "app/web", &bundle),
        cluster_version(),
        named(
            "APIServer",
            json!({
                "servingCerts": {"namedCertificates": [{"servingCertificate": {"name": "api"}}]},
                "tlsSecurityProfile": {"type": "Custom", "custom": {
                    "ciphers": ["ECDHE-RSA-AES128-GCM-SHA256"], "minTLSVersion": "VersionTLS12",
                }},
            }),
        ),
        named(
            "Ingress",
            json!({"componentRoutes": [{"servingCertKeyPairSecret": {"name": "console"}}]}),
        ),
        ingress_controller("default", "apps"),
        route("app", "web", "web-tls"),
    ]
}

/// The list that an object belongs to.
pub(crate) fn resource(kind: &str) -> &'static Resource {
    let mut all = kinds::ALL.iter();
    all.find(|resource| resource.kind.as_str() == kind).unwrap()
}

#[test]
fn an_object_in_json_and_in_yaml_yields_the_same_facts() {
    for object in objects() {
        let resource = resource(object["kind"].as_str().unwrap());
        let (json, yaml) = (
            object.to_string(),
            serde_saphyr::to_string(&object).unwrap(),
        );
        let from_json = Item::json(resource.kind, json.as_bytes()).unwrap();
        let from_yaml = Item::yaml(resource.kind, &yaml).unwrap();
        let facts = resource.read(&from_json).unwrap();
        assert!(!facts.is_empty(), "{}", resource.kind.as_str());
        assert_eq!(facts, resource.read(&from_yaml).unwrap(), "{yaml}");
    }
}

#[test]
fn an_object_in_protobuf_yields_the_facts_of_its_yaml() {
    for object in objects() {
        let resource = resource(object["kind"].as_str().unwrap());
        if !matches!(resource.kind, Kind::Secret | Kind::Service) {
            continue;
        }
        let message = notafter_simulator::protobuf(&object);
        let yaml = serde_saphyr::to_string(&object).unwrap();
        let from_protobuf = resource.item(&message).unwrap();
        let from_yaml = Item::yaml(resource.kind, &yaml).unwrap();
        let facts = resource.read(&from_protobuf).unwrap();
        assert_eq!(facts, resource.read(&from_yaml).unwrap(), "{yaml}");
    }
}

#[test]
fn the_labels_that_are_wanted_are_kept_in_every_encoding() {
    let pair = Draft::named("web").valid(THEN, THEN + DAY).self_signed();
    let mut secret = crate::world::tls("shop", "web", &pair);
    secret["metadata"]["labels"] = json!({"stage": "lab", "other": "x", "example.com/empty": ""});
    secret["metadata"]["annotations"] = json!({"stage": "production", "tier": "web"});
    let (message, json) = (notafter_simulator::protobuf(&secret), secret.to_string());
    let yaml = serde_saphyr::to_string(&secret).unwrap();
    let keys = ["example.com/empty", "stage", "tier"].map(Box::from);
    for item in [
        Item::protobuf(Kind::Secret, &message),
        Item::json(Kind::Secret, json.as_bytes()),
        Item::yaml(Kind::Secret, &yaml),
    ] {
        let item = item.unwrap();
        assert!(item.meta().unwrap().labels.is_empty(), "none is wanted");
        let labels = item.with_labels(&keys).meta().unwrap().labels;
        let labels: Vec<(&str, &str)> = labels
            .iter()
            .map(|label| (&*label.key, &*label.value))
            .collect();
        assert_eq!(labels, [("example.com/empty", ""), ("stage", "lab")]);
    }
}

#[test]
fn the_private_key_of_a_secret_is_handed_out_in_no_encoding() {
    let pair = Draft::named("web").valid(THEN, THEN + DAY).self_signed();
    let data = [
        ("tls.crt", pair.certificate.as_bytes()),
        ("tls.key", pair.key.as_bytes()),
    ];
    let secret = crate::world::secret("shop", "web-tls", &data);
    let (message, json) = (notafter_simulator::protobuf(&secret), secret.to_string());
    let yaml = serde_saphyr::to_string(&secret).unwrap();
    for item in [
        Item::protobuf(Kind::Secret, &message),
        Item::json(Kind::Secret, json.as_bytes()),
        Item::yaml(Kind::Secret, &yaml),
    ] {
        let mut keys = Vec::new();
        item.unwrap()
            .data(&mut |key, _| keys.push(key.to_owned()))
            .unwrap();
        assert_eq!(keys, ["tls.crt"]);
    }
}
