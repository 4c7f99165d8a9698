//! The report: everything that is known at one time, as plain values for programs and people. Its form
//! is documented by `docs/report.schema.json`, which a test compares with it.
//!
//! A snapshot knows no clock; a report is made for a given time, and has the urgency of each certificate
//! then. Fields are only ever added within one `apiVersion`.

mod certificate;
mod filter;
mod finding;
mod list;
mod operator;
mod problem;
pub mod query;
mod search;
mod time;

use std::collections::BTreeMap;

use serde::Serialize;
use strum::VariantArray;

pub use self::certificate::{Blocked, Certificate};
pub use self::filter::Filter;
pub use self::finding::{Finding, findings, findings_of};
pub use self::list::List;
pub use self::operator::Operator;
pub use self::problem::Problem;
pub use self::query::Query;
pub use self::time::Time;
use crate::health::State;
use crate::object::ObjectRef;
use crate::snapshot::Snapshot;
use crate::urgency::{Thresholds, Urgency};

/// A cluster, or the contents of files, to report about.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The name of the cluster; nothing if there is only one.
    pub cluster: Option<&'a str>,
    /// Everything that is known of it.
    pub snapshot: &'a Snapshot,
    /// The files that objects were read from; nothing for a cluster.
    pub files: Option<&'a BTreeMap<ObjectRef, Box<str>>>,
    /// Problems that are not about an object of the snapshot.
    pub problems: &'a [Problem],
}

/// The report of one or several clusters at a time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    api_version: &'static str,
    kind: &'static str,
    /// The time that the report is made for.
    pub at: Time,
    /// True if everything could be seen: no list failed or was denied, and every file could be read.
    pub complete: bool,
    /// True if anything could be seen: without it, no certificate means nothing.
    #[serde(skip)]
    pub has_read: bool,
    /// The number of certificates by urgency.
    pub summary: BTreeMap<Urgency, usize>,
    /// The certificates, by cluster, object, key and position.
    pub certificates: Vec<Certificate>,
    /// The operators that OLM manages, by cluster, namespace and name.
    pub operators: Vec<Operator>,
    /// Everything that could not be read.
    pub problems: Vec<Problem>,
    /// The lists that were read, or should have been.
    pub lists: Vec<List>,
}

/// The exit status of a command that reports, from the one that wins to the one that yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A certificate needs a person: 1.
    NeedsPerson,
    /// Something could not be seen or read: 3.
    Incomplete,
    /// Everything is well: 0.
    Well,
}

// === impl Source ===

impl Source<'_> {
    /// Returns whether everything could be seen.
    pub fn is_complete(&self) -> bool {
        let mut lists = self.snapshot.lists.iter();
        let is_incomplete = lists.any(|list| List::of(list, self).is_incomplete());
        !is_incomplete && !self.problems.iter().any(|problem| problem.hides)
    }

    /// Returns whether anything could be seen: a list, or an object of a file.
    fn has_read(&self) -> bool {
        let inventory = &self.snapshot.inventory;
        let mut lists = self.snapshot.lists.iter();
        lists.any(|list| list.state == State::Complete || list.objects > 0)
            || !inventory.judged().is_empty()
            || !inventory.operators().is_empty()
            || !inventory.problems.is_empty()
    }
}

// === impl Report ===

impl Report {
    /// Reports about clusters at a time (Unix seconds), as far as certificates pass a filter.
    pub fn of(sources: &[Source<'_>], at: i64, thresholds: &Thresholds, filter: &Filter) -> Self {
        let mut report = Self {
            api_version: "notafter.io/v1",
            kind: "Report",
            at: Time(at),
            complete: true,
            has_read: false,
            summary: Urgency::VARIANTS
                .iter()
                .map(|urgency| (*urgency, 0))
                .collect(),
            certificates: Vec::new(),
            operators: Vec::new(),
            problems: Vec::new(),
            lists: Vec::new(),
        };
        for source in sources {
            report.add(source, thresholds, filter);
        }
        report
    }

    fn add(&mut self, source: &Source<'_>, thresholds: &Thresholds, filter: &Filter) {
        let inventory = &source.snapshot.inventory;
        let at = self.at.0;
        let mut findings = findings(inventory, at, thresholds);
        findings.retain(|finding| filter.passes(finding, at));
        findings.sort_by_cached_key(Finding::identity);
        for finding in &findings {
            *self.summary.entry(finding.urgency).or_default() += 1;
        }
        let certificates = findings.iter();
        self.certificates
            .extend(certificates.map(|finding| Certificate::of(finding, source)));
        let operators = inventory.operators().iter();
        let operators = operators.filter(|operator| filter.has(&operator.object.namespace));
        self.operators
            .extend(operators.map(|operator| Operator::of(operator, source.cluster)));
        let problems = inventory.problems.iter();
        let problems = problems.filter(|problem| filter.has(&problem.object.namespace));
        self.problems
            .extend(problems.map(|problem| Problem::of(problem, source)));
        self.problems.extend(source.problems.iter().cloned());
        let lists = source.snapshot.lists.iter();
        self.lists.extend(lists.map(|list| List::of(list, source)));
        self.complete &= source.is_complete();
        self.has_read |= source.has_read();
    }

    /// The exit status.
    pub fn verdict(&self) -> Verdict {
        if self.certificates.iter().any(|one| one.needs_person) {
            Verdict::NeedsPerson
        } else if !self.complete || !self.problems.is_empty() {
            Verdict::Incomplete
        } else {
            Verdict::Well
        }
    }
}

// === impl Verdict ===

impl Verdict {
    /// The exit status of the process.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::NeedsPerson => 1,
            Self::Incomplete => 3,
            Self::Well => 0,
        }
    }
}
