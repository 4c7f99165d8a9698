//! cert-manager with CA Issuers: Certificates, and the secrets that they ask for.
//!
//! As cert-manager 1.20.3 was seen to do it, and by its code (cert-manager/cert-manager:
//! pkg/util/pki/renewaltime.go, internal/controller/certificates/policies).

mod certificate;

use std::collections::BTreeSet;

use self::certificate::Wanted;
use super::round::{DAY, Round, YEAR};
use crate::certificate::{Authority, Draft};

/// cert-manager, and the one CA behind all its Issuers.
pub struct CertManager {
    /// Whether it runs.
    pub running: bool,
    /// The Issuers that are gone or do not answer, as `namespace/name`.
    pub broken_issuers: BTreeSet<String>,
    /// The CA; an Issuer with one that has expired is Ready, and issues on.
    pub authority: Authority,
}

// === impl CertManager ===

impl CertManager {
    pub(super) fn new(now: i64) -> Self {
        Self {
            running: true,
            broken_issuers: BTreeSet::new(),
            authority: authority(now - YEAR, now + 29 * YEAR),
        }
    }

    /// Puts a CA of these times (Unix seconds) in the place of the one there is, for what is issued from now on.
    pub fn replace_authority(&mut self, from: i64, until: i64) {
        self.authority = authority(from, until);
    }

    /// One sync of every Certificate.
    pub(super) fn look(&self, round: &Round<'_>) {
        let certificates = round.cluster.objects("Certificate");
        for object in &certificates {
            Wanted::new(round, self, object).sync(&certificates);
        }
    }
}

fn authority(from: i64, until: i64) -> Authority {
    let draft = Draft::of("Example", "Example Issuing CA");
    draft.valid(from, until.max(from + DAY)).authority()
}
