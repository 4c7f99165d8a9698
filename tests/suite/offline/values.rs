//! Values that no API server returns, in an object that is well otherwise.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter::offline::Reason;
use serde_json::json;

use super::{Files, all, list, names, problems, reasons, text, web, yaml};
use crate::managed::annotated;
use crate::world::{certificate, secret, tls};

#[test]
fn a_value_that_was_removed_or_replaced_costs_only_itself() {
    let pem = STANDARD.encode(certificate("ca", 90).certificate);
    for (value, reason) in [
        (json!("*** REDACTED ***"), Reason::Redacted),
        (json!("<redacted>"), Reason::Redacted),
        (json!("xxxxx"), Reason::Redacted),
        (json!("LS0tLS1CRUdJTiB!"), Reason::BadBase64),
        (json!(null), Reason::Removed),
        (json!(17), Reason::InvalidObject),
    ] {
        let mut secret = web();
        secret["data"] = json!({"ca.crt": pem, "tls.crt": value});
        let contents = yaml(&secret);
        let inspected = text("secret.yaml", &contents);
        assert_eq!(problems(&inspected), [(reason, Some(1))], "{contents}");
        let [problem] = &inspected.problems[..] else {
            unreachable!()
        };
        assert_eq!(&*problem.key, "tls.crt");
        assert_eq!(
            problem.object.as_ref().map(|object| &*object.name),
            Some("web")
        );
        let holder = &inspected.facts.holders[0];
        assert_eq!(holder.fields.len(), 1, "the other key is read");
    }
    let mut secret = web();
    secret.as_object_mut().unwrap().remove("data");
    assert_eq!(
        reasons(&text("secret.json", secret.to_string())),
        [Reason::Removed]
    );
}

#[test]
fn base64_in_several_lines_is_read_as_go_reads_it() {
    let pair = certificate("web", 30);
    let encoded = STANDARD.encode(&pair.certificate);
    let (start, end) = encoded.split_at(64);
    let contents = format!(
        "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {{name: web, namespace: shop}}\n\
         data:\n  tls.crt: |\n    {start}\n    {end}\n"
    );
    let inspected = text("secret.yaml", contents);
    assert_eq!(reasons(&inspected), []);
    assert!(inspected.facts.holders[0].leaf().is_some());
}

#[test]
fn a_draft_with_string_data_is_read_and_named() {
    let pair = certificate("web", 30);
    let mut secret = web();
    secret.as_object_mut().unwrap().remove("data");
    secret["stringData"] = json!({"tls.crt": pair.certificate, "tls.key": pair.key});
    let inspected = text("secret.yaml", yaml(&secret));
    assert_eq!(reasons(&inspected), [Reason::StringData]);
    assert!(inspected.facts.holders[0].leaf().is_some());
}

#[test]
fn a_key_that_is_there_twice_is_named_and_the_last_one_counts() {
    let value = |days| STANDARD.encode(certificate("web", days).certificate);
    let (first, last) = (value(30), value(60));
    let yaml = format!(
        "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata:\n  name: web\n  namespace: shop\n\
         data:\n  tls.crt: {first}\n  tls.crt: {last}\n"
    );
    let json = format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"type\":\"kubernetes.io/tls\",\"data\":{{\"tls.crt\":\"{first}\",\
         \"tls.crt\":\"{last}\"}},\"metadata\":{{\"name\":\"web\",\"namespace\":\"shop\"}}}}"
    );
    for (name, contents) in [("secret.yaml", yaml), ("secret.json", json)] {
        let inspected = text(name, contents);
        assert_eq!(reasons(&inspected), [Reason::DuplicateKey], "{name}");
        assert_eq!(&*inspected.problems[0].key, "tls.crt");
        let leaf = inspected.facts.holders[0].leaf().unwrap();
        let expected = notafter::certificate::blocks(&STANDARD.decode(&last).unwrap()).next();
        assert_eq!(Some(leaf), expected.unwrap().certificate());
    }
}

#[test]
fn of_two_documents_of_one_object_the_newer_one_counts() {
    let version = |days, version: &str| {
        let mut secret = tls("shop", "web", &certificate("web", days));
        secret["metadata"]["resourceVersion"] = version.into();
        secret
    };
    let (old, new) = (version(30, "999"), version(60, "1000"));
    for documents in [[&old, &new], [&new, &old]] {
        let files = Files::new();
        files.write("a.yaml", yaml(documents[0]));
        files.write("b.yaml", yaml(documents[1]));
        let inspected = files.read_all();
        assert_eq!(reasons(&inspected), [Reason::Conflict]);
        let alone = text("new.yaml", yaml(&new));
        assert_eq!(all(&inspected.facts), all(&alone.facts));
    }
    let twice = text("twice.yaml", format!("{}---\n{}", yaml(&new), yaml(&new)));
    assert_eq!(reasons(&twice), []);
    assert_eq!(names(&twice), ["shop/web"]);
}

#[test]
fn a_private_key_is_in_no_result() {
    let pair = certificate("web", 30);
    let key = STANDARD.encode(&pair.key);
    let applied =
        json!({"data": {"tls.key": key}, "stringData": {"tls.key": pair.key}}).to_string();
    let good = tls("shop", "web", &pair);
    let good = annotated(
        good,
        "kubectl.kubernetes.io/last-applied-configuration",
        &applied,
    );
    let mut combined = secret(
        "shop",
        "combined",
        &[(
            "tls.crt",
            format!("{}{}", pair.key, pair.certificate).as_bytes(),
        )],
    );
    combined["stringData"] = json!({"tls.key": pair.key, "other": pair.key});
    let mut wrong = tls("shop", "wrong", &pair);
    wrong["data"]["tls.crt"] = pair.key.clone().into();
    wrong["data"][pair.key.clone()] = json!(1);
    let whole = list(&[good, combined, wrong]);
    let body = pair.key.lines().nth(1).unwrap().to_owned();
    let contents = yaml(&whole);
    let cut = contents.find(&key).unwrap() + 30;
    for contents in [
        contents.clone(),
        contents[..cut].to_owned(),
        whole.to_string(),
        contents.replace("tls.key: ", "tls.key: ["),
        contents.replace("  data:\n", "  data: - \n"),
        format!(
            "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    client-key-data: {key}\n    client-certificate-data: {key}\n"
        ),
        format!("apiVersion: {key}\n\tkind: {key}\n"),
        format!("{}{}", pair.key, pair.certificate),
    ] {
        let shown = format!("{:?}", text("dump", contents));
        assert!(!shown.contains(&body), "{shown}");
        assert!(!shown.contains(&key[40..80]), "{shown}");
    }
}

#[test]
fn a_value_is_taken_for_base64_exactly_if_it_can_be_decoded() {
    for value in [
        "",
        "=",
        "==",
        "====",
        "A",
        "AA",
        "AA=",
        "AA==",
        "AB==",
        "AAA=",
        "AAB=",
        "AAE=",
        "AAAA",
        "AAA*",
        "AAAAA===",
        "A===",
        "AA=A",
        "\u{e9}AA=",
        "+/+/",
        "-_-_",
    ] {
        let mut secret = web();
        secret["data"]["ca.crt"] = value.into();
        let is_reported = !reasons(&text("secret.json", secret.to_string())).is_empty();
        assert_eq!(is_reported, STANDARD.decode(value).is_err(), "{value}");
    }
}
