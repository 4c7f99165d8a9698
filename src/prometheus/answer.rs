//! The answers of the API, as far as they are read
//! (prometheus/prometheus: web/api/v1/api.go).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Rule;

/// What every answer is wrapped in.
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
    pub(super) result: Vec<Sample>,
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

// === impl Groups ===

impl Groups {
    /// The rules of all groups.
    pub(super) fn rules(self) -> Vec<Rule> {
        let rules = self.groups.into_iter().flat_map(|group| group.rules);
        rules.map(GroupRule::into).collect()
    }
}

impl From<GroupRule> for Rule {
    fn from(rule: GroupRule) -> Self {
        Self {
            alerts: rule.kind == "alerting",
            is_evaluated: rule.health != "unknown",
            runbook_url: rule.annotations.get("runbook_url"),
            error: match &*rule.health {
                "err" if rule.last_error.is_empty() => "its last evaluation failed".into(),
                "err" => rule.last_error,
                _ => String::new(),
            },
            name: rule.name,
        }
    }
}
