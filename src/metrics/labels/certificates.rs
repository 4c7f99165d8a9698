//! The labels of certificates, and of the objects that hold them.

use super::Labels;
use crate::certificate::hexadecimal;
use crate::impact::{Impact, Reach};
use crate::object::ObjectRef;
use crate::snapshot::{Advice, Entry, Inventory, Obstacle, Problem};

labels! {
    /// An object.
    struct Object<'a> {
        kind: &'a str,
        cert_namespace: &'a str,
        name: &'a str,
    }

    /// A field of an object.
    struct Field<'a> {
        #[flatten] object: Object<'a>,
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
        owner: &'a str,
        shared: &'a str,
    }

    /// An object that is excluded from alerts, and why.
    struct Ignored<'a> {
        #[flatten] object: Object<'a>,
        explanation: &'a str,
    }

    /// A field that could not be read completely.
    struct Unreadable<'a> {
        #[flatten] field: Field<'a>,
        reason: &'a str,
    }
}

// === impl Object ===

impl<'a> Object<'a> {
    pub(in crate::metrics) fn of(object: &'a ObjectRef) -> Self {
        Self {
            kind: object.kind.as_str(),
            cert_namespace: &object.namespace,
            name: &object.name,
        }
    }
}

// === impl Field ===

impl<'a> Field<'a> {
    fn of(object: &'a ObjectRef, key: &'a str) -> Self {
        Self {
            object: Object::of(object),
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
    fn leaf(object: &'a ObjectRef, inventory: &Inventory) -> Self {
        Self {
            field: Field::of(object, object.kind.leaf_path()),
            position: inventory.position_of_leaf(object).to_string(),
        }
    }
}

// === the labels of a certificate ===

impl<'a> Dated<'a> {
    pub(in crate::metrics) fn of(entry: &Entry<'a>) -> Self {
        Self {
            certificate: Identity::of(entry),
            role: entry.role.as_str(),
            manager: entry.rotation.manager.as_str(),
        }
    }
}

impl<'a> Described<'a> {
    pub(in crate::metrics) fn of(entry: &Entry<'a>) -> Self {
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
    pub(in crate::metrics) fn of(obstacle: &'a Obstacle, inventory: &Inventory) -> Self {
        Self {
            certificate: Identity::leaf(&obstacle.object, inventory),
            manager: obstacle.manager.as_str(),
            reason: obstacle.evidence.as_str(),
            remedy: &obstacle.remedy,
        }
    }
}

impl<'a> Needed<'a> {
    pub(in crate::metrics) fn of(impact: &'a Impact, inventory: &Inventory) -> Self {
        Self {
            certificate: Identity::leaf(&impact.object, inventory),
            impact: impact.reach.as_str(),
            consumer: impact.consumer.seen_from(&impact.object.namespace),
        }
    }
}

impl<'a> Advised<'a> {
    pub(in crate::metrics) fn of(advice: &'a Advice<'a>) -> Self {
        Self {
            object: Object::of(advice.object),
            manager: advice.manager.as_str(),
            impact: advice.reach.map_or("", Reach::as_str),
            affected: &advice.affected,
            reason: advice.reason(),
            explanation: advice.explanation(),
            action: advice.action(),
            remedy: &advice.remedy,
            owner: advice.owner,
            shared: &advice.shared,
        }
    }
}

impl<'a> Ignored<'a> {
    pub(in crate::metrics) fn of((object, reason): (&'a ObjectRef, &'a str)) -> Self {
        Self {
            object: Object::of(object),
            explanation: reason,
        }
    }
}

impl<'a> Unreadable<'a> {
    pub(in crate::metrics) fn of(problem: &'a Problem) -> Self {
        Self {
            field: Field::of(&problem.object, &problem.field),
            reason: problem.reason.as_str(),
        }
    }
}
