//! The formats of a report.

use std::collections::BTreeSet;

use notafter_simulator::openshift;
use serde_json::Value;

use super::{Scanned, by_hand, with_days_left};
use crate::world::{THEN, World, secret};

/// The names of the properties of every object of a schema, by the path of the array that holds it.
fn properties(schema: &Value, definition: &str) -> BTreeSet<String> {
    let object = match definition {
        "" => schema,
        name => &schema["$defs"][name],
    };
    object["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[tokio::test]
async fn every_field_of_the_report_is_in_the_schema_and_the_other_way_round() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../docs/report.schema.json")).unwrap();
    let cluster = openshift(THEN);
    let scanned = Scanned::of(&[Some(&cluster), Some(&with_days_left(1))]).await;
    let (report, _) = scanned.report(&["--all-contexts"]).await;
    let fields = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(fields(&report), properties(&schema, ""));
    for (list, definition) in [
        ("certificates", "certificate"),
        ("operators", "operator"),
        ("problems", "problem"),
        ("lists", "list"),
    ] {
        let entries = report[list].as_array().unwrap();
        assert!(!entries.is_empty(), "{list}");
        for entry in entries {
            assert_eq!(fields(entry), properties(&schema, definition), "{entry}");
        }
    }
    let urgencies = schema["$defs"]["certificate"]["properties"]["urgency"]["enum"].as_array();
    let urgencies: BTreeSet<&str> = urgencies
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let summary = fields(&report["summary"]);
    assert_eq!(
        summary.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        urgencies
    );
}

#[tokio::test]
async fn yaml_and_csv_hold_what_the_json_holds() {
    let scanned = Scanned::of(&[Some(&openshift(THEN))]).await;
    let (report, _) = scanned.report(&[]).await;
    let (yaml, status) = scanned.print(&["-o", "yaml"]).await;
    assert_eq!(status, 1);
    assert_eq!(serde_saphyr::from_str::<Value>(&yaml).unwrap(), report);

    let (text, _) = scanned.print(&["-o", "csv"]).await;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let certificates = report["certificates"].as_array().unwrap();
    assert_eq!(rows.len(), certificates.len());
    for (row, certificate) in rows.iter().zip(certificates) {
        for (column, cell) in columns.iter().zip(row) {
            let expected = match &certificate[column] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                Value::Array(texts) => {
                    let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
                    texts.join(" ")
                }
                Value::Object(blocked) => blocked["reason"].as_str().unwrap().into(),
                other => other.to_string(),
            };
            assert_eq!(cell, expected, "{column} of {certificate}");
        }
    }
}

#[tokio::test]
async fn junit_fails_a_case_for_each_certificate_that_needs_a_person_and_stays_xml() {
    let cluster = openshift(THEN);
    cluster.apply(by_hand("hostile", "a<b>&\"c\".example.com", -1));
    let scanned = Scanned::of(&[Some(&cluster)]).await;
    let (report, _) = scanned.report(&[]).await;
    let (xml, _) = scanned.print(&["-o", "junit"]).await;
    let cases = xml.matches("<testcase ").count();
    let problems = report["problems"].as_array().unwrap().len();
    assert_eq!(
        cases,
        report["certificates"].as_array().unwrap().len() + problems
    );
    let urgent = report["certificates"].as_array().unwrap().iter();
    let urgent = urgent.filter(|one| one["needsPerson"] == true).count();
    assert_eq!(xml.matches("<failure ").count(), urgent);
    assert!(xml.contains(&format!("failures=\"{urgent}\" errors=\"{problems}\"")));
    assert!(xml.contains("delete secret packageserver-service-cert"));
}

#[tokio::test]
async fn openmetrics_is_what_serve_exposes_about_the_cluster() {
    let cluster = openshift(THEN);
    let (metrics, _) = Scanned::of(&[Some(&cluster)])
        .await
        .print(&["-o", "openmetrics"])
        .await;
    let mut world = World::listed(cluster.copy());
    world.poll().await;
    assert!(
        metrics.starts_with(&world.inventory()),
        "the same inventory"
    );
    assert!(metrics.ends_with("# EOF\n"));
    assert!(metrics.contains("notafter_list_up{resource=\"secrets\",scope=\"\"} 1\n"));
    let of_process = metrics.lines().filter(|line| line.starts_with("process_"));
    assert_eq!(
        of_process.count(),
        0,
        "those of another process would be overwritten"
    );

    let arguments = ["-o", "openmetrics", "--manager", "olm"];
    let (metrics, _) = Scanned::of(&[Some(&cluster)]).await.print(&arguments).await;
    let mut dates = metrics
        .lines()
        .filter(|line| line.starts_with("cert_not_after_seconds{"));
    assert!(dates.clone().count() > 0);
    assert!(
        dates.all(|line| line.contains("manager=\"olm\"")),
        "{metrics}"
    );
}

#[tokio::test]
async fn openmetrics_has_the_problems_of_what_is_chosen_and_no_others() {
    let cluster = openshift(THEN);
    let namespace = "openshift-operator-lifecycle-manager";
    cluster.apply(by_hand("near", "near.example.com", 5));
    for (namespace, name) in [(namespace, "odd"), ("shop", "broken")] {
        let words = secret(namespace, name, &[("tls.crt", b"no certificate")]);
        cluster.apply(words);
    }
    let scanned = Scanned::of(&[Some(&cluster)]).await;
    let problems = async |flag, value| {
        let (metrics, _) = scanned.print(&["-o", "openmetrics", flag, value]).await;
        let lines = metrics.lines();
        let lines = lines.filter(|line| line.starts_with("notafter_problem{"));
        let has = |name: &str| lines.clone().any(|line| line.contains(name));
        ["name=\"odd\"", "name=\"broken\""].map(has)
    };
    assert_eq!(problems("--manager", "olm").await, [false, false]);
    assert_eq!(problems("--manager", "none").await, [true, true]);
    assert_eq!(problems("--within", "12d").await, [true, true]);
    assert_eq!(problems("--namespace", "shop").await, [false, true]);
}

#[tokio::test]
async fn markdown_has_the_commands_and_obeys_no_text_of_the_cluster() {
    let cluster = openshift(THEN);
    let mut odd = by_hand("odd", "odd.example.com", -1);
    odd["metadata"]["ownerReferences"] = serde_json::json!([
        {"apiVersion": "v1", "kind": "*a*|<b>", "name": "`c`", "uid": "1"}
    ]);
    cluster.apply(odd);
    let scanned = Scanned::of(&[Some(&cluster)]).await;
    let (markdown, _) = scanned.print(&["-o", "markdown"]).await;
    assert!(markdown.starts_with("**"), "{markdown}");
    let command =
        "oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert";
    assert!(
        markdown.contains(&format!("  ```\n  {command}\n  ```\n")),
        "{markdown}"
    );
    assert!(markdown.contains("| left | expires | urgency | manager | certificate |"));
}

#[tokio::test]
async fn colours_are_for_terminals_and_those_who_ask_for_them() {
    let scanned = Scanned::of(&[Some(&with_days_left(-1))]).await;
    let has_colours =
        async |arguments: &[&str]| scanned.print(arguments).await.0.contains('\u{1b}');
    assert!(!has_colours(&[]).await, "a pipe");
    assert!(has_colours(&["--color", "always"]).await);
    assert!(!has_colours(&["--color", "never"]).await);
}
