//! The urgency of a certificate at a given time: does it need a person, and how soon.
//!
//! The Prometheus rules express the same in PromQL (`alerts/notafter.yaml`), without the time that
//! an alert waits. A test runs recorded histories through both (`tests/e2e/test_history.py`).

use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

use crate::facts::names;
use crate::object::ObjectRef;
use crate::rotation::{Evidence, Judged, Manager, Missing, Rotation};
use crate::snapshot::{Dates, Inventory};

const DAY: i64 = 24 * 3600;

/// The urgency of a certificate, from the highest to the lowest: the first that applies.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, Serialize, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Urgency {
    /// The leaf, or an intermediate, has expired.
    Expired,
    /// The leaf, or an intermediate, is not valid yet.
    NotYetValid,
    /// Expiry is days away, and no renewal will come before.
    Imminent,
    /// There is evidence that its manager will not renew it.
    Blocked,
    /// The manager should have renewed it by now.
    Overdue,
    /// Expiry is weeks away, and no manager is known to renew it before.
    Soon,
    /// Nothing needs to be done.
    Ok,
    /// None of its dates can be read.
    Unknown,
}

/// The times before expiry at which a certificate that will not be renewed becomes urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// The time from which it expires soon (seconds), and no more than a third of its validity.
    pub soon: i64,
    /// The time from which its expiry is imminent (seconds), and no more than a tenth of its
    /// validity.
    pub imminent: i64,
}

/// An object at a given time.
#[derive(Clone, Copy, Debug)]
pub struct Assessed<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// The holder with its rotation; nothing if the object is missing.
    pub judged: Option<&'a Judged>,
    /// The rotation.
    pub rotation: &'a Rotation,
    /// The dates that count; nothing if no expiry can be read, or the object is missing.
    pub dates: Option<Dates>,
    /// The urgency.
    pub urgency: Urgency,
}

/// Assesses every holder of the inventory in its order, and every object that is missing, at a time
/// (Unix seconds).
pub fn assess<'a>(
    inventory: &'a Inventory,
    now: i64,
    thresholds: &Thresholds,
) -> Vec<Assessed<'a>> {
    let is_ca_late = is_service_ca_late(inventory, now);
    let present = inventory.judged().iter();
    let present =
        present.map(|judged| Assessed::present(inventory, judged, is_ca_late, now, thresholds));
    let missing = inventory.missing().iter().map(Assessed::missing);
    present.chain(missing).collect()
}

/// Assesses one object at a time (Unix seconds); nothing if it is neither there nor missing.
pub fn assess_one<'a>(
    inventory: &'a Inventory,
    object: &ObjectRef,
    now: i64,
    thresholds: &Thresholds,
) -> Option<Assessed<'a>> {
    let mut missing = inventory.missing().iter();
    let Some(judged) = inventory.find(object) else {
        let missing = missing.find(|missing| missing.object == *object)?;
        return Some(Assessed::missing(missing));
    };
    let is_ca_late = is_service_ca_late(inventory, now);
    Some(Assessed::present(
        inventory, judged, is_ca_late, now, thresholds,
    ))
}

fn is_service_ca_late(inventory: &Inventory, now: i64) -> bool {
    let mut all = inventory.judged().iter();
    all.any(|judged| is_service_ca(judged) && is_overdue(&judged.rotation, now))
}

fn is_service_ca(judged: &Judged) -> bool {
    judged.holder.object.place() == names::SERVICE_CA
}

// === impl Assessed ===

impl<'a> Assessed<'a> {
    fn present(
        inventory: &'a Inventory,
        judged: &'a Judged,
        is_ca_late: bool,
        now: i64,
        thresholds: &Thresholds,
    ) -> Self {
        let (object, rotation) = (&judged.holder.object, &judged.rotation);
        let dates = inventory.dates_of(judged);
        // A late service CA is one matter, not one for each Service.
        let is_of_late_ca =
            is_ca_late && rotation.manager == Manager::ServiceCa && !is_service_ca(judged);
        let urgency = match dates {
            _ if rotation.ignored.is_some() => Urgency::Ok,
            None => Urgency::Unknown,
            Some(dates) => {
                let assessment = Assessment {
                    rotation,
                    dates,
                    counts_as_late: !is_of_late_ca,
                };
                let has_consumer = || inventory.has_consumer(object);
                assessment.urgency(has_consumer, now, thresholds)
            }
        };
        Self {
            object,
            judged: Some(judged),
            rotation,
            dates,
            urgency,
        }
    }

    fn missing(missing: &'a Missing) -> Self {
        Self {
            object: &missing.object,
            judged: None,
            rotation: &missing.rotation,
            dates: None,
            urgency: Urgency::Blocked,
        }
    }
}

/// The facts that decide about one holder.
struct Assessment<'a> {
    rotation: &'a Rotation,
    dates: Dates,
    counts_as_late: bool,
}

// === impl Assessment ===

impl Assessment<'_> {
    fn urgency(
        &self,
        has_consumer: impl FnOnce() -> bool,
        now: i64,
        thresholds: &Thresholds,
    ) -> Urgency {
        let Self {
            rotation, dates, ..
        } = self;
        // A copy expires with its original, or harmlessly; a certificate of the ingress operator
        // without evidence is not in use.
        let is_harmless = rotation.manager == Manager::Copy
            || (rotation.manager == Manager::IngressOperator && rotation.evidence.is_none());
        if is_harmless {
            return Urgency::Ok;
        }
        // What a node left behind is to be deleted some day, and nothing more.
        if rotation.evidence == Some(Evidence::NodeGone) {
            return if is_blocked(rotation, now, dates.not_after) {
                Urgency::Blocked
            } else {
                Urgency::Ok
            };
        }
        if dates.not_after <= now {
            let is_leftover = is_short(dates) && !has_consumer();
            return if is_leftover {
                Urgency::Ok
            } else {
                Urgency::Expired
            };
        }
        let is_unattended = expires_soon(dates, rotation, now, thresholds)
            && !will_be_renewed(rotation, now, dates.not_after);
        if dates.not_before.is_some_and(|not_before| not_before > now) {
            Urgency::NotYetValid
        } else if is_unattended
            && !is_short(dates)
            && is_within(dates, now, thresholds.imminent, 10)
        {
            Urgency::Imminent
        } else if is_blocked(rotation, now, dates.not_after) {
            Urgency::Blocked
        } else if is_overdue(rotation, now) && self.counts_as_late {
            Urgency::Overdue
        } else if is_unattended {
            Urgency::Soon
        } else {
            Urgency::Ok
        }
    }
}

/// Returns whether a renewal is due in the future, before expiry, and nothing speaks against it.
fn will_be_renewed(rotation: &Rotation, now: i64, not_after: i64) -> bool {
    let is_due = |due: i64| due > now && due < not_after;
    rotation.evidence.is_none() && rotation.due.is_some_and(is_due)
}

/// Returns whether there is evidence. The ingress operator never renews anything, and every cluster
/// has certificates of the node that bootstrapped it: that evidence exists from the first day, and
/// counts from 90 days before expiry on.
fn is_blocked(rotation: &Rotation, now: i64, not_after: i64) -> bool {
    match rotation.evidence {
        None => false,
        Some(Evidence::NeverRenewed | Evidence::NodeGone) => not_after <= now + 90 * DAY,
        Some(_) => true,
    }
}

fn is_overdue(rotation: &Rotation, now: i64) -> bool {
    let has_manager = !matches!(rotation.manager, Manager::Copy | Manager::None);
    has_manager && rotation.due.is_some_and(|due| due <= now)
}

// === impl Urgency ===

impl Urgency {
    /// The name of the urgency.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The urgency in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::NotYetValid => "not yet valid",
            urgency => urgency.as_str(),
        }
    }

    /// Returns whether a person has to act at a time, on a certificate that expires at a time (Unix
    /// seconds) or on an object that does not exist. Evidence against a renewal can wait until expiry
    /// is 60 days away, from when on its alert is a warning.
    pub fn needs_person(self, not_after: Option<i64>, now: i64) -> bool {
        match self {
            Self::Blocked => not_after.is_none_or(|not_after| not_after <= now + 60 * DAY),
            Self::Ok | Self::Unknown => false,
            _ => true,
        }
    }
}

// === impl Thresholds ===

impl Thresholds {
    /// The usual thresholds: a month, and a week.
    pub const DEFAULT: Self = Self {
        soon: 30 * DAY,
        imminent: 7 * DAY,
    };
}

impl Default for Thresholds {
    fn default() -> Self {
        Self::DEFAULT
    }
}

// === conditions on dates ===

/// Returns whether the validity is two days at most, which is too short to renew by hand.
fn is_short(dates: &Dates) -> bool {
    dates.life <= 2 * DAY
}

/// Returns whether expiry is near enough to tell a person: within the threshold and a third of the
/// validity, or half of both where a manager may renew it by rules that are not known. What the owner
/// declares counts instead.
fn expires_soon(dates: &Dates, rotation: &Rotation, now: i64, thresholds: &Thresholds) -> bool {
    if let Some(seconds) = rotation.warn_before {
        return dates.not_after - now <= seconds;
    }
    let (threshold, part) = match rotation.manager {
        Manager::None | Manager::Helm => (thresholds.soon, 3),
        _ => (thresholds.soon / 2, 6),
    };
    !is_short(dates) && is_within(dates, now, threshold, part)
}

/// Returns whether the remaining time is within a threshold and within that part of the validity.
fn is_within(dates: &Dates, now: i64, threshold: i64, part: i64) -> bool {
    let left = dates.not_after - now;
    left <= threshold && left * part <= dates.life
}
