//! The rules that Prometheus should have, and what is to be said about those that it has.

use std::collections::BTreeSet;

use super::{Check, State, number, some};
use crate::prometheus::Rule;

/// The rules of this version, from the file that a Prometheus without the operator loads.
const SHIPPED: &str = include_str!("../../alerts/notafter.rules.yaml");

/// The beginning of the names of our groups. Others may have alerts of the same names.
const GROUPS: &str = "notafter.";

/// The name of the check.
const NAME: &str = "rules";

/// The names of the rules of this version, as the file names them: alerts, or the series that the alerts
/// are computed from.
fn shipped(field: &str) -> impl Iterator<Item = &'static str> {
    let lines = SHIPPED.lines();
    lines.filter_map(move |line| line.trim_start().strip_prefix("- ")?.strip_prefix(field))
}

/// Judges the rules of a Prometheus, beside the versions of notafter that it scrapes or, if it scrapes
/// none, that of this program.
pub(super) fn check(rules: &[Rule], versions: &BTreeSet<String>) -> Check {
    let (alerts, series): (BTreeSet<&str>, BTreeSet<&str>) =
        (shipped("alert: ").collect(), shipped("record: ").collect());
    let is_ours = |rule: &&Rule| rule.group.starts_with(GROUPS);
    let ours: Vec<&Rule> = rules.iter().filter(is_ours).collect();
    let loaded: BTreeSet<&str> = ours.iter().map(|rule| &*rule.name).collect();
    let missing = alerts.union(&series).filter(|name| !loaded.contains(*name));
    let missing: Vec<&str> = missing.copied().collect();
    if !missing.is_empty() {
        let message = format!(
            "{} of {} not loaded: {}; the labels of the PrometheusRule must match the ruleSelector of the Prometheus, \
             or its rule_files name alerts/notafter.rules.yaml",
            missing.len(),
            number(alerts.len() + series.len(), "rule is", "rules are"),
            some(&missing)
        );
        return Check::new(NAME, State::Missing, message);
    }
    if let Some(failed) = ours.iter().find(|rule| !rule.error.is_empty()) {
        let message = format!("{} cannot be evaluated: {}", failed.name, failed.error);
        return Check::new(NAME, State::Failed, message);
    }
    let named: BTreeSet<&str> = ours
        .iter()
        .filter_map(|rule| version_of(&rule.runbook_url))
        .collect();
    if named.iter().any(|version| !versions.contains(*version)) {
        let message = format!(
            "they are of version {}, and notafter is {}",
            listed(&named),
            listed(versions)
        );
        return Check::new(NAME, State::Failed, message);
    }
    let (alerts, series) = (number(alerts.len(), "alert", "alerts"), series.len());
    let all = format!("all {alerts} and {series} recording rules are loaded");
    if ours.iter().any(|rule| !rule.is_evaluated) {
        let message = format!("{all}, and not evaluated yet: ask again in a minute");
        return Check::new(NAME, State::Unknown, message);
    }
    let message = format!("{all}, and evaluated without an error");
    Check::new(NAME, State::Ok, message)
}

/// All versions of a set.
fn listed(versions: &BTreeSet<impl AsRef<str>>) -> String {
    let versions: Vec<&str> = versions.iter().map(AsRef::as_ref).collect();
    versions.join(" and ")
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
