//! Helm: a chart creates a certificate at its installation, and again at upgrades, if at all.

use super::index::Index;
use super::{Manager, Remedy, Rotation};
use crate::facts::Holder;
use crate::object::Mark;

pub(super) fn judge(_: &Index<'_>, holder: &Holder) -> Option<Rotation> {
    let marks = &holder.meta.marks;
    if marks.get(Mark::ManagedBy) != Some("Helm") {
        return None;
    }
    let release = marks.get(Mark::HelmRelease)?;
    // It is an annotation, and may be anything; a command is only made of the name of a release
    // (helm/helm: pkg/chartutil, `ValidateReleaseName`).
    let is_name = release
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        && !release.starts_with('-');
    let remedy = if is_name {
        let namespace = &holder.object.namespace;
        Remedy::ShowBy(format!("helm -n {namespace} get metadata {release}").into())
    } else {
        Remedy::DescribeSecret
    };
    Some(Rotation::by(Manager::Helm, None, remedy))
}
