//! The properties that several targets assert.

use notafter::facts::Fact;
use notafter::kinds::{self, Resource};
use notafter::wire::Item;
use serde_json::Value;

/// The most bytes of a text that is kept of an object: names of certificates, marks, owners
/// (`certificate::bounded`); and of the DNS names of a certificate together.
const LONGEST: usize = 256;
const LONGEST_DNS_NAMES: usize = 512;

/// Returns the list that the first byte of an input selects, and the rest of the input.
pub fn selected(input: &[u8]) -> Option<(&'static Resource, &[u8])> {
    let (first, rest) = input.split_first()?;
    let lists: Vec<&Resource> = kinds::ALL
        .iter()
        .copied()
        .chain([&kinds::CLIENT_CA])
        .collect();
    Some((lists[usize::from(*first) % lists.len()], rest))
}

/// Returns the facts about an object, after assertions about all that it hands out.
pub fn facts(resource: &Resource, item: &Item<'_>) -> Option<Vec<Fact>> {
    let _ = item.data(&mut |key, _| assert_ne!(key, "tls.key"));
    if let Ok(meta) = item.meta() {
        assert!(meta.owners.len() <= 8);
        assert!(meta.owners.iter().all(|owner| owner.len() <= LONGEST));
    }
    let facts = resource.read(item).ok()?;
    for fact in &facts {
        if let Fact::Holder(holder) = fact {
            assert!(holder.fields.iter().all(|field| &*field.path != "tls.key"));
            let blocks = holder.fields.iter().flat_map(|field| &field.blocks);
            blocks.for_each(check_block);
        }
    }
    Some(facts.into_vec())
}

/// Asserts that an object yields the same facts in JSON and in YAML.
pub fn check_documents(resource: &Resource, mut object: Value) {
    simplify(&mut object);
    let json = object.to_string();
    // What the library writes is its own affair: only what it reads back is compared.
    let Ok(yaml) = serde_saphyr::to_string(&object) else {
        return;
    };
    if serde_saphyr::from_str::<Value>(&yaml).ok() != Some(object) {
        return;
    }
    let from_json = Item::json(resource.kind, json.as_bytes()).ok();
    let from_yaml = Item::yaml(resource.kind, &yaml).ok();
    let [from_json, from_yaml] = [from_json, from_yaml].map(|item| facts(resource, &item?));
    assert_eq!(from_json, from_yaml, "{yaml}");
}

/// The fields that are lists.
const LISTS: [&str; 9] = [
    "apiGroups",
    "ciphers",
    "componentRoutes",
    "namedCertificates",
    "owned",
    "ownerReferences",
    "rules",
    "webhookdefinitions",
    "webhooks",
];

/// Removes what JSON and YAML do not read alike: numbers and truth values, which YAML takes for a text
/// where one is expected, and lists in the place of fields, which serde takes for those of a JSON
/// object in their order.
fn simplify(value: &mut Value) {
    match value {
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => *value = Value::Null,
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::Array(items) if LISTS.contains(&&**key) => {
                        items.iter_mut().for_each(simplify);
                    }
                    value => simplify(value),
                }
            }
        }
        Value::Null | Value::String(_) => {}
    }
}

/// Asserts that a block has a date or a defect, and that its texts are bounded and fit in a line.
pub fn check_block(block: &notafter::certificate::Block) {
    assert!(block.certificate().is_some() || block.defect().is_some());
    let Some(certificate) = block.certificate() else {
        return;
    };
    assert!(certificate.not_before.is_some() || certificate.not_after.is_some());
    let texts = [
        &certificate.subject,
        &certificate.issuer,
        &certificate.serial,
    ];
    for text in texts {
        assert!(text.len() <= LONGEST, "{} bytes", text.len());
        assert!(!text.contains(char::is_control), "{text:?}");
    }
    assert!(certificate.dns_names.len() <= LONGEST_DNS_NAMES);
}
