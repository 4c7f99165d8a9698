//! The table for a terminal: what needs a person, with the command, then what comes next.
//!
//! Names and commands are never cut or broken, since people copy them; a terminal breaks those that
//! are longer than its lines.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::text::{harmless, left, position, wrap};
use super::{Appearance, summary, unseen};
use crate::report::{Certificate, Report, Time};

/// The width of the first column, and the indentation of the lines below a row.
const LEFT: usize = 5;

/// A column between the time that is left and the name.
struct Column {
    title: &'static str,
    /// The narrowest terminal that has room for it.
    terminal: usize,
    value: fn(&Certificate) -> String,
}

static COLUMNS: [Column; 5] = [
    Column {
        title: "EXPIRES",
        terminal: 80,
        value: |certificate| certificate.not_after.map(Time::date).unwrap_or_default(),
    },
    Column {
        title: "RENEWAL",
        terminal: 110,
        value: |certificate| certificate.renewal_due.map(Time::date).unwrap_or_default(),
    },
    Column {
        title: "URGENCY",
        terminal: 0,
        value: |certificate| certificate.urgency.in_words().into(),
    },
    Column {
        title: "MANAGER",
        terminal: 80,
        value: |certificate| certificate.manager.into(),
    },
    Column {
        title: "CLUSTER",
        terminal: 0,
        value: |certificate| harmless(certificate.cluster.as_deref().unwrap_or_default()),
    },
];

/// The columns that have values, and their widths.
struct Table {
    appearance: Appearance,
    at: Time,
    columns: Vec<(&'static Column, usize)>,
}

/// Writes the table.
pub(super) fn write(
    report: &Report,
    appearance: Appearance,
    output: &mut dyn Write,
) -> io::Result<()> {
    let summary::Chosen {
        urgent,
        next,
        hidden,
    } = summary::choose(report, appearance);
    let rows = [&urgent[..], &next].concat();
    let table = Table::of(&rows, report, appearance);
    if !urgent.is_empty() {
        table.heading(&format!("Needs a person ({})", urgent.len()), output)?;
        for certificate in urgent {
            table.row(certificate, output)?;
            table.details(certificate, output)?;
        }
        writeln!(output)?;
    }
    if !next.is_empty() {
        let title = match (appearance.all, hidden) {
            (true, _) => format!("All others ({})", next.len()),
            (false, 0) => format!("Next ({})", next.len()),
            (false, _) => format!(
                "Next ({} of {}; --all shows every one)",
                next.len(),
                next.len() + hidden
            ),
        };
        table.heading(&title, output)?;
        for certificate in next {
            table.row(certificate, output)?;
        }
        writeln!(output)?;
    }
    let unseen = unseen::lines(report, appearance);
    for line in &unseen {
        table.prose(line, 0, output)?;
    }
    if !unseen.is_empty() {
        writeln!(output)?;
    }
    table.prose(&summary::sentence(report), 0, output)
}

// === impl Table ===

impl Table {
    fn of(rows: &[&Certificate], report: &Report, appearance: Appearance) -> Self {
        let columns = COLUMNS
            .iter()
            .filter(|column| column.terminal <= appearance.terminal.width);
        let with_width = columns.filter_map(|column| {
            let widths = rows.iter().map(|row| (column.value)(row).width());
            let widest = widths.max().filter(|widest| *widest > 0)?;
            Some((column, widest.max(column.title.len())))
        });
        Self {
            appearance,
            at: report.at,
            columns: with_width.collect(),
        }
    }

    /// Writes a title, and the names of the columns.
    fn heading(&self, title: &str, output: &mut dyn Write) -> io::Result<()> {
        writeln!(output, "{}", self.appearance.terminal.paint.heading(title))?;
        let cells = self.cells("LEFT", |column| column.title.into());
        writeln!(output, "{cells}CERTIFICATE")
    }

    /// Writes a certificate, its name on a line of its own where it does not fit.
    fn row(&self, certificate: &Certificate, output: &mut dyn Write) -> io::Result<()> {
        let left = left(certificate, self.at);
        let cells = self.cells(&left, |column| (column.value)(certificate));
        let name = harmless(&certificate.place()) + &harmless(&position(certificate));
        let painted = self.appearance.terminal.paint.urgency(certificate, &cells);
        if cells.width() + name.width() <= self.appearance.terminal.width {
            return writeln!(output, "{painted}{name}");
        }
        let painted = self
            .appearance
            .terminal
            .paint
            .urgency(certificate, cells.trim_end());
        writeln!(output, "{painted}\n{:LEFT$}  {name}", "")
    }

    /// The columns before the name, each followed by two spaces.
    fn cells(&self, left: &str, value: impl Fn(&Column) -> String) -> String {
        let mut cells = format!("{left:>LEFT$}  ");
        for (column, width) in &self.columns {
            let value = value(column);
            let padding = width.saturating_sub(value.width()) + 2;
            cells.extend([&*value, &" ".repeat(padding)]);
        }
        cells
    }

    /// Writes what is affected, why, and the command.
    fn details(&self, certificate: &Certificate, output: &mut dyn Write) -> io::Result<()> {
        let indent = LEFT + 2;
        self.prose(&summary::when(certificate, self.at), indent, output)?;
        if !certificate.affected.is_empty() {
            let affected = format!("Affected: {}", certificate.affected.join(", "));
            self.prose(&affected, indent, output)?;
        }
        if let Some(blocked) = &certificate.blocked {
            self.prose(blocked.message, indent, output)?;
        }
        if let Some(owner) = &certificate.owner {
            self.prose(&format!("Owner: {owner}"), indent, output)?;
        }
        for (word, command) in [("Fix", &certificate.fix), ("Look at", &certificate.look_at)] {
            if let Some(command) = command {
                let command = self.appearance.terminal.paint.command(harmless(command));
                writeln!(output, "{:indent$}{word}: {command}", "")?;
            }
        }
        Ok(())
    }

    /// Writes a text in lines of the terminal's width.
    fn prose(&self, text: &str, indent: usize, output: &mut dyn Write) -> io::Result<()> {
        for line in wrap(&harmless(text), self.appearance.terminal.width - indent) {
            writeln!(output, "{:indent$}{line}", "")?;
        }
        Ok(())
    }
}
