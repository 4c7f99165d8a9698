//! Mutated objects in protobuf, JSON and YAML: an odd object is refused or read as far as it goes,
//! alike in JSON and in YAML, and never hands out its private key.

use fastrand::Rng;
use notafter::kinds::{ObjectFacts, Resource};
use notafter::wire::{Item, Malformed};
use notafter_simulator::rng;
use serde_json::{Value, json};

use super::mutate;
use crate::encodings::{objects, resource};

/// The facts about an object that can be read. Its private key is not among what is handed out.
fn facts(resource: &Resource, item: Result<Item<'_>, Malformed>) -> Option<ObjectFacts> {
    let keys = ["kubevirt.io/duration", "app"].map(Box::from);
    let item = item.ok()?.with_labels(&keys);
    let _ = item.data(&mut |key, _| assert_ne!(key, "tls.key"));
    resource.read(&item).ok()
}

/// Objects of every kind, with a private key in the secrets.
fn samples() -> Vec<(&'static Resource, Value)> {
    let with_key = |mut object: Value| {
        if object["kind"] == "Secret" {
            object["data"]["tls.key"] = "bm90IGEga2V5".into();
        }
        (resource(object["kind"].as_str().unwrap()), object)
    };
    objects().into_iter().map(with_key).collect()
}

/// Puts something odd into a random place of an object.
fn distort(rng: &mut Rng, object: &mut Value) {
    // No numbers and truth values: where a text is expected, YAML takes them for one. No lists: where
    // fields are expected, serde takes those of a JSON list in their order.
    let odd = [
        json!(null),
        json!(""),
        json!("2024-01-01"),
        json!("x".repeat(600)),
        json!("\u{0}\n\u{85}\u{2028}: - #"),
        json!("0x1F"),
        json!("~"),
        json!({}),
        json!({"name": {}}),
    ];
    let mut at = object;
    loop {
        let length = match at {
            Value::Object(fields) => fields.len(),
            Value::Array(items) => items.len(),
            _ => 0,
        };
        if length == 0 || rng.u8(..4) == 0 {
            *at = odd[rng.usize(..odd.len())].clone();
            return;
        }
        let index = rng.usize(..length);
        at = match at {
            Value::Object(fields) => fields.values_mut().nth(index).unwrap(),
            Value::Array(items) => &mut items[index],
            _ => unreachable!("it has no parts"),
        };
    }
}

#[test]
fn mutated_protobuf_is_refused_or_read() {
    let mut rng = rng();
    for (resource, object) in samples() {
        let message = notafter_simulator::protobuf(&object);
        for _ in 0..500 {
            let mut message = message.clone();
            mutate(&mut rng, &mut message);
            facts(resource, Item::protobuf(resource.kind, &message));
        }
    }
}

#[test]
fn mutated_json_and_yaml_are_refused_or_read() {
    let mut rng = rng();
    for (resource, object) in samples() {
        let json = object.to_string();
        let yaml = serde_saphyr::to_string(&object).unwrap();
        for _ in 0..30 {
            let (mut json, mut yaml) = (json.clone().into_bytes(), yaml.clone().into_bytes());
            mutate(&mut rng, &mut json);
            facts(resource, Item::json(resource.kind, &json));
            mutate(&mut rng, &mut yaml);
            let yaml = String::from_utf8_lossy(&yaml);
            facts(resource, Item::yaml(resource.kind, &yaml));
        }
    }
}

#[test]
fn an_object_with_odd_values_yields_the_same_facts_in_json_and_in_yaml() {
    let mut rng = rng();
    let mut compared = 0;
    for (resource, original) in samples() {
        for _ in 0..30 {
            let mut object = original.clone();
            distort(&mut rng, &mut object);
            let json = object.to_string();
            let yaml = serde_saphyr::to_string(&object).unwrap();
            // What is not the same in YAML cannot be read alike.
            if serde_saphyr::from_str::<Value>(&yaml).ok() != Some(object) {
                continue;
            }
            let from_json = facts(resource, Item::json(resource.kind, json.as_bytes()));
            let from_yaml = facts(resource, Item::yaml(resource.kind, &yaml));
            assert_eq!(from_json, from_yaml, "{yaml}");
            compared += 1;
        }
    }
    assert!(compared > 200, "{compared}");
}
