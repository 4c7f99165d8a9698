//! A diagnosis, for a terminal or for programs.

use std::io::{self, Write};

use clap::ValueEnum;
use unicode_width::UnicodeWidthStr;

use super::Terminal;
use super::text::{count, harmless, wrap};
use crate::doctor::{Check, Diagnosis, State};

/// The format of a diagnosis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DiagnosisFormat {
    /// A line for each check
    #[default]
    Text,
    /// JSON
    Json,
}

/// The column in which the names of the checks begin.
const INDENT: usize = 13;

/// Writes a diagnosis.
///
/// # Errors
/// If the output cannot be written.
pub fn diagnosis(
    diagnosis: &Diagnosis,
    format: DiagnosisFormat,
    terminal: Terminal,
    output: &mut dyn Write,
) -> io::Result<()> {
    match format {
        DiagnosisFormat::Text => text(diagnosis, terminal, output),
        DiagnosisFormat::Json => {
            serde_json::to_writer_pretty(&mut *output, diagnosis)?;
            writeln!(output)
        }
    }
}

fn text(diagnosis: &Diagnosis, terminal: Terminal, output: &mut dyn Write) -> io::Result<()> {
    let checks = &diagnosis.checks;
    for (index, check) in checks.iter().enumerate() {
        let Check { name, message, .. } = check;
        let state: &str = check.state.into();
        let padding = INDENT - state.width();
        let state = terminal.paint.state(check.state, state);
        let width = terminal.width.saturating_sub(INDENT);
        let lines = wrap(&harmless(&format!("{name}: {message}")), width);
        write!(output, "{state}{:padding$}", "")?;
        writeln!(output, "{}", lines.join(&format!("\n{:INDENT$}", "")))?;
        // A command that repairs several things in a row stands once, below the last of them.
        let next = checks.get(index + 1);
        for (word, command, of_next) in [
            ("Fix", &check.fix, next.map(|next| &next.fix)),
            ("Look at", &check.look_at, next.map(|next| &next.look_at)),
        ] {
            if let Some(text) = command.as_deref().filter(|_| of_next != Some(command)) {
                let command = terminal.paint.command(harmless(text));
                writeln!(output, "{:INDENT$}{word}: {command}", "")?;
            }
        }
    }
    writeln!(output, "\n{}", summary(diagnosis))
}

/// The number of checks by result, in a sentence.
fn summary(diagnosis: &Diagnosis) -> String {
    let all = [
        State::Ok,
        State::Missing,
        State::Failed,
        State::Unknown,
        State::NotChecked,
    ];
    let counts = all.map(|state| (diagnosis.count(state), <&str>::from(state)));
    let counts = counts.iter().filter(|(number, _)| *number > 0);
    let counts: Vec<String> = counts
        .map(|(number, state)| format!("{number} {state}"))
        .collect();
    let checks = count(diagnosis.checks.len(), "check", "checks");
    format!("{checks}: {}.", counts.join(", "))
}
