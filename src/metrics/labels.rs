//! The labels of every family, as structs whose fields are named like the labels.
//!
//! No family has a bare `namespace`, `service` or `pod`: monitoring stacks overwrite those labels.

use crate::certificate::{Defect, hexadecimal};
use crate::facts::{self, List, TLS_CRT};
use crate::impact::Impact;
use crate::snapshot::{Entry, Obstacle, Problem, Reason, Role};

/// The kind of every object that certificates are read from so far.
const SECRET: &str = "Secret";

/// A set of labels. Its default has the same names as every other value, so the names need no list
/// of their own.
pub(super) trait Labels: Default {
    /// Calls `label` with the name and the value of each label, in their order.
    fn each(&self, label: &mut impl FnMut(&'static str, &str));
}

/// Derives `Labels`: the name of a field is the name of its label, and a flattened field is a set
/// of labels itself.
macro_rules! labels {
    ($($(#[$doc:meta])* struct $Set:ident<'a> {
        $(#[flatten] $set:ident: $Part:ty,)?
        $($label:ident: $Value:ty,)*
    })*) => { $(
        $(#[$doc])*
        #[derive(Default)]
        pub(super) struct $Set<'a> { $($set: $Part,)? $(pub(super) $label: $Value,)* }

        impl Labels for $Set<'_> {
            fn each(&self, label: &mut impl FnMut(&'static str, &str)) {
                $(self.$set.each(label);)?
                $(label(stringify!($label), &self.$label);)*
            }
        }
    )* };
}

labels! {
    /// A field of an object.
    struct Field<'a> {
        kind: &'a str,
        cert_namespace: &'a str,
        name: &'a str,
        key: &'a str,
    }

    /// The identity of a certificate: a field, and a position among the certificate blocks in it,
    /// from 0.
    struct Identity<'a> {
        #[flatten] field: Field<'a>,
        position: String,
    }

    /// A certificate that has a date.
    struct Dated<'a> {
        #[flatten] certificate: Identity<'a>,
        role: &'a str,
        manager: &'a str,
    }

    /// A certificate and its contents.
    struct Described<'a> {
        #[flatten] certificate: Identity<'a>,
        subject: &'a str,
        issuer: &'a str,
        serial: &'a str,
        fingerprint: String,
        dns_names: &'a str,
        owner: &'a str,
        remedy: String,
    }

    /// A certificate that will not be renewed.
    struct Blocked<'a> {
        #[flatten] certificate: Identity<'a>,
        manager: &'a str,
        reason: &'a str,
        remedy: &'a str,
    }

    /// A certificate that a consumer needs.
    struct Needed<'a> {
        #[flatten] certificate: Identity<'a>,
        impact: &'a str,
        consumer: &'a str,
    }

    /// A field that could not be read completely.
    struct Unreadable<'a> {
        #[flatten] field: Field<'a>,
        reason: &'a str,
    }

    /// A ClusterServiceVersion.
    struct Operator<'a> {
        csv_namespace: &'a str,
        csv: &'a str,
    }

    /// A ClusterServiceVersion and one of all phases.
    struct OperatorPhase<'a> {
        #[flatten] operator: Operator<'a>,
        phase: &'a str,
    }

    /// A ClusterServiceVersion, its version, and the reason for its phase.
    struct OperatorInfo<'a> {
        #[flatten] operator: Operator<'a>,
        version: &'a str,
        reason: &'a str,
    }

    /// A build of this program.
    struct Build<'a> {
        version: &'a str,
        revision: &'a str,
    }

    /// A list that is polled.
    struct Listed<'a> {
        resource: &'a str,
        scope: &'a str,
    }

    /// A kind of denied requests and connections.
    struct Denied<'a> {
        reason: &'a str,
    }
}

/// No labels.
impl Labels for () {
    fn each(&self, _: &mut impl FnMut(&'static str, &str)) {}
}

/// The names of the labels of a set.
pub(super) fn names<L: Labels>() -> Vec<&'static str> {
    let mut names = Vec::new();
    L::default().each(&mut |name, _| names.push(name));
    names
}

// === impl Identity ===

impl<'a> Identity<'a> {
    fn of(entry: &'a Entry) -> Self {
        let secret = entry.secret();
        let field = Field {
            kind: SECRET,
            cert_namespace: &secret.namespace,
            name: &secret.name,
            key: entry.key(),
        };
        Self {
            field,
            position: entry.position().to_string(),
        }
    }

    /// The leaf of a secret, which need not exist.
    fn leaf(cert_namespace: &'a str, name: &'a str) -> Self {
        let field = Field {
            kind: SECRET,
            cert_namespace,
            name,
            key: TLS_CRT,
        };
        Self {
            field,
            position: "0".into(),
        }
    }
}

// === the labels of a certificate ===

impl<'a> Dated<'a> {
    pub(super) fn of(entry: &'a Entry) -> Self {
        Self {
            certificate: Identity::of(entry),
            role: role(entry.role),
            manager: entry.rotation().manager.name(),
        }
    }
}

impl<'a> Described<'a> {
    pub(super) fn of(entry: &'a Entry) -> Self {
        let certificate = entry.certificate();
        let remedy = match entry.role {
            Role::Leaf => entry.remedy(),
            Role::Chain | Role::Root | Role::Trust => String::new(), // only a leaf is renewed
        };
        Self {
            certificate: Identity::of(entry),
            subject: &certificate.subject,
            issuer: &certificate.issuer,
            serial: &certificate.serial,
            fingerprint: hexadecimal(&certificate.fingerprint),
            dns_names: &certificate.dns_names,
            owner: entry.secret().owner(),
            remedy,
        }
    }
}

impl<'a> Blocked<'a> {
    pub(super) fn of(obstacle: &'a Obstacle) -> Self {
        Self {
            certificate: Identity::leaf(&obstacle.namespace, &obstacle.name),
            manager: obstacle.manager.name(),
            reason: obstacle.evidence.name(),
            remedy: &obstacle.remedy,
        }
    }
}

impl<'a> Needed<'a> {
    pub(super) fn of(impact: &'a Impact) -> Self {
        Self {
            certificate: Identity::leaf(&impact.namespace, &impact.name),
            impact: impact.reach.name(),
            consumer: &impact.consumer,
        }
    }
}

impl<'a> Unreadable<'a> {
    pub(super) fn of(problem: &'a Problem) -> Self {
        let field = Field {
            kind: problem.kind,
            cert_namespace: &problem.namespace,
            name: &problem.name,
            key: &problem.key,
        };
        Self {
            field,
            reason: reason(problem.reason),
        }
    }
}

// === the labels of an operator ===

impl<'a> Operator<'a> {
    pub(super) fn of(operator: &'a facts::Operator) -> Self {
        Self {
            csv_namespace: &operator.namespace,
            csv: &operator.name,
        }
    }
}

impl<'a> OperatorPhase<'a> {
    /// The labels for a phase, which OLM calls the empty string before the first one.
    pub(super) fn of(operator: &'a facts::Operator, phase: &'a str) -> Self {
        Self {
            operator: Operator::of(operator),
            phase: if phase.is_empty() { "None" } else { phase },
        }
    }
}

impl<'a> OperatorInfo<'a> {
    pub(super) fn of(operator: &'a facts::Operator) -> Self {
        Self {
            operator: Operator::of(operator),
            version: &operator.version,
            reason: &operator.reason,
        }
    }
}

// === the labels of the exporter itself ===

impl Build<'_> {
    /// The build that is running.
    pub(super) const THIS: Self = Self {
        version: crate::VERSION,
        revision: crate::REVISION,
    };
}

impl<'a> Listed<'a> {
    pub(super) fn of(list: &'a List) -> Self {
        Self {
            resource: list.resource,
            scope: list.namespace.as_deref().unwrap_or_default(),
        }
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Leaf => "leaf",
        Role::Chain => "chain",
        Role::Root => "root",
        Role::Trust => "trust",
    }
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NoCertificate => "no_certificate",
        Reason::Damaged(Defect::Unterminated) => "unterminated",
        Reason::Damaged(Defect::BadBase64) => "bad_base64",
        Reason::Damaged(Defect::Malformed) => "malformed",
        Reason::InvalidField => "invalid_field",
    }
}
