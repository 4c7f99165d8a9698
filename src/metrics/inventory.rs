//! The samples of certificates, operators and problems, and the text of every closed set that becomes a label.

use std::fmt;

use strum::VariantArray;

use super::samples::Samples;
use crate::certificate::hexadecimal;
use crate::facts::{Operator, Phase};
use crate::impact::Impact;
use crate::object::ObjectRef;
use crate::snapshot::{Entry, Obstacle, Problem, Role};

/// A date of the certificate, if it has that.
pub(super) fn date(entry: &Entry<'_>, date: Option<i64>, samples: &mut Samples<'_>) -> fmt::Result {
    let Some(date) = date else { return Ok(()) };
    let ObjectRef {
        kind,
        namespace,
        name,
    } = &entry.holder.object;
    let position = entry.position.to_string();
    let labels = [
        kind.as_str(),
        namespace,
        name,
        &entry.field.path,
        &position,
        entry.role.as_str(),
        entry.rotation.manager.as_str(),
    ];
    samples.put(&labels, date)
}

pub(super) fn info(entry: &Entry<'_>, samples: &mut Samples<'_>) -> fmt::Result {
    let ObjectRef {
        kind,
        namespace,
        name,
    } = &entry.holder.object;
    let (certificate, position) = (entry.certificate, entry.position.to_string());
    // It is the leaf that is renewed.
    let remedy = if entry.role == Role::Leaf {
        entry.remedy()
    } else {
        String::new()
    };
    let labels = [
        kind.as_str(),
        namespace,
        name,
        &entry.field.path,
        &position,
        &certificate.subject,
        &certificate.issuer,
        &certificate.serial,
        &hexadecimal(&certificate.fingerprint),
        &certificate.dns_names,
        entry.holder.meta.owner(),
        &remedy,
    ];
    samples.put(&labels, 1)
}

/// It is the leaf that is not renewed, even where that is not there.
pub(super) fn obstacle(obstacle: &Obstacle, samples: &mut Samples<'_>) -> fmt::Result {
    let ObjectRef {
        kind,
        namespace,
        name,
    } = &obstacle.object;
    let labels = [
        kind.as_str(),
        namespace,
        name,
        kind.leaf_path(),
        "0",
        obstacle.manager.as_str(),
        obstacle.evidence.as_str(),
        &obstacle.remedy,
    ];
    samples.put(&labels, 1)
}

/// It is the leaf that somebody needs.
pub(super) fn impact(impact: &Impact, samples: &mut Samples<'_>) -> fmt::Result {
    let ObjectRef {
        kind,
        namespace,
        name,
    } = &impact.object;
    let consumer = impact.consumer.seen_from(namespace);
    let labels = [
        kind.as_str(),
        namespace,
        name,
        kind.leaf_path(),
        "0",
        impact.reach.as_str(),
        &consumer,
    ];
    samples.put(&labels, 1)
}

/// A sample for each of the phases there are.
pub(super) fn phases(operator: &Operator, samples: &mut Samples<'_>) -> fmt::Result {
    Phase::VARIANTS.iter().try_for_each(|phase| {
        let name = match phase {
            Phase::None => "None",
            phase => phase.into(),
        };
        let is_in = i64::from(operator.phase == Some(*phase));
        samples.put(
            &[&operator.object.namespace, &operator.object.name, name],
            is_in,
        )
    })
}

/// A time of the operator, if it has that.
pub(super) fn time(
    operator: &Operator,
    time: Option<i64>,
    samples: &mut Samples<'_>,
) -> fmt::Result {
    time.map_or(Ok(()), |time| {
        samples.put(&[&operator.object.namespace, &operator.object.name], time)
    })
}

pub(super) fn problem(problem: &Problem, samples: &mut Samples<'_>) -> fmt::Result {
    let ObjectRef {
        kind,
        namespace,
        name,
    } = &problem.object;
    let labels = [
        kind.as_str(),
        namespace,
        name,
        &problem.field,
        problem.reason.as_str(),
    ];
    samples.put(&labels, 1)
}
