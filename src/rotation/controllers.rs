//! Controllers outside of the platform that issue certificates for themselves: how the secrets of
//! each are recognised, and until when a healthy one has renewed them.
//!
//! A controller is a row of [`table::CONTROLLERS`], and a test case. The first row that matches
//! decides.

mod table;

use jiff::SignedDuration;

use self::table::CONTROLLERS;
use super::index::Index;
use super::{Evidence, Manager, Remedy, Rotation};
use crate::certificate::Certificate;
use crate::facts::Holder;
use crate::object::Mark;

/// A controller, or some of its secrets.
struct Controller {
    manager: Manager,
    /// All of these are true of its secrets.
    signs: &'static [Sign],
    renewal: Renewal,
    /// The arguments of `kubectl` that show whether it runs.
    show: &'static str,
}

/// A property of a secret.
enum Sign {
    /// The namespace.
    In(&'static str),
    /// One of these names.
    Named(&'static [&'static str]),
    /// A label or annotation, whatever its value.
    Has(Mark),
    /// A label or annotation with that value.
    Is(Mark, &'static str),
    /// The absence of a label or annotation.
    Lacks(Mark),
    /// An owner of that kind.
    OwnedBy(&'static str),
    /// The start of the common name of the leaf's issuer.
    IssuedBy(&'static str),
    /// An owner of that kind whose name is the common name of that issuer.
    IssuedByOwner(&'static str),
}

/// The renewal of a certificate by a healthy controller. All times include the interval at which the
/// controller looks at its secrets, and some slack.
enum Renewal {
    /// No later than when so many seconds of the validity are left.
    Left(i64),
    /// No later than when that percentage of the validity is left.
    Percent(i64),
    /// No later than when that percentage of the duration in an annotation is left.
    PercentOf(Mark, i64),
    /// No later than at that age in seconds.
    Age(i64),
    /// Never: the controller creates it once.
    Never,
    /// At a time that is not known.
    Unknown,
    /// Never, and nothing fails when it expires, for that reason.
    Needless(&'static str),
}

/// Judges a secret of a controller of the table.
pub(super) fn judge(_: &Index<'_>, holder: &Holder) -> Option<Rotation> {
    let mut all = CONTROLLERS.iter();
    let controller =
        all.find(|controller| controller.signs.iter().all(|sign| sign.is_on(holder)))?;
    let remedy = Remedy::ShowElsewhere(controller.show);
    let due = controller.renewal.due(holder);
    let rotation = Rotation::by(controller.manager, due, remedy.clone());
    Some(match controller.renewal {
        Renewal::Never => rotation.blocked(Evidence::NeverRenewed, remedy),
        Renewal::Needless(reason) => rotation.ignored(reason),
        _ => rotation,
    })
}

/// The command that shows whether a controller of the table runs, if its renewals have due dates.
pub(super) fn overview(manager: Manager) -> Option<Remedy> {
    let mut renewing = CONTROLLERS.iter().filter(|row| row.renewal.has_due_date());
    let row = renewing.find(|row| row.manager == manager)?;
    Some(Remedy::ShowElsewhere(row.show))
}

// === impl Sign ===

impl Sign {
    fn is_on(&self, holder: &Holder) -> bool {
        let (namespace, name) = holder.object.place();
        let marks = &holder.meta.marks;
        let issuer = || holder.leaf().map_or("", Certificate::issuer_common_name);
        match *self {
            Self::In(of) => namespace == of,
            Self::Named(names) => names.contains(&name),
            Self::Has(mark) => marks.has(mark),
            Self::Is(mark, value) => marks.get(mark) == Some(value),
            Self::Lacks(mark) => !marks.has(mark),
            Self::OwnedBy(kind) => holder.meta.is_owned_by(kind),
            Self::IssuedBy(start) => issuer().starts_with(start),
            Self::IssuedByOwner(kind) => holder
                .meta
                .owners
                .iter()
                .any(|owner| owner.split_once('/') == Some((kind, issuer()))),
        }
    }
}

// === impl Renewal ===

impl Renewal {
    /// Returns the time by which a healthy controller has renewed the leaf (Unix seconds).
    fn due(&self, holder: &Holder) -> Option<i64> {
        let validity = holder.leaf()?.validity()?;
        let left = match *self {
            Self::Left(seconds) => seconds,
            Self::Percent(percent) => validity.fraction(percent, 100),
            Self::PercentOf(mark, percent) => {
                let duration: SignedDuration = holder.meta.marks.get(mark)?.parse().ok()?;
                duration.as_secs() / 100 * percent
            }
            Self::Age(seconds) => return validity.from.checked_add(seconds),
            Self::Never | Self::Unknown | Self::Needless(_) => return None,
        };
        validity.until.checked_sub(left)
    }

    fn has_due_date(&self) -> bool {
        !matches!(self, Self::Never | Self::Unknown | Self::Needless(_))
    }
}
