//! The operators that rotate with library-go's certrotation, and those that ask for certificates with CSRs.
//!
//! By their code (openshift/library-go: `pkg/operator/certrotation/signer.go` and `target.go`,
//! `pkg/operator/csr/cert_controller.go`). They decide by annotations, not by certificates.

mod csr;
mod platform;
mod rotated;

use self::platform::{COPIES, REQUESTED, SIGNERS, TARGETS};
use super::round::Round;

/// The operators that rotate the platform's certificates.
pub struct CertRotation {
    /// Whether they run.
    pub running: bool,
}

// === impl CertRotation ===

impl CertRotation {
    pub(super) fn new() -> Self {
        Self { running: true }
    }

    /// One sync of every signer, of what they sign, and of the copies.
    pub(super) fn look(round: &Round<'_>) {
        for signer in &SIGNERS {
            rotated::keep_signer(round, signer);
        }
        for target in &TARGETS {
            rotated::keep_target(round, target);
        }
        for (from, to) in COPIES {
            rotated::copy(round, from, to);
        }
        for request in &REQUESTED {
            csr::keep(round, request);
        }
    }
}
