//! The samples of certificates, operators and problems, and the text of every closed set that becomes a label.

use std::fmt;

use super::samples::Samples;
use crate::certificate::{Defect, hexadecimal};
use crate::facts::{Operator, Phase, TLS_CRT};
use crate::impact::Impact;
use crate::snapshot::{Entry, Obstacle, Problem, Reason, Role};

/// The kind of every object that certificates are read from so far.
const SECRET: &str = "Secret";

/// A date of the certificate, if it has that.
pub(super) fn date(entry: &Entry, date: Option<i64>, samples: &mut Samples<'_>) -> fmt::Result {
    let Some(date) = date else { return Ok(()) };
    let (secret, position) = (entry.secret(), entry.position().to_string());
    let (key, role) = (entry.key(), role(entry.role));
    samples.put(
        &[
            SECRET,
            &secret.namespace,
            &secret.name,
            key,
            &position,
            role,
            entry.rotation().manager.name(),
        ],
        date,
    )
}

pub(super) fn info(entry: &Entry, samples: &mut Samples<'_>) -> fmt::Result {
    let (secret, position) = (entry.secret(), entry.position().to_string());
    let certificate = entry.certificate();
    // It is the leaf that is renewed.
    let remedy = if entry.role == Role::Leaf {
        entry.remedy()
    } else {
        String::new()
    };
    let labels = [
        SECRET,
        &secret.namespace,
        &secret.name,
        entry.key(),
        &position,
        &certificate.subject,
        &certificate.issuer,
        &certificate.serial,
        &hexadecimal(&certificate.fingerprint),
        &certificate.dns_names,
        secret.owner(),
        &remedy,
    ];
    samples.put(&labels, 1)
}

/// It is the leaf that is not renewed, even where that is not there.
pub(super) fn obstacle(obstacle: &Obstacle, samples: &mut Samples<'_>) -> fmt::Result {
    let Obstacle {
        namespace,
        name,
        manager,
        evidence,
        remedy,
    } = obstacle;
    let (manager, reason) = (manager.name(), evidence.name());
    samples.put(
        &[
            SECRET, namespace, name, TLS_CRT, "0", manager, reason, remedy,
        ],
        1,
    )
}

/// It is the leaf that somebody needs.
pub(super) fn impact(impact: &Impact, samples: &mut Samples<'_>) -> fmt::Result {
    let Impact {
        namespace,
        name,
        reach,
        consumer,
    } = impact;
    let reach = reach.name();
    samples.put(&[SECRET, namespace, name, TLS_CRT, "0", reach, consumer], 1)
}

/// A sample for each of the phases there are.
pub(super) fn phases(operator: &Operator, samples: &mut Samples<'_>) -> fmt::Result {
    Phase::ALL.iter().try_for_each(|(name, phase)| {
        let name = if *phase == Phase::None { "None" } else { name };
        let is_in = i64::from(operator.phase == Some(*phase));
        samples.put(&[&operator.namespace, &operator.name, name], is_in)
    })
}

/// A time of the operator, if it has that.
pub(super) fn time(
    operator: &Operator,
    time: Option<i64>,
    samples: &mut Samples<'_>,
) -> fmt::Result {
    time.map_or(Ok(()), |time| {
        samples.put(&[&operator.namespace, &operator.name], time)
    })
}

pub(super) fn problem(problem: &Problem, samples: &mut Samples<'_>) -> fmt::Result {
    let Problem {
        kind,
        namespace,
        name,
        key,
        reason: why,
    } = problem;
    samples.put(&[kind, namespace, name, key, reason(*why)], 1)
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
        Reason::Strange => "strange",
    }
}
