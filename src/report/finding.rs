//! The certificates of an inventory with their urgency at a given time: the rows of every view.

use crate::object::ObjectRef;
use crate::rotation::Rotation;
use crate::snapshot::{Dates, Entry, Inventory, Role};
use crate::urgency::{Assessed, Assessor, Thresholds, Urgency};

/// A certificate, or an object that is missing, and its urgency at a given time.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// The rotation of the object.
    pub rotation: &'a Rotation,
    /// The dates of the object that count.
    pub dates: Option<Dates>,
    /// The certificate; nothing if the object is missing.
    pub entry: Option<Entry<'a>>,
    /// The urgency of this certificate.
    pub urgency: Urgency,
    /// True if a person has to act.
    pub needs_person: bool,
}

/// Returns every certificate and every missing object at a time (Unix seconds), in the order of the
/// inventory.
///
/// The urgency of an object is that of the certificate which causes it; the others beside it are
/// [`Urgency::Ok`]. So an expired intermediate is one finding, and not one for each certificate of its
/// secret.
pub fn findings<'a>(
    inventory: &'a Inventory,
    at: i64,
    thresholds: &Thresholds,
) -> Vec<Finding<'a>> {
    let assessed = Assessor::new(inventory, at, *thresholds).all();
    let mut findings = Vec::with_capacity(2 * assessed.len());
    for object in &assessed {
        findings.extend(findings_of(inventory, object, at));
    }
    findings
}

/// Returns the certificates of one object, or its absence, at the time that it was assessed for.
pub fn findings_of<'a>(
    inventory: &'a Inventory,
    object: &Assessed<'a>,
    at: i64,
) -> impl Iterator<Item = Finding<'a>> {
    let absence = match object.judged {
        Some(_) => None,
        None => Some(Finding::of(object, None, object.urgency, at)),
    };
    let entries = || {
        let judged = object.judged.into_iter();
        judged.flat_map(|judged| inventory.certificates_of(judged))
    };
    // Where the leaf cannot be read, the first certificate that counts stands for it.
    let leaf = entries().position(|entry| entry.role == Role::Leaf);
    let leaf = leaf.or_else(|| entries().position(|entry| entry.role.counts()));
    let present = entries().enumerate().map(move |(index, entry)| {
        let urgency = own_urgency(object, &entry, leaf == Some(index), at);
        Finding::of(object, Some(entry), urgency, at)
    });
    absence.into_iter().chain(present)
}

/// The urgency of one certificate of an object.
fn own_urgency(object: &Assessed<'_>, entry: &Entry<'_>, is_leaf: bool, at: i64) -> Urgency {
    let (not_before, not_after) = (entry.certificate.not_before, entry.certificate.not_after);
    let expires_first = object.dates.map(|dates| dates.not_after) == not_after;
    let is_cause = match object.urgency {
        Urgency::Expired => not_after.is_some_and(|not_after| not_after <= at),
        Urgency::NotYetValid => not_before.is_some_and(|not_before| not_before > at),
        Urgency::Imminent | Urgency::Soon => expires_first,
        Urgency::Blocked | Urgency::Overdue => is_leaf,
        Urgency::Ok | Urgency::Unknown => false,
    };
    if is_cause && entry.role.counts() {
        object.urgency
    } else if not_after.is_none() {
        Urgency::Unknown
    } else {
        Urgency::Ok
    }
}

// === impl Finding ===

impl<'a> Finding<'a> {
    fn of(object: &Assessed<'a>, entry: Option<Entry<'a>>, urgency: Urgency, at: i64) -> Self {
        let not_after = entry.and_then(|entry| entry.certificate.not_after);
        Self {
            object: object.object,
            rotation: object.rotation,
            dates: object.dates,
            entry,
            urgency,
            needs_person: urgency.needs_person(not_after, at),
        }
    }

    /// The order of a report: by object, key and position.
    pub fn identity(&self) -> (ObjectRef, Box<str>, usize) {
        let place = self
            .entry
            .map(|entry| (entry.field.path.clone(), entry.position));
        let (path, position) = place.unwrap_or_default();
        (self.object.clone(), path, position)
    }

    /// The time at which the certificate expires (Unix seconds), if it is known.
    pub fn not_after(&self) -> Option<i64> {
        self.entry?.certificate.not_after
    }

    /// Returns whether the finding is about the object as a whole: its leaf, or its absence.
    pub fn is_leaf(&self) -> bool {
        self.entry.is_none_or(|entry| entry.role == Role::Leaf)
    }
}
