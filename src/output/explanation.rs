//! The explanation of one object, for a terminal.

use std::io::{self, Write};

use super::text::{harmless, wrap};
use super::{Terminal, summary};
use crate::explain::{Change, Explanation};
use crate::facts::{Operator, Phase};
use crate::report::{Certificate, Source, Time};

/// The indentation below a heading.
const INDENT: usize = 2;

/// A terminal to explain on.
struct Page<'a> {
    terminal: Terminal,
    output: &'a mut dyn Write,
}

/// Writes an explanation that was made for a time.
///
/// # Errors
/// If the output cannot be written.
pub fn explain(
    explanation: &Explanation<'_>,
    source: &Source<'_>,
    at: Time,
    terminal: Terminal,
    output: &mut dyn Write,
) -> io::Result<()> {
    let certificates = explanation.findings.iter();
    let certificates: Vec<Certificate> = certificates
        .map(|finding| Certificate::of(finding, source))
        .collect();
    let mut page = Page { terminal, output };
    page.verdict(explanation, &certificates, at)?;
    page.certificates(&certificates)?;
    page.manager(explanation)?;
    page.future(explanation)
}

/// Writes the state of an operator as OLM sees it.
///
/// # Errors
/// If the output cannot be written.
pub fn operator(operator: &Operator, terminal: Terminal, output: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { terminal, output };
    page.heading(&format!("ClusterServiceVersion {}", operator.object))?;
    let phase = operator.phase.map_or("unknown", Phase::name);
    page.line(&format!("Version: {}", operator.version))?;
    page.line(&format!("Phase: {phase} ({})", operator.reason))?;
    for (name, time) in [
        ("In this phase since", operator.last_transition),
        ("OLM issued its certificates", operator.certs_last_updated),
        ("OLM plans to renew them", operator.certs_rotate_at),
    ] {
        let time = time.map_or("no time is known".into(), |time| Time(time).minute());
        page.line(&format!("{name}: {time}"))?;
    }
    let deployments = operator.deployments.join(", ");
    page.line(&format!("Deployments with certificates: {deployments}"))
}

// === impl Page ===

impl Page<'_> {
    fn verdict(
        &mut self,
        explanation: &Explanation<'_>,
        certificates: &[Certificate],
        at: Time,
    ) -> io::Result<()> {
        let Explanation {
            object,
            urgency,
            rotation,
            advice,
            ..
        } = explanation;
        let kind = object.kind.as_str();
        self.heading(&format!("{kind} {object}"))?;
        let needs = if explanation.needs_person {
            "needs a person"
        } else {
            "needs nobody"
        };
        self.line(&format!("{}: {needs}.", urgency.in_words()))?;
        if let Some(decisive) = certificates.iter().find(|one| one.urgency == *urgency) {
            self.line(&summary::when_of(explanation, decisive, at))?;
        }
        if let Some(reason) = &rotation.ignored {
            self.line(&format!("Ignored: {reason}"))?;
        }
        for problem in &explanation.problems {
            self.line(&format!(
                "Problem: {}: {}",
                problem.field,
                problem.reason.meaning()
            ))?;
        }
        if !advice.explanation().is_empty() {
            self.line(&format!(
                "Evidence ({}): {}",
                advice.reason(),
                advice.explanation()
            ))?;
        }
        if !advice.consumers.is_empty() {
            self.line(&format!("Affected: {}", advice.consumers.join(", ")))?;
        }
        match explanation.command() {
            Some((action, command)) => self.command(action.as_str(), command),
            None => Ok(()),
        }
    }

    fn certificates(&mut self, certificates: &[Certificate]) -> io::Result<()> {
        self.heading("\nCertificates")?;
        for certificate in certificates {
            let key = certificate.key.as_deref().unwrap_or_default();
            let Some(position) = certificate.position else {
                self.line("none: the object does not exist")?;
                continue;
            };
            let role = certificate.role.unwrap_or_default();
            let time = |time: Option<Time>| time.map_or("not readable".into(), Time::minute);
            let (from, until) = (time(certificate.not_before), time(certificate.not_after));
            self.line(&format!("{key}[{position}]  {role}  {from} to {until}"))?;
            for (name, text) in [
                ("subject", &certificate.subject),
                ("issuer", &certificate.issuer),
                ("serial", &certificate.serial),
                ("SHA-256", &certificate.fingerprint),
            ] {
                if let Some(text) = text {
                    self.line(&format!("  {name}: {text}"))?;
                }
            }
            if !certificate.dns_names.is_empty() {
                self.line(&format!(
                    "  DNS names: {}",
                    certificate.dns_names.join(", ")
                ))?;
            }
        }
        Ok(())
    }

    fn manager(&mut self, explanation: &Explanation<'_>) -> io::Result<()> {
        let Explanation {
            rotation, rules, ..
        } = explanation;
        self.heading("\nManager")?;
        self.line(&format!(
            "{}, recognised by: {}",
            rotation.manager.as_str(),
            rules.recognised_by
        ))?;
        for (key, value) in &explanation.marks {
            self.line(&format!("  {key}: {value}"))?;
        }
        for owner in &explanation.owners {
            self.line(&format!("  owned by {owner}"))?;
        }
        self.line(&format!("Renewal due: {}", rules.due))?;
        match rotation.due {
            Some(due) => self.line(&format!("  by {}", Time(due).minute())),
            None => self.line("  no date follows for this certificate"),
        }
    }

    fn future(&mut self, explanation: &Explanation<'_>) -> io::Result<()> {
        self.heading("\nIf nothing changes")?;
        if explanation.changes.is_empty() {
            return self.line("it stays as it is");
        }
        for Change {
            at,
            urgency,
            needs_person,
        } in &explanation.changes
        {
            let needs = if *needs_person {
                ", needs a person"
            } else {
                ""
            };
            self.line(&format!(
                "{}  {}{needs}",
                Time(*at).minute(),
                urgency.in_words()
            ))?;
        }
        Ok(())
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        let blank = text.len() - text.trim_start().len();
        let (blank, text) = text.split_at(blank);
        writeln!(
            self.output,
            "{blank}{}",
            self.terminal.paint.heading(harmless(text))
        )
    }

    /// Writes a text below a heading, in lines of the terminal's width.
    fn line(&mut self, text: &str) -> io::Result<()> {
        let indent = INDENT + text.len() - text.trim_start().len();
        for line in wrap(
            &harmless(text.trim_start()),
            self.terminal.width.saturating_sub(indent),
        ) {
            writeln!(self.output, "{:indent$}{line}", "")?;
        }
        Ok(())
    }

    /// Writes a command on one line, however long, for people to copy.
    fn command(&mut self, word: &str, command: &str) -> io::Result<()> {
        let command = self.terminal.paint.command(harmless(command));
        writeln!(self.output, "{:INDENT$}{word}: {command}", "")
    }
}
