//! The alerting rules: the generated file is up to date, and the documented tables are complete.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::documents::table;

const PLAIN: &str = "alerts/notafter.rules.yaml";
const HUB: &str = "alerts/notafter-hub.rules.yaml";

fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_rules_for_a_plain_prometheus_are_generated_from_the_prometheus_rule() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/plain");
    let generated = Command::new(script).output().unwrap();
    assert!(generated.status.success());
    let generated = String::from_utf8(generated.stdout).unwrap();
    assert!(generated == file(PLAIN), "run `alerts/plain > {PLAIN}`");
}

#[test]
fn the_tables_of_alerts_list_every_alert_with_its_severity_and_delay() {
    for (rules, header) in [
        (PLAIN, "| alert | severity | fires when | for |"),
        (HUB, "| alert of the hub | severity | fires when | for |"),
    ] {
        assert_eq!(documented(header), alerts(rules), "{rules}");
    }
}

/// The name, severity and delay of every alert in a rule file.
fn alerts(path: &str) -> Vec<[String; 3]> {
    let rules: Value = serde_saphyr::from_str(&file(path)).unwrap();
    let groups = rules["groups"].as_array().unwrap();
    let rules = groups
        .iter()
        .flat_map(|group| group["rules"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut alerts: Vec<[String; 3]> = rules
        .filter(|rule| rule.get("alert").is_some())
        .map(|rule| [&rule["alert"], &rule["labels"]["severity"], &rule["for"]].map(text))
        .collect();
    alerts.sort_unstable();
    alerts
}

/// The name, severity and delay of every row in a table of the document.
fn documented(header: &str) -> Vec<[String; 3]> {
    let mut name = String::new();
    let mut documented = Vec::new();
    for row in table("docs/alerts.md", header) {
        if let Some((linked, _)) = row[0].trim_start_matches('[').split_once(']') {
            linked.clone_into(&mut name);
        }
        documented.push([name.clone(), row[1].clone(), row[3].clone()]);
    }
    documented.sort_unstable();
    documented
}
