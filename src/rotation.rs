//! Who renews a certificate, by when a healthy manager has done so, and what shows that it will not.
//!
//! One file a manager, one line a manager in `RULES`; the first that recognises a secret decides. A rule is a
//! pure function of facts. It knows no clock: "overdue" is a due date that has passed, and whoever asks knows the
//! time. What may be normal for some minutes (a queue, a resync) is told as it is seen; to wait is the alert's.
//!
//! Nobody can mark a secret but who may write it, so a mark can only mislead about the secret it is on; and no
//! command is made of a text that is not the name of an object.

mod cert_manager;
mod certrotation;
mod copy;
mod csr;
mod evidence;
mod helm;
mod index;
mod ingress;
mod olm;
mod operator;
mod remedy;
mod service_ca;

use std::sync::Arc;

use crate::facts::{Facts, Secret};

use self::index::Index;

pub use self::evidence::Evidence;
pub use self::remedy::{Remedy, Tool};

/// What follows for one secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Who renews its certificate.
    pub manager: Manager,
    /// When a healthy manager has renewed it at the latest (Unix seconds), its usual slack included; absent
    /// where nobody renews it or that cannot be known.
    pub due: Option<i64>,
    /// What shows that its manager will not renew it, and what to do.
    pub blocked: Option<(Evidence, Remedy)>,
    /// What to do once it is overdue, or ends soon.
    pub remedy: Remedy,
}

/// Who renews certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// The operator lifecycle manager.
    Olm,
    /// OpenShift's service CA operator.
    ServiceCa,
    /// A platform operator, by library-go's certrotation.
    CertRotation,
    /// A platform operator, by certificate signing requests.
    Csr,
    /// cert-manager.
    CertManager,
    /// OpenShift's ingress operator, which never does.
    IngressOperator,
    /// Some other operator, by rules of its own.
    Operator,
    /// Helm, at upgrades if at all.
    Helm,
    /// Whoever renews the secret that this is a copy of.
    Copy,
    /// Nobody that is known.
    None,
}

/// A secret that should be there and is not.
#[derive(Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its namespace.
    pub namespace: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// What is wrong, and what to do.
    pub blocked: (Evidence, Remedy),
}

/// What recognises a secret as its manager's, and judges it.
type Rule = fn(&Index<'_>, &Secret) -> Option<Rotation>;

static RULES: [Rule; 9] = [
    copy::of_revision,
    service_ca::judge,
    olm::judge,
    certrotation::judge,
    csr::judge,
    cert_manager::judge,
    ingress::judge,
    operator::judge,
    helm::judge,
];

/// Judges every secret, in their order, and says what is missing.
pub fn judge(facts: &Facts) -> (Vec<Rotation>, Vec<Missing>) {
    let index = Index::of(facts);
    let decide = |secret: &Arc<Secret>| {
        let mut rules = RULES.iter();
        rules
            .find_map(|rule| rule(&index, secret))
            .unwrap_or_else(Rotation::by_nobody)
    };
    let mut rotations: Vec<Rotation> = facts.secrets.iter().map(decide).collect();
    copy::of_others(facts, &mut rotations);
    (rotations, olm::missing(&index))
}

// === impl Rotation ===

impl Rotation {
    /// Someone's, with nothing known against it.
    fn by(manager: Manager, due: Option<i64>, remedy: Remedy) -> Self {
        Self {
            manager,
            due,
            blocked: None,
            remedy,
        }
    }

    fn by_nobody() -> Self {
        Self::by(Manager::None, None, Remedy::ReplaceSecret)
    }

    /// The same, with evidence against it; there is nothing better to do once it is overdue.
    fn blocked(self, evidence: Evidence, remedy: Remedy) -> Self {
        Self {
            blocked: Some((evidence, remedy.clone())),
            remedy,
            ..self
        }
    }

    /// The same, with evidence that nobody renews it any more.
    fn lost(self, evidence: Evidence, remedy: Remedy) -> Self {
        let due = None;
        Self { due, ..self }.blocked(evidence, remedy)
    }
}

// === impl Manager ===

impl Manager {
    /// Every manager with its name.
    pub const ALL: [(&str, Self); 10] = [
        ("olm", Self::Olm),
        ("service-ca", Self::ServiceCa),
        ("certrotation", Self::CertRotation),
        ("csr", Self::Csr),
        ("cert-manager", Self::CertManager),
        ("ingress-operator", Self::IngressOperator),
        ("operator", Self::Operator),
        ("helm", Self::Helm),
        ("copy", Self::Copy),
        ("none", Self::None),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, it)| *it == self);
        found.expect("the table has every manager").0
    }
}
