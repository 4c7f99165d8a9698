//! Evidence that a certificate will not be renewed.

use crate::object::ObjectRef;
use crate::rotation::{Evidence, Judged, Manager, Missing, Rotation, Tool};

/// Evidence that a certificate will not be renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The object that holds the certificate, or that is missing.
    pub object: ObjectRef,
    /// The manager that would renew it.
    pub manager: Manager,
    /// The evidence.
    pub evidence: Evidence,
    /// The command that fixes it, or shows more.
    pub remedy: Box<str>,
}

/// The obstacles of objects that are there or missing, by object; no object twice with the same evidence.
pub(super) fn of(judged: &[Judged], missing: &[Missing], tool: Tool) -> Vec<Obstacle> {
    let present = judged.iter();
    let present = present.map(|judged| (&judged.holder.object, &judged.rotation));
    let absent = missing.iter();
    let absent = absent.map(|missing| (&missing.object, &missing.rotation));
    let obstacle = |(object, rotation)| Obstacle::of(object, rotation, tool);
    let mut obstacles: Vec<Obstacle> = present.chain(absent).filter_map(obstacle).collect();
    obstacles.sort_by_cached_key(|obstacle| (obstacle.object.clone(), obstacle.evidence));
    obstacles
}

// === impl Obstacle ===

impl Obstacle {
    fn of(object: &ObjectRef, rotation: &Rotation, tool: Tool) -> Option<Self> {
        Some(Self {
            object: object.clone(),
            manager: rotation.manager,
            evidence: rotation.evidence?,
            remedy: rotation.remedy.command(tool, object).into(),
        })
    }
}
