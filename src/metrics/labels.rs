//! The labels of every family, as structs whose fields are named like the labels.
//!
//! No family has a bare `namespace`, `service` or `pod`: monitoring stacks overwrite those labels.

use crate::certificate::hexadecimal;
use crate::facts::{self, Phase};
use crate::health::List;
use crate::impact::{Impact, Reach};
use crate::object::ObjectRef;
use crate::snapshot::{Advice, Entry, Obstacle, Problem};

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
        consumer: String,
    }

    /// An object.
    struct Object<'a> {
        kind: &'a str,
        cert_namespace: &'a str,
        name: &'a str,
    }

    /// An object, and what an alert about it says.
    struct Advised<'a> {
        #[flatten] object: Object<'a>,
        manager: &'a str,
        impact: &'a str,
        affected: &'a str,
        reason: &'a str,
        explanation: &'a str,
        action: &'a str,
        remedy: &'a str,
    }

    /// A manager, and the command that shows whether it runs.
    struct Renewer<'a> {
        manager: &'a str,
        remedy: String,
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

// === impl Field ===

impl<'a> Field<'a> {
    fn of(object: &'a ObjectRef, key: &'a str) -> Self {
        Self {
            kind: object.kind.as_str(),
            cert_namespace: &object.namespace,
            name: &object.name,
            key,
        }
    }
}

// === impl Identity ===

impl<'a> Identity<'a> {
    fn of(entry: &Entry<'a>) -> Self {
        Self {
            field: Field::of(&entry.holder.object, &entry.field.path),
            position: entry.position.to_string(),
        }
    }

    /// The leaf of an object, which need not exist.
    fn leaf(object: &'a ObjectRef) -> Self {
        Self {
            field: Field::of(object, object.kind.leaf_path()),
            position: "0".into(),
        }
    }
}

// === the labels of a certificate ===

impl<'a> Dated<'a> {
    pub(super) fn of(entry: &Entry<'a>) -> Self {
        Self {
            certificate: Identity::of(entry),
            role: entry.role.as_str(),
            manager: entry.rotation.manager.as_str(),
        }
    }
}

impl<'a> Described<'a> {
    pub(super) fn of(entry: &Entry<'a>) -> Self {
        let certificate = entry.certificate;
        Self {
            certificate: Identity::of(entry),
            subject: &certificate.subject,
            issuer: &certificate.issuer,
            serial: &certificate.serial,
            fingerprint: hexadecimal(&certificate.fingerprint),
            dns_names: &certificate.dns_names,
            owner: entry.holder.meta.owner(),
        }
    }
}

impl<'a> Blocked<'a> {
    pub(super) fn of(obstacle: &'a Obstacle) -> Self {
        Self {
            certificate: Identity::leaf(&obstacle.object),
            manager: obstacle.manager.as_str(),
            reason: obstacle.evidence.as_str(),
            remedy: &obstacle.remedy,
        }
    }
}

impl<'a> Needed<'a> {
    pub(super) fn of(impact: &'a Impact) -> Self {
        Self {
            certificate: Identity::leaf(&impact.object),
            impact: impact.reach.as_str(),
            consumer: impact.consumer.seen_from(&impact.object.namespace),
        }
    }
}

impl<'a> Object<'a> {
    pub(super) fn of(object: &'a ObjectRef) -> Self {
        Self {
            kind: object.kind.as_str(),
            cert_namespace: &object.namespace,
            name: &object.name,
        }
    }
}

impl<'a> Advised<'a> {
    pub(super) fn of(advice: &'a Advice<'a>) -> Self {
        Self {
            object: Object::of(advice.object),
            manager: advice.manager.as_str(),
            impact: advice.reach.map_or("", Reach::as_str),
            affected: &advice.affected,
            reason: advice.reason(),
            explanation: advice.explanation(),
            action: advice.action(),
            remedy: &advice.remedy,
        }
    }
}

impl<'a> Unreadable<'a> {
    pub(super) fn of(problem: &'a Problem) -> Self {
        Self {
            field: Field::of(&problem.object, &problem.field),
            reason: problem.reason.as_str(),
        }
    }
}

// === the labels of an operator ===

impl<'a> Operator<'a> {
    pub(super) fn of(operator: &'a facts::Operator) -> Self {
        Self {
            csv_namespace: &operator.object.namespace,
            csv: &operator.object.name,
        }
    }
}

impl<'a> OperatorPhase<'a> {
    /// The labels for a phase. OLM's name of the first one is the empty string.
    pub(super) fn of(operator: &'a facts::Operator, phase: Phase) -> Self {
        Self {
            operator: Operator::of(operator),
            phase: match phase {
                Phase::None => "None",
                phase => phase.into(),
            },
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
            resource: &list.resource,
            scope: list.namespace.as_deref().unwrap_or_default(),
        }
    }
}
