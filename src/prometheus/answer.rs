//! The answers of the API, as far as they are read
//! (prometheus/prometheus: web/api/v1/api.go).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::Rule;

/// The envelope of every answer.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) status: Status,
    pub(super) data: Option<T>,
    #[serde(default)]
    pub(super) error: String,
}

/// The result of a request.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Success,
    Error,
}

/// Labels, or annotations.
#[derive(Default, Deserialize)]
pub(super) struct Labels(BTreeMap<String, String>);

/// An instant vector.
#[derive(Deserialize)]
pub(super) struct Vector {
    result: Vec<Sample>,
}

#[derive(Deserialize)]
pub(super) struct Sample {
    pub(super) metric: Labels,
    /// The time and the value.
    pub(super) value: (f64, String),
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Targets {
    pub(super) active_targets: Vec<ActiveTarget>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ActiveTarget {
    pub(super) labels: Labels,
    #[serde(default)]
    pub(super) last_error: String,
}

/// The groups of rules.
#[derive(Deserialize)]
pub(super) struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
    rules: Vec<GroupRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupRule {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    /// `ok`, `err` or `unknown` (rules/rule.go, `RuleHealth`).
    #[serde(default)]
    health: String,
    #[serde(default)]
    last_error: String,
    #[serde(default)]
    annotations: Labels,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Alertmanagers {
    pub(super) active_alertmanagers: Vec<Alertmanager>,
}

#[derive(Deserialize)]
pub(super) struct Alertmanager {}

// === impl Labels ===

impl Labels {
    /// The value of a label; empty if there is none.
    pub(super) fn get(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

// === impl Vector ===

impl Vector {
    /// Reads every sample.
    pub(super) fn map<T>(self, read: impl FnMut(Sample) -> T) -> Vec<T> {
        self.result.into_iter().map(read).collect()
    }

    /// The values of a label.
    pub(super) fn labels(self, name: &str) -> BTreeSet<String> {
        let values = self.result.iter().map(|sample| sample.metric.get(name));
        values.filter(|value| !value.is_empty()).collect()
    }
}

// === impl Groups ===

impl Groups {
    /// The rules of all groups.
    pub(super) fn rules(self) -> Vec<Rule> {
        let groups = self.groups.into_iter();
        let rules = groups.flat_map(|Group { name, rules }| {
            let rules = rules.into_iter();
            rules.map(move |rule| rule.in_group(name.clone()))
        });
        rules.collect()
    }
}

// === impl GroupRule ===

impl GroupRule {
    fn in_group(self, group: String) -> Rule {
        Rule {
            group,
            alerts: self.kind == "alerting",
            is_evaluated: self.health != "unknown",
            runbook_url: self.annotations.get("runbook_url"),
            error: match &*self.health {
                "err" if self.last_error.is_empty() => "its last evaluation failed".into(),
                "err" => self.last_error,
                _ => String::new(),
            },
            name: self.name,
        }
    }
}
