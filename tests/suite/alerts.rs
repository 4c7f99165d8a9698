//! The alerting rules: the generated file is up to date, and the documented table is complete.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::documents::table;

const PLAIN: &str = "alerts/notafter.rules.yaml";

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
fn the_table_of_alerts_lists_every_alert_with_its_severity_and_delay() {
    let rules: Value = serde_saphyr::from_str(&file(PLAIN)).unwrap();
    let groups = rules["groups"].as_array().unwrap();
    let rules = groups
        .iter()
        .flat_map(|group| group["rules"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut alerts: Vec<[String; 3]> = rules
        .filter(|rule| rule.get("alert").is_some())
        .map(|rule| [&rule["alert"], &rule["labels"]["severity"], &rule["for"]].map(text))
        .collect();
    let mut name = String::new();
    let mut documented = Vec::new();
    for row in table("docs/alerts.md", "| alert | severity | fires when | for |") {
        if let Some((linked, _)) = row[0].trim_start_matches('[').split_once(']') {
            linked.clone_into(&mut name);
        }
        documented.push([name.clone(), row[1].clone(), row[3].clone()]);
    }
    alerts.sort_unstable();
    documented.sort_unstable();
    assert_eq!(documented, alerts);
}
