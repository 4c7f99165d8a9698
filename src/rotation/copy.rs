//! Copies: what another secret is the original of needs nobody of its own.

use std::collections::{HashMap, HashSet};

use super::index::Index;
use super::{Evidence, Manager, Remedy, Rotation};
use crate::facts::{Facts, Secret, mark};

/// The copies that static pods are started with, one for each revision of their configuration. They carry all marks
/// of the original and are never renewed; the old ones are pruned some day, and end harmlessly until then
/// (openshift/library-go: `pkg/operator/revisioncontroller/revision_controller.go`; openshift/oc tells them apart in
/// the same way: pkg/cli/admin/ocpcertificates/certregen, `isRevisioned`).
pub(super) fn of_revision(_: &Index<'_>, secret: &Secret) -> Option<Rotation> {
    let mut owners = secret.owners.iter();
    let is_copy = owners.any(|owner| owner.starts_with("ConfigMap/revision-status-"));
    is_copy.then(Rotation::of_copy)
}

/// The secrets that hold the certificate of another one, which somebody renews.
///
/// A certificate is public, so anybody can put somebody else's into a secret of his own, with any mark on it. That
/// must not make a copy of the original: the original of another namespace's secret is only one of the platform's,
/// or the one that the copy itself names. And what nobody renews has no copies: each has to be replaced by hand.
pub(super) fn of_others(facts: &Facts, rotations: &mut [Rotation]) {
    let secrets = &facts.secrets;
    let mut by_fingerprint: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
    for (at, secret) in secrets.iter().enumerate() {
        if let Some(leaf) = secret.leaf() {
            by_fingerprint.entry(leaf.fingerprint).or_default().push(at);
        }
    }
    let is_platforms = |at: usize| is_platform(&secrets[at].namespace, facts.is_openshift);
    for same in by_fingerprint.values().filter(|same| same.len() > 1) {
        let is_renewed = |at: &usize| rotations[*at].is_looked_after(is_platforms(*at));
        let renewed: HashSet<usize> = same.iter().copied().filter(is_renewed).collect();
        let places: HashSet<_> = renewed.iter().map(|at| secrets[*at].place()).collect();
        let namespaces: HashSet<_> = places.iter().map(|place| place.0).collect();
        // The platform's operators sync secrets with all marks: the first of those is taken for the original.
        let platforms = renewed.iter().copied().filter(|at| is_platforms(*at));
        let original = platforms.min_by_key(|at| (secrets[*at].created, secrets[*at].place()));
        for at in same.iter().copied().filter(|at| Some(*at) != original) {
            let copy = &secrets[at];
            let is_orphan = !renewed.contains(&at);
            let is_synced = original.is_some() && (is_orphan || is_platforms(at));
            let has_original = namespaces.contains(&*copy.namespace)
                || copy.originals().any(|place| places.contains(&place));
            if is_synced || (is_orphan && has_original) {
                rotations[at] = Rotation::of_copy();
            }
        }
    }
}

/// The namespaces that no tenant can have (openshift/openshift-apiserver: pkg/project/apiserver/registry/
/// projectrequest; kubernetes.io: Namespaces, `kube-` is reserved).
fn is_platform(namespace: &str, is_openshift: bool) -> bool {
    let is_openshifts = namespace == "openshift" || namespace.starts_with("openshift-");
    namespace.starts_with("kube-") || (is_openshift && is_openshifts)
}

impl Secret {
    fn place(&self) -> (&str, &str) {
        (&self.namespace, &self.name)
    }

    /// What it is a copy of, by its own word.
    fn originals(&self) -> impl Iterator<Item = (&str, &str)> {
        let marks = [mark::REFLECTS, mark::REPLICATES].into_iter();
        let named = marks.filter_map(|name| self.marks.get(name));
        named.filter_map(|original| original.split_once('/'))
    }
}

impl Rotation {
    fn of_copy() -> Self {
        Self::by(Manager::Copy, None, Remedy::Nothing)
    }

    /// Whether somebody who exists renews it; the platform's operators do so in its own namespaces only.
    fn is_looked_after(&self, is_platforms: bool) -> bool {
        let has_manager = match self.manager {
            Manager::Olm | Manager::ServiceCa | Manager::CertManager => true,
            Manager::CertRotation | Manager::Csr | Manager::IngressOperator => is_platforms,
            Manager::Operator | Manager::Helm | Manager::Copy | Manager::None => false,
        };
        let is_orphaned = |it: &(Evidence, Remedy)| it.0.is_orphaned();
        has_manager && !self.blocked.as_ref().is_some_and(is_orphaned)
    }
}
