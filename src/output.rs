//! Reports as text: a table for terminals, Markdown for tickets, a message for chats, and formats for
//! programs.

mod csv;
mod diagnosis;
mod explanation;
mod junit;
mod markdown;
mod paint;
pub(crate) mod summary;
mod table;
pub(crate) mod text;
mod unseen;
mod webhook;

use std::io::{self, Write};

use clap::ValueEnum;

pub use self::diagnosis::{DiagnosisFormat, diagnosis};
pub use self::explanation::{explain, operator};
pub use self::paint::Paint;
use crate::report::Report;

/// The format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for a terminal
    #[default]
    Table,
    /// JSON, as docs/report.schema.json describes it
    Json,
    /// YAML, with the fields of the JSON
    Yaml,
    /// Comma-separated values, a certificate on each line
    Csv,
    /// JUnit XML, a test case for each certificate
    Junit,
    /// The metrics that `notafter serve` exposes, in OpenMetrics
    Openmetrics,
    /// Markdown, for a ticket or a mail
    Markdown,
    /// JSON for the incoming webhook of a chat, with a text of at most 4,000 bytes
    Webhook,
}

/// The order of certificates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// What needs a person first, then by expiry
    #[default]
    Urgency,
    /// By expiry
    Expiry,
    /// By namespace and name
    Name,
    /// By manager, then by expiry
    Manager,
}

/// The appearance of a report for people.
#[derive(Clone, Copy, Debug)]
pub struct Appearance {
    /// True to show every certificate, and not only those that need a person or come next.
    pub all: bool,
    /// The order of the certificates.
    pub order: Order,
    /// The terminal.
    pub terminal: Terminal,
}

/// A terminal, or what stands for one.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// The width in columns.
    pub width: usize,
    /// The use of colours.
    pub paint: Paint,
}

/// Writes a report in a format. The metrics are not made of a report: see
/// [`crate::metrics::Exposition`].
///
/// # Errors
/// If the output cannot be written.
pub fn write(
    report: &Report,
    format: Format,
    appearance: Appearance,
    output: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Table | Format::Openmetrics => table::write(report, appearance, output),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *output, report)?;
            writeln!(output)
        }
        Format::Yaml => {
            let text = serde_saphyr::to_string(report).map_err(io::Error::other)?;
            output.write_all(text.as_bytes())
        }
        Format::Csv => csv::write(report, output),
        Format::Junit => junit::write(report, output),
        Format::Markdown => markdown::write(report, appearance, output),
        Format::Webhook => webhook::write(report, appearance, output),
    }
}
