//! Markdown for a ticket or a mail: what needs a person, with the command, then what comes next.

use std::io::{self, Write};

use super::text::{harmless, left, position};
use super::{Appearance, summary, unseen};
use crate::report::{Certificate, Report, Time};

/// Writes a report.
pub(super) fn write(
    report: &Report,
    appearance: Appearance,
    output: &mut dyn Write,
) -> io::Result<()> {
    let chosen = summary::choose(report, appearance);
    writeln!(output, "**{}**", escaped(&summary::sentence(report)))?;
    for certificate in &chosen.urgent {
        write_urgent(certificate, report.at, output)?;
    }
    if !chosen.next.is_empty() {
        writeln!(
            output,
            "\n| left | expires | urgency | manager | certificate |"
        )?;
        writeln!(output, "|---|---|---|---|---|")?;
    }
    for certificate in &chosen.next {
        let expires = certificate.not_after.map(Time::date).unwrap_or_default();
        writeln!(
            output,
            "| {} | {expires} | {} | {} | {} |",
            left(certificate, report.at),
            certificate.urgency.in_words(),
            certificate.manager,
            name(certificate)
        )?;
    }
    let unseen = unseen::lines(report, appearance);
    if !unseen.is_empty() {
        writeln!(output)?;
    }
    for line in unseen {
        writeln!(output, "- {}", escaped(&line))?;
    }
    Ok(())
}

fn write_urgent(certificate: &Certificate, at: Time, output: &mut dyn Write) -> io::Result<()> {
    let urgency = certificate.urgency.in_words();
    writeln!(
        output,
        "\n- **{}**: {urgency}. {}",
        name(certificate),
        summary::when(certificate, at)
    )?;
    if !certificate.affected.is_empty() {
        writeln!(
            output,
            "  Affected: {}.",
            escaped(&certificate.affected.join(", "))
        )?;
    }
    if let Some(blocked) = &certificate.blocked {
        writeln!(output, "  {}", blocked.message)?;
    }
    for (word, command) in [("Fix", &certificate.fix), ("Look at", &certificate.look_at)] {
        if let Some(command) = command {
            writeln!(output, "  {word}:\n\n  ```\n  {}\n  ```", harmless(command))?;
        }
    }
    Ok(())
}

fn name(certificate: &Certificate) -> String {
    let cluster = certificate
        .cluster
        .iter()
        .map(|cluster| format!("{cluster}: "));
    let place = certificate.place() + &position(certificate);
    escaped(&(cluster.collect::<String>() + &place))
}

/// A text without the characters that Markdown or HTML obey.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for char in harmless(text).chars() {
        match char {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => escaped.extend(['\\', char]),
            // A chat would tell everybody: `@all` of a name is no mention with a space of no width in it.
            '@' => escaped.push_str("@\u{200b}"),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            char => escaped.push(char),
        }
    }
    escaped
}
