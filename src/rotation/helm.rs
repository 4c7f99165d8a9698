//! Helm: a chart makes a certificate when it is installed, and anew when it is upgraded, if it means to.

use super::index::Index;
use super::{Manager, Remedy, Rotation};
use crate::facts::{Secret, mark};

pub(super) fn judge(_: &Index<'_>, secret: &Secret) -> Option<Rotation> {
    if secret.marks.get(mark::MANAGED_BY) != Some("Helm") {
        return None;
    }
    let release = secret.marks.get(mark::HELM_RELEASE)?;
    // It is an annotation, and may be anything; a command is only made of what can be a release's name
    // (helm/helm: pkg/chartutil, `ValidateReleaseName`).
    let is_name = release
        .bytes()
        .all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        && !release.starts_with('-');
    let remedy = if is_name {
        Remedy::ShowRelease(release.into())
    } else {
        Remedy::DescribeSecret
    };
    Some(Rotation::by(Manager::Helm, None, remedy))
}
