//! The rule: the urgency of one holder, from its rotation and its dates.

use super::{DAY, Thresholds, Urgency};
use crate::rotation::{Evidence, Manager, Rotation};
use crate::snapshot::Dates;

/// The facts that decide about one holder.
pub(super) struct Assessment<'a> {
    pub(super) rotation: &'a Rotation,
    /// The dates that count.
    pub(super) dates: &'a Dates,
    /// True if a consumer of the object is known.
    pub(super) has_consumer: bool,
    /// True if an overdue renewal counts for this object alone.
    pub(super) counts_as_late: bool,
    /// The time (Unix seconds).
    pub(super) now: i64,
    pub(super) thresholds: &'a Thresholds,
}

// === impl Assessment ===

impl Assessment<'_> {
    /// The first urgency that applies.
    pub(super) fn urgency(&self) -> Urgency {
        if self.is_harmless() {
            Urgency::Ok
        } else if self.rotation.evidence == Some(Evidence::NodeGone) {
            // A certificate that a node left behind is to be deleted some day, and nothing more.
            if self.is_blocked() {
                Urgency::Blocked
            } else {
                Urgency::Ok
            }
        } else if self.is_ephemeral() {
            Urgency::Ok
        } else if self.dates.not_after <= self.now {
            Urgency::Expired
        } else {
            self.before_expiry()
        }
    }

    /// Returns whether it expires with its original, or harmlessly, as a copy does; a certificate of the
    /// ingress operator without evidence is not in use.
    fn is_harmless(&self) -> bool {
        let manager = self.rotation.manager;
        let is_unused = manager == Manager::IngressOperator && self.rotation.evidence.is_none();
        is_unused || manager == Manager::Copy
    }

    /// Returns whether it has expired and was made for a day or two: no consumer of it is known.
    pub(super) fn is_ephemeral(&self) -> bool {
        let has_expired = self.dates.not_after <= self.now;
        has_expired && self.is_short() && !self.has_consumer && !self.is_harmless()
    }

    fn before_expiry(&self) -> Urgency {
        let is_unattended = self.expires_soon() && !self.will_be_renewed();
        let is_imminent = !self.is_short() && self.is_within(self.thresholds.imminent, 10);
        if self.dates.not_before.is_some_and(|start| start > self.now) {
            Urgency::NotYetValid
        } else if is_unattended && is_imminent {
            Urgency::Imminent
        } else if self.is_blocked() {
            Urgency::Blocked
        } else if is_overdue(self.rotation, self.now) && self.counts_as_late {
            Urgency::Overdue
        } else if is_unattended {
            Urgency::Soon
        } else {
            Urgency::Ok
        }
    }

    /// Returns whether a renewal is due in the future, before expiry, and nothing speaks against it.
    fn will_be_renewed(&self) -> bool {
        let is_due = |due: i64| due > self.now && due < self.dates.not_after;
        self.rotation.evidence.is_none() && self.rotation.due.is_some_and(is_due)
    }

    /// Returns whether there is evidence. The ingress operator never renews anything, and every cluster
    /// has certificates of the node that bootstrapped it: that evidence exists from the first day, and
    /// counts from 90 days before expiry on.
    fn is_blocked(&self) -> bool {
        match self.rotation.evidence {
            None => false,
            Some(Evidence::NeverRenewed | Evidence::NodeGone) => self.left() <= 90 * DAY,
            Some(_) => true,
        }
    }

    /// Returns whether expiry is near enough to tell a person: within the threshold and a third of the
    /// validity, or half of both where a manager may renew it by rules that are not known. What the
    /// owner declares counts instead.
    fn expires_soon(&self) -> bool {
        if let Some(seconds) = self.rotation.warn_before {
            return self.left() <= seconds;
        }
        let (threshold, part) = match self.rotation.manager {
            Manager::None | Manager::Helm => (self.thresholds.soon, 3),
            _ => (self.thresholds.soon / 2, 6),
        };
        !self.is_short() && self.is_within(threshold, part)
    }

    /// Returns whether the remaining time is within a threshold and within that part of the validity.
    fn is_within(&self, threshold: i64, part: i64) -> bool {
        self.left() <= threshold && self.left() * part <= self.dates.life
    }

    /// Returns whether the validity is two days at most, which is too short to renew by hand.
    fn is_short(&self) -> bool {
        self.dates.life <= 2 * DAY
    }

    /// The time left until expiry (seconds).
    fn left(&self) -> i64 {
        self.dates.not_after - self.now
    }
}

/// Returns whether the manager should have renewed it by a time (Unix seconds).
pub(super) fn is_overdue(rotation: &Rotation, now: i64) -> bool {
    let has_manager = !matches!(rotation.manager, Manager::Copy | Manager::None);
    has_manager && rotation.due.is_some_and(|due| due <= now)
}
