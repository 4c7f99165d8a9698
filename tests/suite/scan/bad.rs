//! Bad input, from the command line: each kind is a problem with its name, its file and its line, all
//! else is shown, and no format has a private key.

mod entries;
mod expanding;

use std::path::Path;
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter_simulator::certificate::Pair;
use serde_json::{Value, json};

use super::{NOW, by_hand};
use crate::offline::{Files, list, yaml};
use crate::running::{notafter, stderr};
use crate::world::{certificate, tls};

const FORMATS: [&str; 8] = [
    "table",
    "json",
    "yaml",
    "csv",
    "junit",
    "openmetrics",
    "markdown",
    "webhook",
];

/// Runs a command about a path as of the reference time.
fn run(mut command: Command, path: &Path) -> Output {
    command.arg(path).args(["--at", NOW]).output().unwrap()
}

/// The output of some formats, JSON among them, and the report, of a path.
fn scan(path: &Path, formats: &[&str]) -> (Vec<String>, Value, i32) {
    let mut printed = Vec::new();
    let mut status = None;
    for format in formats {
        let output = run(notafter(&["scan", "--all", "--output", format]), path);
        assert_eq!(stderr(&output), "", "{} as {format}", path.display());
        let found = output.status.code().unwrap();
        assert_eq!(*status.get_or_insert(found), found, "{format}");
        printed.push(String::from_utf8(output.stdout).unwrap());
    }
    let report = serde_json::from_str(&printed[1]).unwrap();
    (printed, report, status.unwrap())
}

/// Asserts what the report about a path says: its problems by reason and line, and the names of the
/// secrets that are shown; and that the private keys, if there are any, are in no format.
fn assert_scan(path: &Path, problems: &[(&str, Option<usize>)], shown: &[&str], keys: &[&Pair]) {
    let formats = if keys.is_empty() {
        &FORMATS[..2]
    } else {
        &FORMATS
    };
    let (printed, report, status) = scan(path, formats);
    let name = path.display().to_string();
    let place =
        |line: Option<usize>| line.map_or(name.clone(), |line| format!("{name}, line {line}"));
    let found = report["problems"].as_array().unwrap().iter();
    let found: Vec<Value> = found
        .map(|problem| json!([problem["reason"], problem["source"]]))
        .collect();
    let expected = problems.iter();
    let expected: Vec<Value> = expected
        .map(|(reason, line)| json!([reason, place(*line)]))
        .collect();
    assert_eq!(found, expected, "{name}");
    let certificates = report["certificates"].as_array().unwrap().iter();
    let mut names: Vec<&str> = certificates
        .filter_map(|certificate| certificate["name"].as_str())
        .collect();
    names.dedup();
    assert_eq!(names, shown, "{name}");
    assert_eq!(status, if problems.is_empty() { 0 } else { 3 }, "{name}");
    for (_, line) in problems {
        let is_shown = |word| printed[0].contains(&format!("{word}: {}: ", place(*line)));
        let is_shown = is_shown("Problem") || is_shown("Nothing could be read");
        assert!(is_shown, "line {line:?}\n{}", printed[0]);
    }
    for key in keys {
        let (body, encoded) = (key.key.lines().nth(1).unwrap(), STANDARD.encode(&key.key));
        for (format, text) in FORMATS.iter().zip(&printed) {
            let is_printed = text.contains(body) || text.contains(&encoded[40..80]);
            assert!(!is_printed, "{name} as {format}: {text}");
        }
    }
}

/// The number of the line of a text that a part of it begins in.
fn line_of(contents: &str, part: &str) -> Option<usize> {
    let at = contents.find(part)?;
    Some(1 + contents[..at].matches('\n').count())
}

/// A secret that is well: `shop/well`.
fn well() -> Value {
    by_hand("well", "well.example.com", 300)
}

/// A document in which something is wrong, before one that is well.
fn documents(bad: &str) -> String {
    format!("{bad}---\n{}", yaml(&well()))
}

#[test]
fn text_that_is_damaged_is_a_problem_with_its_line_and_the_rest_is_shown() {
    let files = Files::new();
    let pair = certificate("web", 300);
    let bad = yaml(&tls("shop", "bad", &pair));
    let whole = list(&[well(), tls("shop", "bad", &pair)]);
    let key = STANDARD.encode(&pair.key);
    let cut = |contents: String| {
        let at = contents.rfind(&key).unwrap() + key.len() / 2;
        contents[..at].to_owned()
    };
    let tabs = documents(&bad.replace("  tls.key", "\ttls.key"));
    let tab = line_of(&tabs, "\ttls.key");
    let deep = format!(
        "{{\"apiVersion\": {}1{}}}",
        "[".repeat(9999),
        "]".repeat(9999)
    );
    let mut latin = documents("apiVersion: v1\n# caf\n").into_bytes();
    latin.insert(b"apiVersion: v1\n# caf".len(), 0xe9);
    for (name, contents, problem, shown) in [
        (
            "cut.yaml",
            cut(yaml(&whole)).into(),
            ("cut", Some(1)),
            &["well"][..],
        ),
        (
            "cut.json",
            cut(whole.to_string()).into(),
            ("cut", Some(1)),
            &["well"],
        ),
        (
            "tabs.yaml",
            tabs.into_bytes(),
            ("bad_syntax", tab),
            &["well"],
        ),
        (
            "deep.json",
            format!("{deep}\n{}", well()).into(),
            ("bad_syntax", Some(1)),
            &["well"],
        ),
        ("latin.yaml", latin, ("bad_encoding", Some(2)), &["well"]),
        (
            "words.txt",
            b"error: You must be logged in\n".to_vec(),
            ("not_recognized", None),
            &[],
        ),
        (
            "values.json",
            b"{\"replicas\": 3}".to_vec(),
            ("not_an_object", Some(1)),
            &[],
        ),
        (
            "key.pem",
            pair.key.clone().into(),
            ("no_certificate", None),
            &[],
        ),
        ("empty.yaml", Vec::new(), ("empty", None), &[]),
    ] {
        let path = files.write(name, contents);
        assert_scan(&path, &[problem], shown, &[&pair]);
    }
    let cut = run(notafter(&["explain", "shop/bad"]), &files.path("cut.yaml"));
    assert_eq!(cut.status.code(), Some(3));
    let message = "no TLS secret shop/bad; not everything could be read, see notafter scan\n";
    assert_eq!(stderr(&cut), message);
}

#[test]
fn a_value_that_no_api_server_returns_is_a_problem_of_its_object() {
    let files = Files::new();
    let pair = certificate("web", 300);
    let of = |key: &str, value: Value| {
        let mut secret = tls("shop", "bad", &pair);
        secret["data"][key] = value;
        yaml(&secret)
    };
    let mut draft = tls("shop", "bad", &pair);
    draft["stringData"] = json!({"tls.key": pair.key});
    let twice = of("tls.crt", "first".into()).replace("first", "first\n  tls.crt: second");
    let (first, last) = (
        STANDARD.encode(&pair.key),
        STANDARD.encode(&pair.certificate),
    );
    let twice = twice.replace("first", &first).replace("second", &last);
    for (name, contents, reason, shown) in [
        (
            "base64",
            of("tls.crt", "LS0tLS1CRUdJTiB!".into()),
            "bad_base64",
            &["well"][..],
        ),
        (
            "redacted",
            of("tls.crt", "*** REDACTED ***".into()),
            "redacted",
            &["well"],
        ),
        ("removed", of("tls.crt", Value::Null), "removed", &["well"]),
        (
            "key",
            of("tls.crt", pair.key.clone().into()),
            "bad_base64",
            &["well"],
        ),
        ("draft", yaml(&draft), "string_data", &["bad", "well"]),
        ("twice", twice, "duplicate_key", &["bad", "well"]),
    ] {
        let path = files.write(&format!("{name}.yaml"), documents(&contents));
        assert_scan(&path, &[(reason, Some(1))], shown, &[&pair]);
    }
    let differing = format!(
        "{}---\n{}",
        yaml(&well()),
        yaml(&by_hand("well", "other", 200))
    );
    let second = line_of(&differing, "---");
    let path = files.write("differing.yaml", differing);
    assert_scan(&path, &[("conflict", second)], &["well"], &[]);
}

#[test]
fn line_ends_of_windows_and_other_encodings_of_unicode_are_no_problem() {
    let files = Files::new();
    let windows = yaml(&well()).replace('\n', "\r\n");
    let marked = format!("\u{feff}{windows}");
    let little = marked.encode_utf16().flat_map(u16::to_le_bytes);
    let big = marked.encode_utf16().flat_map(u16::to_be_bytes);
    for (name, contents) in [
        ("windows.yaml", windows.clone().into_bytes()),
        ("marked.yaml", marked.clone().into_bytes()),
        ("little.yaml", little.collect()),
        ("big.yaml", big.collect()),
    ] {
        assert_scan(&files.write(name, contents), &[], &["well"], &[]);
    }
}
