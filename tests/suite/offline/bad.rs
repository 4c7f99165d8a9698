//! Input that is damaged, or means no good: a problem with its name, file and line each, and
//! everything else is read.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use notafter::offline::Reason;
use serde_json::{Value, json};

use super::{Files, all, list, names, problems, reasons, text, web, yaml};
use crate::managed::annotated;
use crate::world::{certificate, secret, tls};

/// Another secret, in front of which something is wrong.
fn api() -> Value {
    tls("api", "web", &certificate("web", 60))
}

/// The number of the line that begins with a text.
fn line_of(contents: &str, start: &str) -> Option<usize> {
    let mut lines = contents.lines();
    lines
        .position(|line| line.starts_with(start))
        .map(|index| index + 1)
}

#[test]
fn a_dump_that_is_cut_at_any_byte_is_never_taken_for_a_whole_one() {
    let whole = list(&[api(), web()]);
    for (name, contents) in [
        ("dump.yaml", yaml(&whole)),
        ("dump.json", whole.to_string()),
    ] {
        for length in (20..contents.len() - 80).step_by(97) {
            let inspected = text(name, &contents[..length]);
            let reasons = reasons(&inspected);
            assert!(!reasons.is_empty(), "{name} cut at {length}");
            assert_eq!(inspected.facts.known, [], "{name} cut at {length}");
        }
        let start = contents
            .rfind("\"web\"")
            .or_else(|| contents.find("- apiVersion: v1\n  data"));
        assert!(start.is_some());
    }
}

#[test]
fn the_items_before_the_cut_of_a_dump_are_shown() {
    let contents = yaml(&list(&[api(), web()]));
    let second = contents.rfind("\n- ").unwrap() + 1;
    for cut in [second, second + 40] {
        let inspected = text("dump.yaml", &contents[..cut]);
        assert_eq!(names(&inspected), ["api/web"]);
        assert_eq!(problems(&inspected), [(Reason::Cut, Some(1))]);
    }
    let contents = list(&[api(), web()]).to_string();
    let second = contents.rfind("{\"apiVersion\"").unwrap();
    let inspected = text("dump.json", &contents[..second + 40]);
    assert_eq!(names(&inspected), ["api/web"]);
    assert_eq!(problems(&inspected), [(Reason::Cut, Some(1))]);
}

#[test]
fn an_item_that_is_no_yaml_costs_only_itself() {
    let contents = yaml(&list(&[api(), web()]));
    for (from, to) in [
        (
            "  metadata:\n    name: web\n    namespace: api",
            "  metadata:\n\tname: web\n    namespace: api",
        ),
        (
            "  metadata:\n    name: web\n    namespace: api",
            "  metadata: [\n    name: web\n    namespace: api",
        ),
    ] {
        assert!(contents.contains(from), "{contents}");
        let broken = contents.replacen(from, to, 1);
        let inspected = text("dump.yaml", &broken);
        assert_eq!(names(&inspected), ["shop/web"]);
        let [(Reason::BadSyntax, Some(line))] = problems(&inspected)[..] else {
            panic!("{:?}", inspected.problems);
        };
        let start = line_of(&broken, "  metadata:").unwrap();
        assert!((start..start + 4).contains(&line), "line {line}");
    }
}

#[test]
fn a_tab_in_the_indentation_is_named() {
    let inspected = text(
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n\tname: web\n",
    );
    assert_eq!(problems(&inspected), [(Reason::BadSyntax, Some(4))]);
    assert!(inspected.problems[0].message.contains("a tab"));
}

#[test]
fn a_document_that_is_damaged_costs_only_itself() {
    let contents = format!(
        "{}---\napiVersion: v1\nkind: {{\n---\n{}",
        yaml(&api()),
        yaml(&web())
    );
    let inspected = text("documents.yaml", &contents);
    assert_eq!(names(&inspected), ["api/web", "shop/web"]);
    assert_eq!(reasons(&inspected), [Reason::BadSyntax]);
    let inspected = text(
        "documents.json",
        format!("{}\n{{\"a\" 1}}\n{}", api(), web()),
    );
    assert_eq!(names(&inspected), ["api/web", "shop/web"]);
    assert_eq!(problems(&inspected), [(Reason::BadSyntax, Some(2))]);
}

#[test]
fn what_is_named_and_not_recognised_is_a_problem() {
    for (name, contents, reason) in [
        ("empty.yaml", "", Reason::Empty),
        ("blank.yaml", " \n\n", Reason::Empty),
        (
            "words.txt",
            "error: You must be logged in to the server\n",
            Reason::NotRecognized,
        ),
        ("values.json", "{\"replicas\": 3}", Reason::NotAnObject),
        (
            "key.pem",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            Reason::NoCertificate,
        ),
        (
            "none.yaml",
            "apiVersion: v1\nmetadata: {}\n",
            Reason::NotAnObject,
        ),
        (
            "nameless.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {}\n",
            Reason::InvalidObject,
        ),
        ("scalar.yaml", "apiVersion:\n- 1\n", Reason::NotAnObject),
    ] {
        assert_eq!(reasons(&text(name, contents)), [reason], "{name}");
    }
    let mut latin = yaml(&web()).into_bytes();
    latin.extend(b"# caf\xe9\n");
    let inspected = text("latin.yaml", latin);
    assert_eq!(reasons(&inspected), [Reason::BadEncoding]);
}

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
fn aliases_that_explode_are_a_problem() {
    let sequence = |(from, to): (char, char)| {
        format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 9].join(","))
    };
    let sequences: Vec<String> = ('a'..='y').zip('b'..='z').map(sequence).collect();
    let start = "apiVersion: v1\nkind: Secret\na: &a [x,x,x,x,x,x,x,x,x]\n";
    let contents = format!("{start}{}---\n{}", sequences.concat(), yaml(&web()));
    let inspected = text("aliases.yaml", contents);
    assert_eq!(reasons(&inspected), [Reason::Aliases]);
    assert_eq!(names(&inspected), ["shop/web"]);
    let long = "x".repeat(1 << 20);
    let contents = format!(
        "apiVersion: v1\nkind: Secret\na: &a {long}\nb: [{}]\n",
        vec!["*a"; 90].join(",")
    );
    assert_eq!(reasons(&text("aliases.yaml", contents)), [Reason::Aliases]);
}

#[test]
fn an_object_that_is_too_large_is_passed_over() {
    let large = "x".repeat(17 << 20);
    let large =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "large"}, "data": large});
    let whole = list(&[api(), large, web()]);
    for (name, contents) in [
        ("dump.json", whole.to_string()),
        ("dump.yaml", yaml(&whole)),
    ] {
        let inspected = text(name, contents);
        assert_eq!(reasons(&inspected), [Reason::TooLarge], "{name}");
        assert_eq!(names(&inspected), ["api/web", "shop/web"], "{name}");
    }
}

#[test]
fn compressed_data_that_is_damaged_or_expands_without_end_is_a_problem() {
    let gzip = |contents: &mut dyn Iterator<Item = &[u8]>| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        contents.for_each(|part| gzip.write_all(part).unwrap());
        gzip.finish().unwrap()
    };
    let contents = yaml(&list(&[api(), web()]));
    let whole = gzip(&mut [contents.as_bytes()].into_iter());
    let cut = text("cut.yaml.gz", &whole[..whole.len() - 20]);
    assert_eq!(reasons(&cut), [Reason::Cut]);
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0xff);
    let damaged = reasons(&text("damaged.yaml.gz", damaged));
    assert!(damaged.contains(&Reason::BadCompression), "{damaged:?}");
    let start = format!("{}---\n", yaml(&web()));
    let comment = format!("#{}\n", "x".repeat(1 << 20));
    let endless = std::iter::repeat_n(comment.as_bytes(), 100);
    let bomb = gzip(&mut [start.as_bytes()].into_iter().chain(endless));
    let inspected = text("bomb.yaml.gz", bomb);
    assert_eq!(reasons(&inspected), [Reason::CompressionBomb]);
    assert_eq!(names(&inspected), ["shop/web"]);
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
