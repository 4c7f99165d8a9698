//! `notafter scan`: one look at clusters or files, printed.

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::output_file::OutputFile;
use super::stdout::Stdout;
use super::subject::{self, Seen};
use super::terminal;
use crate::cli::{ColorWhen, ScanArgs};
use crate::metrics::{Exposition, Tail};
use crate::object::ObjectRef;
use crate::output::{self, Appearance, Format, Terminal};
use crate::report::{Filter, Report, Source, findings};
use crate::snapshot::Inventory;
use crate::urgency::Thresholds;

/// Runs the command, and returns its exit status.
///
/// # Errors
/// If the output cannot be written; where that can be known before the look, nothing is looked at.
pub async fn scan(args: ScanArgs) -> anyhow::Result<u8> {
    let ScanArgs {
        files,
        subject,
        managers,
        within,
        all,
        sort,
        output: format,
        output_file,
        exit_zero,
        color,
    } = args;
    let unwritable = || match &output_file {
        Some(path) => format!("cannot write --output-file {}", path.display()),
        None => "cannot print to standard output".into(),
    };
    let file = output_file.as_deref().map(OutputFile::open).transpose();
    let file = file.with_context(unwritable)?;
    let at = subject::time(subject.at);
    let filter = Filter {
        namespaces: subject.namespaces.clone(),
        managers,
        within: within.map(seconds),
        ..Filter::default()
    };
    let seen = subject::look(files, subject).await?;
    let sources: Vec<Source> = seen.iter().map(Seen::source).collect();
    let report = Report::of(&sources, at, &Thresholds::default(), &filter);
    let appearance = Appearance {
        all,
        order: sort,
        terminal: terminal(color, file.is_some()),
    };
    let print = |output: &mut dyn Write| match (format, &sources[..]) {
        (Format::Openmetrics, [source]) => write_metrics(source, at, &filter, output),
        _ => output::write(&report, format, appearance, output),
    };
    write(file, print).with_context(unwritable)?;
    Ok(if exit_zero {
        0
    } else {
        report.verdict().exit_status()
    })
}

/// The terminal that is written to, or what stands for one in a file.
fn terminal(color: ColorWhen, is_file: bool) -> Terminal {
    if is_file {
        return terminal::none(color);
    }
    Terminal {
        width: terminal::width(),
        paint: terminal::paint(color),
    }
}

/// Writes to the file, else to standard output.
fn write(
    file: Option<OutputFile>,
    print: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(file) = file {
        return file.write(print);
    }
    let mut output = Stdout::lock();
    print(&mut output)?;
    output.flush()
}

/// Writes the metrics that `notafter serve` would expose about the objects that pass, but not those of
/// the process, which would be mistaken for those of the program that reads them.
fn write_metrics(
    source: &Source<'_>,
    at: i64,
    filter: &Filter,
    output: &mut dyn Write,
) -> io::Result<()> {
    let mut inventory = source.snapshot.inventory.clone();
    if *filter != Filter::default() {
        inventory = Arc::new(part(&inventory, at, filter));
    }
    let tail = Tail {
        lists: source.snapshot.lists.clone(),
        ..Tail::default()
    };
    let exposition = Exposition::render(&inventory);
    let scrape = exposition.scrape("application/openmetrics-text", "identity", &tail);
    for piece in scrape.body {
        output.write_all(&piece)?;
    }
    Ok(())
}

/// The part of an inventory that passes a filter: whole objects of which a certificate passes, and those
/// of which none can be read.
fn part(inventory: &Inventory, at: i64, filter: &Filter) -> Inventory {
    let mut passing = findings(inventory, at, &Thresholds::default());
    passing.retain(|finding| filter.passes(finding, at));
    let unreadable = inventory.judged().iter().filter(|judged| {
        let has_none = inventory.certificates_of(judged).next().is_none();
        has_none && filter.has_object(&judged.holder.object, judged.rotation.manager)
    });
    let unreadable = unreadable.map(|judged| &judged.holder.object);
    let passing = passing.iter().map(|finding| finding.object);
    let objects: HashSet<&ObjectRef> = passing.chain(unreadable).collect();
    inventory.only(&objects)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
