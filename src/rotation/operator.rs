//! Some other operator: it renews by rules of its own, if at all, and is only named.

use super::index::Index;
use super::{Manager, Remedy, Rotation};
use crate::facts::{Secret, mark};

pub(super) fn judge(_: &Index<'_>, secret: &Secret) -> Option<Rotation> {
    let marks = &secret.marks;
    let is_deployed = marks.get(mark::MANAGED_BY).is_some_and(|it| it != "Helm");
    let named = [
        mark::EXTERNAL_SECRET,
        mark::EXTERNAL_SECRET_OF,
        mark::STRIMZI_CLUSTER,
        mark::OWNING_COMPONENT,
    ];
    let is_named = named.iter().any(|name| marks.get(name).is_some());
    let is_owned = !secret.owners.is_empty();
    let is_operators = is_deployed || is_named || is_owned;
    is_operators.then(|| Rotation::by(Manager::Operator, None, Remedy::DescribeSecret))
}
