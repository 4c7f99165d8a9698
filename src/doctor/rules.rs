//! The rules that Prometheus should have, and what is to be said about those that it has.

use std::collections::BTreeSet;

use super::{Check, State, number};
use crate::prometheus::Rule;

/// The rules of this version, from the file that a Prometheus without the operator loads.
const SHIPPED: &str = include_str!("../../alerts/notafter.rules.yaml");

/// The beginning of the names of the series that our rules record.
const RECORDED: &str = "notafter:";

/// The name of the check.
const NAME: &str = "rules";

/// The names of the alerts of this version.
fn alerts() -> BTreeSet<&'static str> {
    let lines = SHIPPED.lines();
    lines
        .filter_map(|line| line.trim_start().strip_prefix("- alert: "))
        .collect()
}

/// Judges the rules of a Prometheus, beside the version of notafter that it scrapes or, if it scrapes
/// none, of this program.
pub(super) fn check(rules: &[Rule], version: &str) -> Check {
    let expected = alerts();
    let is_ours = |rule: &&Rule| {
        if rule.alerts {
            expected.contains(&*rule.name)
        } else {
            rule.name.starts_with(RECORDED)
        }
    };
    let ours: Vec<&Rule> = rules.iter().filter(is_ours).collect();
    let loaded: BTreeSet<&str> = ours.iter().map(|rule| &*rule.name).collect();
    let missing: Vec<&str> = expected.difference(&loaded).copied().collect();
    if !missing.is_empty() {
        let message = format!(
            "{} of {} are not loaded: {}; the labels of the PrometheusRule must match the ruleSelector of the \
             Prometheus, or its rule_files name alerts/notafter.rules.yaml",
            number(missing.len(), "alert", "alerts"),
            expected.len(),
            missing.join(", ")
        );
        return Check::new(NAME, State::Missing, message);
    }
    if let Some(failed) = ours.iter().find(|rule| !rule.error.is_empty()) {
        let message = format!("{} cannot be evaluated: {}", failed.name, failed.error);
        return Check::new(NAME, State::Failed, message);
    }
    let mut versions = ours.iter().filter_map(|rule| version_of(&rule.runbook_url));
    if let Some(other) = versions.find(|other| *other != version) {
        let message = format!("they are of version {other}, and notafter is {version}");
        return Check::new(NAME, State::Failed, message);
    }
    let all = number(expected.len(), "alert", "alerts");
    if ours.iter().any(|rule| !rule.is_evaluated) {
        let message = format!("all {all} are loaded, and not evaluated yet: ask again in a minute");
        return Check::new(NAME, State::Unknown, message);
    }
    let message = format!("all {all} are loaded, and evaluated without an error");
    Check::new(NAME, State::Ok, message)
}

/// The version that a URL names as a part of its path, such as `v0.1.0`; nothing if it names none.
fn version_of(url: &str) -> Option<&str> {
    let parts = url.split('/');
    let versions = parts.map(|part| part.strip_prefix('v').unwrap_or(part));
    let is_version = |text: &&str| {
        let numbers: Vec<&str> = text.splitn(3, '.').collect();
        let begins = |text: &&str| text.starts_with(|char: char| char.is_ascii_digit());
        numbers.len() == 3 && numbers.iter().all(begins)
    };
    // The parts before are the host, which may be an IP address.
    versions.skip(3).find(is_version)
}
