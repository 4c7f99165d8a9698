//! Other operators: they renew by rules of their own, if at all, and are only named.

use super::index::Index;
use super::{Manager, Remedy, Rotation};
use crate::facts::Holder;
use crate::object::Mark;

pub(super) fn judge(_: &Index<'_>, holder: &Holder) -> Option<Rotation> {
    let marks = &holder.meta.marks;
    let is_deployed = marks
        .get(Mark::ManagedBy)
        .is_some_and(|tool| tool != "Helm");
    let is_marked = [
        Mark::ExternalSecret,
        Mark::ExternalSecretCreator,
        Mark::StrimziCluster,
        Mark::OwningComponent,
    ]
    .iter()
    .any(|mark| marks.get(*mark).is_some());
    let is_owned = !holder.meta.owners.is_empty();
    let is_operators = is_deployed || is_marked || is_owned;
    is_operators.then(|| Rotation::by(Manager::Operator, None, Remedy::DescribeSecret))
}
