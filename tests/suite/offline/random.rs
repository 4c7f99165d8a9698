//! Random objects: the facts are the same, whatever the form of the file.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Files, all, list, reasons, yaml};
use crate::managed::{labelled, service};
use crate::world::{certificate, operator, secret};

/// A text such as annotations and keys hold, with everything that YAML quotes.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 :#{}\\[\\],&*!|>'\"%@`~\\\\\n\t-]{0,40}",
        Just("yes".to_owned()),
        Just("null".to_owned()),
        Just("1e3".to_owned()),
        Just("0x1f".to_owned()),
        Just("- items:\n---\n- a\n".to_owned()),
        Just("\u{e9}\u{1f512}\u{2028}".to_owned()),
    ]
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{0,3}(-[0-9]{1,2})?"
}

fn secret_of_any_type() -> impl Strategy<Value = Value> {
    let data = prop::collection::vec(
        (
            "[a-z]{1,3}\\.(crt|pem|jks)",
            prop::collection::vec(any::<u8>(), 0..60),
        ),
        0..3,
    );
    let annotations = prop::collection::btree_map("[a-z./-]{1,12}", text(), 0..3);
    let of = prop_oneof![3 => Just("kubernetes.io/tls"), 1 => Just("Opaque")];
    (name(), name(), data, annotations, of, 1..400_i64).prop_map(
        |(namespace, name, data, annotations, of, days)| {
            let pair = certificate("web", days);
            let mut all: Vec<(&str, &[u8])> = vec![
                ("tls.crt", pair.certificate.as_bytes()),
                ("tls.key", pair.key.as_bytes()),
            ];
            all.extend(data.iter().map(|(key, value)| (&**key, &**value)));
            let mut secret = secret(&namespace, &name, &all);
            secret["type"] = of.into();
            secret["metadata"]["annotations"] = json!(annotations);
            secret
        },
    )
}

fn object() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => secret_of_any_type(),
        1 => (name(), name()).prop_map(|(name, secret)| service(&name, &secret)),
        1 => (name(), name(), any::<bool>(), text()).prop_map(|(namespace, name, is_copy, reason)| {
            let mut operator = operator(&namespace, &name, "Succeeded");
            operator["status"]["reason"] = reason.into();
            if is_copy { labelled(operator, "olm.copiedFrom", "operators") } else { operator }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_form_of_a_file_makes_no_difference(objects in prop::collection::vec(object(), 0..6)) {
        // Two objects of one name would be a problem.
        let mut seen = std::collections::BTreeSet::new();
        let place = |object: &Value| format!("{} {} {}", object["kind"], object["metadata"]["namespace"], object["metadata"]["name"]);
        let objects: Vec<Value> = objects.into_iter().filter(|object| seen.insert(place(object))).collect();
        let selected: Vec<Value> = objects
            .iter()
            .filter(|object| object["type"] != "Opaque" && object["metadata"]["labels"]["olm.copiedFrom"].is_null())
            .cloned()
            .collect();
        let expected = super::dumps::expected(&selected);
        let files = Files::new();
        let list = list(&objects);
        files.write("list.yaml", yaml(&list));
        files.write("list.json", list.to_string());
        if !objects.is_empty() {
            let documents: Vec<String> = objects.iter().map(yaml).collect();
            files.write("documents.yaml", documents.join("---\n"));
            let lines: Vec<String> = objects.iter().map(Value::to_string).collect();
            files.write("documents.json", lines.join("\n"));
        }
        for (index, object) in objects.iter().enumerate() {
            files.write(&format!("folder/{index}.yaml"), yaml(object));
        }
        for name in ["list.yaml", "list.json", "documents.yaml", "documents.json", "folder"] {
            if files.path(name).exists() {
                let inspected = files.read(name);
                prop_assert_eq!(reasons(&inspected), [], "{}", name);
                prop_assert_eq!(all(&inspected.facts), &*expected, "{}", name);
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(start in prop_oneof![Just("apiVersion: v1\n"), Just("{"), Just("items:\n- "), Just("["), Just("-----BEGIN CERTIFICATE-----\n"), Just("0\u{82}")], rest in "[a-c:\\-{}\\[\\],&*!|>'\" \n\t#\\\\]{0,200}") {
        super::text("any.yaml", format!("{start}{rest}"));
    }
}
