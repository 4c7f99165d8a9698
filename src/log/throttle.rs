//! The limit of the log: a line that would be written again and again is written a few times a
//! minute, with the number of times that it was left out.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt::{self, Debug, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use super::LogFormat;

/// The time in which lines are counted, and the number of equal ones that are written in it.
const WINDOW: Duration = Duration::from_mins(1);
const WRITTEN: u32 = 5;

/// The most lines that are counted at a time. Lines name objects, and a tenant can make many.
const MOST: usize = 1000;

/// A format of events that leaves out lines which were written often enough.
pub(super) struct Throttled<F> {
    format: F,
    kind: LogFormat,
    lines: Mutex<Lines>,
}

/// The lines of the last minute.
#[derive(Default)]
struct Lines(HashMap<u64, Count>);

/// The number of equal lines since a time.
struct Count {
    since: Instant,
    written: u32,
    left_out: u32,
}

/// A visitor that feeds fields to a hasher.
struct Hashed(DefaultHasher);

// === impl Throttled ===

impl<F> Throttled<F> {
    pub(super) fn new(format: F, kind: LogFormat) -> Self {
        Self {
            format,
            kind,
            lines: Mutex::default(),
        }
    }

    /// Adds the number of lines that were left out to a line.
    fn write_count(&self, line: &mut String, left_out: u32) -> fmt::Result {
        let end = line.trim_end().len();
        line.truncate(end);
        match self.kind {
            LogFormat::Text => writeln!(line, " left_out={left_out}"),
            LogFormat::Json => {
                line.pop();
                writeln!(line, ",\"left_out\":{left_out}}}")
            }
        }
    }
}

impl<S, N, F> FormatEvent<S, N> for Throttled<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        // Whoever wants the finer levels wants all of them.
        if *event.metadata().level() > Level::INFO {
            return self.format.format_event(context, writer, event);
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(left_out) = lines.count(key(event), Instant::now()) else {
            return Ok(());
        };
        drop(lines);
        let mut line = String::new();
        self.format
            .format_event(context, Writer::new(&mut line), event)?;
        if left_out > 0 {
            self.write_count(&mut line, left_out)?;
        }
        writer.write_str(&line)
    }
}

/// Returns a number that is the same for equal lines.
fn key(event: &Event<'_>) -> u64 {
    let mut hashed = Hashed(DefaultHasher::new());
    event.metadata().callsite().hash(&mut hashed.0);
    event.record(&mut hashed);
    hashed.0.finish()
}

// === impl Lines ===

impl Lines {
    /// Counts a line. Returns the number of equal ones that were left out before it, or nothing if
    /// it is to be left out, too.
    fn count(&mut self, key: u64, now: Instant) -> Option<u32> {
        let is_over = |count: &Count| now.duration_since(count.since) >= WINDOW;
        if self.0.len() >= MOST {
            self.0.retain(|_, count| !is_over(count));
        }
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            return Some(0);
        }
        let new = || Count {
            since: now,
            written: 0,
            left_out: 0,
        };
        let count = self.0.entry(key).or_insert_with(new);
        if is_over(count) {
            (count.since, count.written) = (now, 0);
        }
        if count.written == WRITTEN {
            count.left_out += 1;
            return None;
        }
        count.written += 1;
        Some(std::mem::take(&mut count.left_out))
    }
}

// === impl Hashed ===

impl Visit for Hashed {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        field.name().hash(&mut self.0);
        format!("{value:?}").hash(&mut self.0);
    }
}
