//! The diagnosis: whether notafter can read what it needs, and whether what it finds reaches anybody.
//!
//! The answers of an API server and of a Prometheus become one line for each check, with the command
//! that repairs what is missing.

mod asked;
mod monitoring;
mod rights;
mod rules;
mod targets;

use serde::Serialize;
use strum::IntoStaticStr;

pub use self::asked::Asked;
use crate::api::Examined;
use crate::prometheus::{Error, Monitoring};
use crate::report::Verdict;

/// The results of all checks. Fields are only ever added within one `apiVersion`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    api_version: &'static str,
    kind: &'static str,
    /// The checks, in the order in which one depends on another.
    pub checks: Vec<Check>,
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// The name of the check.
    pub name: String,
    /// The result.
    pub state: State,
    /// The result, in words.
    pub message: String,
    /// The command that repairs it.
    pub fix: Option<String>,
    /// The command that shows more, where nothing safe repairs it.
    pub look_at: Option<String>,
}

/// The result of a check, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Everything is as it should be.
    #[strum(serialize = "ok")]
    Ok,
    /// Something is not there: a right, a target, a rule.
    #[strum(serialize = "missing")]
    Missing,
    /// Something is there, and does not work.
    #[strum(serialize = "failed")]
    Failed,
    /// The server gives no answer to it.
    #[strum(serialize = "unknown")]
    Unknown,
    /// The question was not asked for, or this server cannot be asked.
    #[strum(serialize = "not checked")]
    NotChecked,
}

// === impl Diagnosis ===

impl Diagnosis {
    /// Judges the answers. The first error is that of an API server that cannot be asked, the second
    /// that of a Prometheus.
    pub fn of(
        asked: &Asked,
        examined: Result<&Examined, &str>,
        monitoring: Option<Result<&Monitoring, &Error>>,
    ) -> Self {
        let mut checks = rights::checks(asked, examined);
        checks.extend(monitoring::checks(asked, monitoring));
        Self {
            api_version: "notafter.io/v1",
            kind: "Diagnosis",
            checks,
        }
    }

    /// The number of checks with that result.
    pub fn count(&self, state: State) -> usize {
        let checks = self.checks.iter();
        checks.filter(|check| check.state == state).count()
    }

    /// The exit status. A check that was not made changes nothing.
    pub fn verdict(&self) -> Verdict {
        if self.count(State::Missing) + self.count(State::Failed) > 0 {
            Verdict::NeedsPerson
        } else if self.count(State::Unknown) > 0 {
            Verdict::Incomplete
        } else {
            Verdict::Well
        }
    }
}

// === impl Check ===

impl Check {
    fn new(name: impl Into<String>, state: State, message: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            state,
            message: message.into(),
            fix: None,
            look_at: None,
        }
    }

    fn fix(self, command: impl Into<String>) -> Self {
        let fix = Some(command.into());
        Self { fix, ..self }
    }

    fn look_at(self, command: impl Into<String>) -> Self {
        let look_at = Some(command.into());
        Self { look_at, ..self }
    }
}

/// A number of things, in words.
fn number(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The most things that a message names.
const NAMED: usize = 3;

/// The first of many things, and the number of the others.
fn some(things: &[impl AsRef<str>]) -> String {
    let named = things.iter().take(NAMED).map(AsRef::as_ref);
    let named: Vec<&str> = named.collect();
    match things.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        others => format!("{} and {others} more", named.join(", ")),
    }
}
