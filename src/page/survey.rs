//! One pass over all certificates: everything that the overview counts.

use std::collections::BTreeMap;

use strum::VariantArray;

use crate::object::ObjectRef;
use crate::report::Finding;
use crate::rotation::Manager;
use crate::snapshot::Dates;
use crate::urgency::Urgency;

/// The weeks that the calendar shows: a year.
pub(super) const WEEKS: usize = 52;
const WEEK: i64 = 7 * 24 * 3600;

/// The numbers of the overview, and the findings behind them.
pub(super) struct Survey<'a> {
    /// The number of findings by urgency, in the order of urgencies.
    pub(super) urgencies: [usize; Urgency::VARIANTS.len()],
    /// The findings that need a person, the first to expire first.
    pub(super) urgent: Vec<&'a Finding<'a>>,
    /// The findings that come next, the first to expire first.
    pub(super) next: Vec<&'a Finding<'a>>,
    /// The managers that have certificates.
    pub(super) managers: BTreeMap<&'static str, OfManager<'a>>,
    /// The expiries in the weeks that begin at the time of the survey.
    pub(super) weeks: Vec<Week<'a>>,
    /// The number of objects that have expired.
    pub(super) expired: usize,
    /// The number of objects that expire after the last of the weeks.
    pub(super) later: usize,
    /// The number of objects.
    pub(super) objects: usize,
}

/// The certificates of one manager.
#[derive(Default)]
pub(super) struct OfManager<'a> {
    pub(super) certificates: usize,
    pub(super) urgent: usize,
    /// The next expiry of a certificate that counts.
    pub(super) next: Option<(i64, &'a ObjectRef)>,
}

/// The objects that expire in a week.
#[derive(Default)]
pub(super) struct Week<'a> {
    /// Those of which no renewal before their expiry is known.
    pub(super) unrenewed: Vec<&'a ObjectRef>,
    /// Those that a manager renews before they expire.
    pub(super) renewed: Vec<&'a ObjectRef>,
}

// === impl Survey ===

impl<'a> Survey<'a> {
    /// Surveys all findings, in their order, at a time (Unix seconds).
    pub(super) fn of(findings: &'a [Finding<'a>], at: i64) -> Self {
        let mut survey = Self {
            urgencies: [0; Urgency::VARIANTS.len()],
            urgent: Vec::new(),
            next: Vec::new(),
            managers: BTreeMap::new(),
            weeks: (0..WEEKS).map(|_| Week::default()).collect(),
            expired: 0,
            later: 0,
            objects: 0,
        };
        let mut last = None;
        for finding in findings {
            survey.add(finding, at);
            if last.replace(finding.object) != Some(finding.object) {
                survey.add_object(finding, at);
            }
        }
        survey.urgent.sort_by_key(|finding| finding.not_after());
        survey.next.sort_by_key(|finding| finding.not_after());
        survey
    }

    fn add(&mut self, finding: &'a Finding<'a>, at: i64) {
        self.urgencies[finding.urgency as usize] += 1;
        if finding.needs_person {
            self.urgent.push(finding);
        } else if comes_next(finding, at) {
            self.next.push(finding);
        }
        let name = finding.rotation.manager.as_str();
        let manager = self.managers.entry(name).or_default();
        manager.certificates += 1;
        manager.urgent += usize::from(finding.needs_person);
        if counts(finding)
            && let Some(not_after) = finding.not_after().filter(|not_after| *not_after > at)
        {
            let next = (not_after, finding.object);
            manager.next = Some(manager.next.map_or(next, |before| before.min(next)));
        }
    }

    /// Counts an object once, by its dates that count.
    fn add_object(&mut self, finding: &'a Finding<'a>, at: i64) {
        self.objects += 1;
        let rotation = finding.rotation;
        let is_silent = rotation.manager == Manager::Copy || rotation.ignored.is_some();
        let Some(Dates { not_after, .. }) = finding.dates.filter(|_| !is_silent) else {
            return;
        };
        if not_after <= at {
            self.expired += 1;
            return;
        }
        let week = usize::try_from((not_after - at) / WEEK).unwrap_or(usize::MAX);
        let Some(week) = self.weeks.get_mut(week) else {
            self.later += 1;
            return;
        };
        let is_renewed = rotation.evidence.is_none()
            && rotation.due.is_some_and(|due| due > at && due < not_after);
        let objects = if is_renewed {
            &mut week.renewed
        } else {
            &mut week.unrenewed
        };
        objects.push(finding.object);
    }
}

// === impl Week ===

impl Week<'_> {
    /// The number of objects that expire in the week.
    pub(super) fn len(&self) -> usize {
        self.unrenewed.len() + self.renewed.len()
    }
}

/// The first second of a week of the calendar.
pub(super) fn start(week: usize, at: i64) -> i64 {
    at + i64::try_from(week).unwrap_or_default() * WEEK
}

fn counts(finding: &Finding<'_>) -> bool {
    finding.entry.is_some_and(|entry| entry.role.counts())
}

/// Returns whether a finding is worth a row among those that come next: it counts, and is not a copy of
/// another one.
fn comes_next(finding: &Finding<'_>, at: i64) -> bool {
    counts(finding)
        && finding.rotation.manager != Manager::Copy
        && finding.rotation.ignored.is_none()
        && finding.not_after().is_some_and(|not_after| not_after > at)
}
