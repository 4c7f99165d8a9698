//! The manager of each certificate, the time by which a healthy one renews it, and evidence that it
//! will not.
//!
//! One file for each manager and one line in `RULES`; the first rule that recognises an object
//! decides. A rule is a pure function of facts. It knows no clock: "overdue" is a due date that has
//! passed, and the caller knows the time. Evidence is reported as soon as it is seen, even if it
//! may be normal for some minutes (a queue, a resync); waiting is left to the alert.
//!
//! Only the author of a secret can mark it, so a mark can only mislead about the secret it is on;
//! and no command is made of a text that is not the name of an object.

mod cert_manager;
mod certrotation;
mod controllers;
mod copy;
mod csr;
mod declared;
mod etcd;
mod evidence;
mod helm;
mod index;
mod ingress;
mod lag;
mod manager;
mod olm;
mod operator;
mod page;
mod remedy;
mod service_ca;

use std::sync::Arc;

use crate::facts::{Facts, Holder};
use crate::object::{Kind, ObjectRef};

use self::index::Index;

pub use self::declared::{Declarations, Misstated, Selector, duration, time_before_expiry};
pub use self::evidence::Evidence;
pub use self::manager::Manager;
pub use self::page::Rules;
pub use self::remedy::{Action, Remedy, Tool};

/// The rotation of one holder's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The manager.
    pub manager: Manager,
    /// The latest time at which a healthy manager renews it (Unix seconds), its usual slack
    /// included; absent where it is not renewed, or the time cannot be known. Without a manager, the
    /// time by which it is replaced if it is a copy of what was just renewed.
    pub due: Option<i64>,
    /// Evidence that the manager will not renew it.
    pub evidence: Option<Evidence>,
    /// The command once there is evidence, or the certificate is overdue or expires soon.
    pub remedy: Remedy,
    /// The reason why nobody is told when it expires.
    pub ignored: Option<Box<str>>,
    /// The time before expiry from which to warn (seconds), as the owner declares it.
    pub warn_before: Option<i64>,
    /// The owner, for the routing of alerts, as the owner declares it.
    pub owner: Option<Box<str>>,
    /// The first bytes of the fingerprint, where several secrets hold the same certificate, each of
    /// which has to be replaced by hand.
    pub shared: Option<[u8; 8]>,
}

/// The command that shows a manager which is late with many certificates: its pods, or its requests.
/// Nothing for managers whose renewals have no due date.
pub fn overview(manager: Manager) -> Option<Remedy> {
    match manager {
        Manager::Olm => Some(olm::SHOW_OLM),
        Manager::ServiceCa => Some(service_ca::SHOW_CONTROLLER),
        Manager::CertRotation => Some(certrotation::SHOW_OPERATORS),
        Manager::Csr => Some(csr::SHOW_REQUESTS),
        Manager::CertManager => Some(cert_manager::SHOW_CONTROLLER),
        _ => controllers::overview(manager),
    }
}

/// A holder and the rotation of its certificate.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The holder.
    pub holder: Arc<Holder>,
    /// The rotation.
    pub rotation: Rotation,
}

/// An object that should exist and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The object.
    pub object: ObjectRef,
    /// The rotation, with evidence.
    pub rotation: Rotation,
}

/// Recognises a holder as that of a manager, and judges it.
type Rule = fn(&Index<'_>, &Holder) -> Option<Rotation>;

static RULES: [Rule; 11] = [
    copy::judge_revision,
    controllers::judge,
    etcd::judge,
    service_ca::judge,
    olm::judge,
    certrotation::judge,
    csr::judge,
    cert_manager::judge,
    ingress::judge,
    operator::judge,
    helm::judge,
];

/// Finds the objects of a manager that are missing.
type Search = fn(&Index<'_>) -> Vec<Missing>;

static SEARCHES: [Search; 1] = [olm::missing];

/// Judges every holder, in their order, by the rules if it is a Secret; finds those that are missing, and the declarations without
/// effect.
pub fn judge(
    facts: &Facts,
    declarations: &Declarations,
) -> (Vec<Judged>, Vec<Missing>, Vec<Misstated>) {
    let index = Index::new(facts);
    let decide = |holder: &Arc<Holder>| {
        let rotation = if holder.object.kind == Kind::Secret {
            let rotation = RULES.iter().find_map(|rule| rule(&index, holder));
            rotation.unwrap_or_else(|| Rotation::unmanaged(&index, holder))
        } else {
            // A file is of no cluster, and no command for one helps.
            Rotation::by(Manager::None, None, Remedy::Nothing)
        };
        Judged {
            holder: holder.clone(),
            rotation,
        }
    };
    let mut judged: Vec<Judged> = facts.holders.iter().map(decide).collect();
    copy::mark_copies(facts, &mut judged);
    lag::expect_copies(facts, &mut judged);
    let missing = SEARCHES.iter().flat_map(|search| search(&index));
    let missing = missing.collect();
    let misstated = declared::apply(facts, declarations, &mut judged);
    (judged, missing, misstated)
}

// === impl Rotation ===

impl Rotation {
    /// A rotation without evidence against it.
    fn by(manager: Manager, due: Option<i64>, remedy: Remedy) -> Self {
        Self {
            manager,
            due,
            evidence: None,
            remedy,
            ignored: None,
            warn_before: None,
            owner: None,
            shared: None,
        }
    }

    fn unmanaged(index: &Index<'_>, holder: &Holder) -> Self {
        Self::by(Manager::None, None, index.replacement(holder))
    }

    /// Adds evidence that the manager will not renew it.
    fn blocked(self, evidence: Evidence, remedy: Remedy) -> Self {
        Self {
            evidence: Some(evidence),
            remedy,
            ..self
        }
    }

    /// Adds the reason why nobody is told when it expires.
    fn ignored(self, reason: &str) -> Self {
        Self {
            ignored: Some(reason.into()),
            ..self
        }
    }

    /// Adds evidence that it is no longer renewed at all, so that no renewal is due.
    fn lost(self, evidence: Evidence, remedy: Remedy) -> Self {
        Self { due: None, ..self }.blocked(evidence, remedy)
    }
}
