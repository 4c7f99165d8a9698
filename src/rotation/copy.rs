//! Copies: the manager of the original renews them, if anything does.

use std::collections::{HashMap, HashSet};

use super::index::Index;
use super::{Evidence, Judged, Manager, Remedy, Rotation};
use crate::facts::{Facts, Holder};
use crate::object::{Kind, Mark};

/// The etcd operator's original since OpenShift 4.16, on upgraded clusters younger than its copy in
/// `openshift-config` (openshift/cluster-etcd-operator: `pkg/operator/resourcesynccontroller`).
const ETCD_CLIENT: (&str, &str) = ("openshift-etcd", "etcd-client");

/// The number of secrets with the same certificate from which on an alert about each would hide what
/// there is to do: to replace one certificate.
const MANY: usize = 3;

/// Judges the copies that static pods are started with, one for each revision of their
/// configuration. They carry all marks of the original and are never renewed; old ones are pruned
/// at some point, and expire harmlessly until then (openshift/library-go:
/// `pkg/operator/revisioncontroller/ revision_controller.go`; openshift/oc recognises them in the
/// same way: pkg/cli/admin/ocpcertificates/certregen, `isRevisioned`).
pub(super) fn judge_revision(_: &Index<'_>, holder: &Holder) -> Option<Rotation> {
    let mut owners = holder.meta.owners.iter();
    let is_copy = owners.any(|owner| owner.starts_with("ConfigMap/revision-status-"));
    is_copy.then(Rotation::of_copy)
}

/// Marks the holders of a certificate that another holder's manager renews, and those of one that was
/// put into many secrets by hand.
///
/// A certificate is public, so anyone can put another's into a secret of their own, with any mark
/// on it. That must not make a copy of the original. The original of a secret is in its own
/// namespace, in a namespace of the platform, or named by the copy itself. A certificate that is
/// not renewed has no other copies than those that name it: each has to be replaced by hand.
pub(super) fn mark_copies(facts: &Facts, judged: &mut [Judged]) {
    let mut by_fingerprint: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
    for (index, Judged { holder, .. }) in judged.iter().enumerate() {
        if holder.object.kind == Kind::Secret
            && let Some(leaf) = holder.leaf()
        {
            by_fingerprint
                .entry(leaf.fingerprint)
                .or_default()
                .push(index);
        }
    }
    for (fingerprint, same) in by_fingerprint.iter().filter(|(_, same)| same.len() > 1) {
        for copy in copies(facts, judged, same) {
            judged[copy].rotation = Rotation::of_copy();
        }
        let is_by_hand = |index: &&usize| judged[**index].rotation.manager == Manager::None;
        let by_hand: Vec<usize> = same.iter().filter(is_by_hand).copied().collect();
        if by_hand.len() >= MANY {
            for index in by_hand {
                judged[index].rotation.shared = fingerprint.first_chunk().copied();
            }
        }
    }
}

/// Returns the copies among holders of the same certificate.
fn copies(facts: &Facts, judged: &[Judged], same: &[usize]) -> Vec<usize> {
    let object = |index: usize| &judged[index].holder.object;
    let is_platforms = |index: usize| is_platform(&object(index).namespace, facts.is_openshift);
    let is_renewed = |index: &usize| judged[*index].rotation.is_renewed(is_platforms(*index));
    let renewed: HashSet<usize> = same.iter().copied().filter(is_renewed).collect();
    let places: HashSet<_> = renewed.iter().map(|index| object(*index).place()).collect();
    let namespaces: HashSet<_> = places.iter().map(|place| place.0).collect();
    // The platform's operators sync secrets with all marks: the first of those counts as the
    // original, unless it is known.
    let platforms = renewed.iter().copied().filter(|index| is_platforms(*index));
    let age = |index: &usize| {
        let (place, created) = (object(*index).place(), judged[*index].holder.meta.created);
        (place != ETCD_CLIENT, created, place)
    };
    let original = platforms.min_by_key(age);
    // A controller renews a copy that names its original, even if that is replaced by hand.
    let others = |index: usize| {
        let named = originals(&judged[index].holder);
        named.filter(move |place| *place != object(index).place())
    };
    let all: HashSet<_> = same.iter().map(|index| object(*index).place()).collect();
    let is_own = |index: &&usize| !others(**index).any(|place| all.contains(&place));
    let own = same.iter().filter(is_own);
    let own: HashSet<_> = own.map(|index| object(*index).place()).collect();
    let is_copy = |index: &usize| {
        if others(*index).any(|place| own.contains(&place)) {
            return true;
        }
        let is_orphan = !renewed.contains(index);
        let is_synced = original.is_some() && (is_orphan || is_platforms(*index));
        let has_original = namespaces.contains(&*object(*index).namespace)
            || originals(&judged[*index].holder).any(|place| places.contains(&place));
        Some(*index) != original && (is_synced || (is_orphan && has_original))
    };
    same.iter().copied().filter(is_copy).collect()
}

/// Returns whether tenants cannot have a namespace of that name (openshift/openshift-apiserver:
/// pkg/project/apiserver/registry/projectrequest; kubernetes.io: Namespaces, `kube-` is reserved).
pub(super) fn is_platform(namespace: &str, is_openshift: bool) -> bool {
    let is_openshifts = namespace == "openshift" || namespace.starts_with("openshift-");
    namespace.starts_with("kube-") || (is_openshift && is_openshifts)
}

/// Returns the originals that a copy names.
fn originals(holder: &Holder) -> impl Iterator<Item = (&str, &str)> {
    let get = |mark| holder.meta.marks.get(mark);
    let joined = [Mark::Reflects, Mark::Replicates].into_iter();
    let joined = joined.filter_map(move |mark| get(mark)?.split_once('/'));
    let pairs = [
        (Mark::SyncedFromNamespace, Mark::SyncedFromName),
        (Mark::CiliumSyncedFromNamespace, Mark::CiliumSyncedFromName),
    ];
    let pairs = pairs.into_iter();
    joined.chain(pairs.filter_map(move |(namespace, name)| get(namespace).zip(get(name))))
}

impl Rotation {
    fn of_copy() -> Self {
        Self::by(Manager::Copy, None, Remedy::Nothing)
    }

    /// Returns whether a manager that exists renews it.
    pub(super) fn is_renewed(&self, is_in_platform: bool) -> bool {
        self.manager.manages_originals(is_in_platform)
            && !self.evidence.is_some_and(Evidence::is_orphaned)
    }
}
