//! The urgency of a certificate at a given time: does it need a person, and how soon.
//!
//! The Prometheus rules express the same in PromQL (`alerts/notafter.yaml`), without the time that
//! an alert waits. A test runs recorded histories through both (`tests/e2e/test_history.py`).

mod assessment;

use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

use crate::facts::names;
use crate::object::ObjectRef;
use crate::rotation::{Judged, Manager, Missing, Rotation};
use crate::snapshot::{Dates, Inventory};

use self::assessment::Assessment;

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
    /// True if the object has expired, was valid for two days or less, and no consumer of it is known.
    pub is_ephemeral: bool,
}

/// Assesses the objects of an inventory at a time.
pub struct Assessor<'a> {
    inventory: &'a Inventory,
    now: i64,
    thresholds: Thresholds,
    is_service_ca_late: bool,
}

// === impl Assessor ===

impl<'a> Assessor<'a> {
    /// An assessor at a time (Unix seconds).
    pub fn new(inventory: &'a Inventory, now: i64, thresholds: Thresholds) -> Self {
        let mut all = inventory.judged().iter();
        let is_service_ca_late = all
            .any(|judged| is_service_ca(judged) && assessment::is_overdue(&judged.rotation, now));
        Self {
            inventory,
            now,
            thresholds,
            is_service_ca_late,
        }
    }

    /// Assesses every holder of the inventory in its order, and every object that is missing.
    pub fn all(&self) -> Vec<Assessed<'a>> {
        let present = self.inventory.judged().iter();
        let present = present.map(|judged| self.present(judged));
        let missing = self.inventory.missing().iter().map(Assessed::missing);
        present.chain(missing).collect()
    }

    /// Assesses one object; nothing if it is neither there nor missing.
    pub fn one(&self, object: &ObjectRef) -> Option<Assessed<'a>> {
        if let Some(judged) = self.inventory.find(object) {
            return Some(self.present(judged));
        }
        let mut missing = self.inventory.missing().iter();
        let missing = missing.find(|missing| missing.object == *object)?;
        Some(Assessed::missing(missing))
    }

    fn present(&self, judged: &'a Judged) -> Assessed<'a> {
        let (object, rotation) = (&judged.holder.object, &judged.rotation);
        let dates = self.inventory.dates_of(judged);
        let assessment = dates.as_ref().map(|dates| Assessment {
            rotation,
            dates,
            has_consumer: self.inventory.has_consumer(object),
            counts_as_late: !self.is_of_late_service_ca(judged),
            now: self.now,
            thresholds: &self.thresholds,
        });
        let urgency = match &assessment {
            _ if rotation.ignored.is_some() => Urgency::Ok,
            None => Urgency::Unknown,
            Some(assessment) => assessment.urgency(),
        };
        let is_ephemeral = assessment.is_some_and(|assessment| assessment.is_ephemeral());
        Assessed {
            object,
            judged: Some(judged),
            rotation,
            dates,
            urgency,
            is_ephemeral,
        }
    }

    /// Returns whether a certificate is one of many of a service CA that is late itself: that is one
    /// matter, not one for each Service.
    fn is_of_late_service_ca(&self, judged: &Judged) -> bool {
        let is_of_service_ca = judged.rotation.manager == Manager::ServiceCa;
        self.is_service_ca_late && is_of_service_ca && !is_service_ca(judged)
    }
}

fn is_service_ca(judged: &Judged) -> bool {
    judged.holder.object.place() == names::SERVICE_CA
}

// === impl Assessed ===

impl<'a> Assessed<'a> {
    fn missing(missing: &'a Missing) -> Self {
        Self {
            object: &missing.object,
            judged: None,
            rotation: &missing.rotation,
            dates: None,
            urgency: Urgency::Blocked,
            is_ephemeral: false,
        }
    }
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
