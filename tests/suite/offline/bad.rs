//! Input that is damaged: a problem with its name, file and line each, and everything else is read.

use std::collections::BTreeSet;

use notafter::offline::Reason;
use strum::VariantArray;

use super::{api, list, names, problems, reasons, text, web, yaml};

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
fn every_reason_is_in_the_table_of_the_documentation() {
    let text = include_str!("../../../docs/scan.md");
    let (_, table) = text.split_once("| problem | meaning |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let rows = table.lines().filter_map(|row| row.split('|').nth(1));
    let documented: BTreeSet<&str> = rows
        .flat_map(|names| names.split('`').skip(1).step_by(2))
        .collect();
    let known: BTreeSet<&str> = Reason::VARIANTS
        .iter()
        .map(|reason| reason.as_str())
        .collect();
    assert_eq!(documented, known);
}
