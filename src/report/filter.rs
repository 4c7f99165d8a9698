//! The choice of certificates.

use super::Finding;
use crate::object::ObjectRef;
use crate::rotation::Manager;
use crate::urgency::Urgency;

/// A choice of certificates. An empty one passes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The namespaces of their objects; any if empty.
    pub namespaces: Vec<String>,
    /// Their managers; any if empty.
    pub managers: Vec<Manager>,
    /// Their urgencies; any if empty.
    pub urgencies: Vec<Urgency>,
    /// The time within which they expire (seconds).
    pub within: Option<i64>,
}

// === impl Filter ===

impl Filter {
    /// Returns whether a finding passes at a time (Unix seconds). An object that is missing, or whose
    /// expiry cannot be read, could expire at any time.
    pub fn passes(&self, finding: &Finding<'_>, at: i64) -> bool {
        let is_within = |(not_after, within)| not_after <= at.saturating_add(within);
        self.has_object(finding.object, finding.rotation.manager)
            && (self.urgencies.is_empty() || self.urgencies.contains(&finding.urgency))
            && finding.not_after().zip(self.within).is_none_or(is_within)
    }

    /// Returns whether an object with this manager passes, whatever its certificates are.
    pub fn has_object(&self, object: &ObjectRef, manager: Manager) -> bool {
        self.has(&object.namespace)
            && (self.managers.is_empty() || self.managers.contains(&manager))
    }

    /// Returns whether objects of a namespace pass.
    pub fn has(&self, namespace: &str) -> bool {
        self.namespaces.is_empty() || self.namespaces.iter().any(|passes| passes == namespace)
    }
}
