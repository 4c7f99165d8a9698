//! Everything that is concluded about one object, and the facts that it follows from.

use crate::object::{Mark, ObjectRef};
use crate::report::{Finding, findings_of};
use crate::rotation::{Action, Rotation, Rules};
use crate::snapshot::{Advice, Inventory, Problem, Role};
use crate::urgency::{Assessed, Assessor, Thresholds, Urgency};

const DAY: i64 = 24 * 3600;

/// An object, explained at a given time.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// The urgency of the object.
    pub urgency: Urgency,
    /// True if a person has to act.
    pub needs_person: bool,
    /// True if the object has expired, was valid for two days or less, and no consumer of it is known: then
    /// its expiry is not reported.
    pub is_ephemeral: bool,
    /// The certificates; for a missing object, its absence.
    pub findings: Vec<Finding<'a>>,
    /// The rotation.
    pub rotation: &'a Rotation,
    /// The rules of its manager.
    pub rules: Rules,
    /// The contents of its alerts.
    pub advice: Advice<'a>,
    /// The labels and annotations of managers and owners, with their values.
    pub marks: Vec<(&'static str, &'a str)>,
    /// The owners, each as `Kind/name`.
    pub owners: Vec<&'a str>,
    /// Everything about it that could not be read.
    pub problems: Vec<&'a Problem>,
    /// The changes of its urgency that follow if nothing else changes, in the order of time.
    pub changes: Vec<Change>,
}

/// A change of an object's urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The time (Unix seconds).
    pub at: i64,
    /// The urgency from then on.
    pub urgency: Urgency,
    /// True if a person has to act from then on.
    pub needs_person: bool,
}

// === impl Explanation ===

impl<'a> Explanation<'a> {
    /// Explains an object at a time (Unix seconds); nothing if it is neither there nor missing.
    pub fn of(
        inventory: &'a Inventory,
        object: &ObjectRef,
        at: i64,
        thresholds: &Thresholds,
    ) -> Option<Self> {
        let state = Assessor::new(inventory, at, *thresholds).one(object)?;
        let mut findings: Vec<_> = findings_of(inventory, &state, at).collect();
        // What is presented comes before what verifies others.
        findings
            .sort_by_key(|finding| finding.entry.is_some_and(|entry| entry.role == Role::Trust));
        let Assessed {
            object,
            judged,
            rotation,
            dates,
            urgency,
            is_ephemeral,
        } = state;
        let meta = judged.map(|judged| &judged.holder.meta);
        let problems = inventory.problems.iter();
        Some(Self {
            object,
            urgency,
            needs_person: needs_person(&state, at),
            is_ephemeral: is_ephemeral && urgency == Urgency::Ok && rotation.ignored.is_none(),
            findings,
            rotation,
            rules: Rules::of(rotation.manager),
            advice: inventory.advice_of(object, rotation, dates),
            marks: meta.map_or_else(Vec::new, |meta| {
                let marks = meta.marks.all();
                marks
                    .map(|(mark, value)| (Mark::key(mark), value))
                    .collect()
            }),
            owners: meta.map_or_else(Vec::new, |meta| {
                meta.owners.iter().map(|owner| &**owner).collect()
            }),
            problems: problems
                .filter(|problem| problem.object == *object)
                .collect(),
            changes: changes(inventory, &state, at, thresholds),
        })
    }

    /// The command that repairs the state of the object, or shows more of it; nothing if all is well.
    pub fn command(&self) -> Option<(Action, &str)> {
        let action = self.advice.action.filter(|_| self.urgency < Urgency::Ok)?;
        Some((action, &self.advice.remedy))
    }
}

fn needs_person(state: &Assessed<'_>, at: i64) -> bool {
    let not_after = state.dates.map(|dates| dates.not_after);
    state.urgency.needs_person(not_after, at)
}

/// Returns the changes of an object's urgency after a time. The urgency changes at dates, and at given
/// times before expiry; so it is assessed at each of those, and not by other rules.
fn changes(
    inventory: &Inventory,
    state: &Assessed<'_>,
    at: i64,
    thresholds: &Thresholds,
) -> Vec<Change> {
    let Some(dates) = state.dates else {
        return Vec::new();
    };
    let before_expiry = [
        0,
        thresholds.soon,
        thresholds.soon / 2,
        thresholds.imminent,
        dates.life / 3,
        dates.life / 6,
        dates.life / 10,
        60 * DAY,
        90 * DAY,
        state.rotation.warn_before.unwrap_or_default(),
    ];
    let mut times: Vec<i64> = before_expiry.map(|before| dates.not_after - before).into();
    times.extend(state.rotation.due);
    times.extend(dates.not_before);
    times.retain(|time| *time > at);
    times.sort_unstable();
    times.dedup();
    let mut last = (state.urgency, needs_person(state, at));
    let change = |time: i64| {
        let then = Assessor::new(inventory, time, *thresholds).one(state.object)?;
        let now = (then.urgency, needs_person(&then, time));
        let is_new = std::mem::replace(&mut last, now) != now;
        is_new.then_some(Change {
            at: time,
            urgency: now.0,
            needs_person: now.1,
        })
    };
    times.into_iter().filter_map(change).collect()
}
