//! The limit of equal lines, with a time that the tests choose, and through a real subscriber.

use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::log::lines;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The lines that are written of the events in `happens`.
fn written(kind: LogFormat, happens: impl FnOnce()) -> Vec<String> {
    let written = Written::default();
    let subscriber = tracing_subscriber::registry().with(lines(kind, written.clone(), false));
    tracing::subscriber::with_default(subscriber, happens);
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn equal_lines_are_written_five_times_and_others_always() {
    let lines = written(LogFormat::Text, || {
        for attempt in 0..20 {
            tracing::warn!(list = "secrets", "list failed");
            tracing::warn!(list = "services", attempt, "list failed");
        }
    });
    let count = |text| lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!(count("secrets"), 5);
    assert_eq!(count("services"), 20);
}

#[test]
fn the_finer_levels_are_never_left_out() {
    let lines = written(LogFormat::Text, || {
        for _ in 0..20 {
            tracing::debug!("one step");
        }
    });
    assert_eq!(lines.len(), 20);
}

#[test]
fn after_a_minute_the_line_is_written_with_the_number_of_those_left_out() {
    let (mut lines, start) = (Lines::default(), Instant::now());
    let counts: Vec<_> = (0..8).map(|_| lines.count(1, start)).collect();
    let written = [Some(0); 5].into_iter().chain([None; 3]);
    assert!(counts.into_iter().eq(written));
    assert_eq!(lines.count(2, start), Some(0), "another line");
    assert_eq!(lines.count(1, start + WINDOW), Some(3));
    assert_eq!(lines.count(1, start + WINDOW), Some(0));
}

#[test]
fn the_number_of_counted_lines_is_bounded() {
    let (mut lines, start) = (Lines::default(), Instant::now());
    for key in 0..10 * MOST as u64 {
        assert_eq!(lines.count(key, start), Some(0));
    }
    assert!(lines.0.len() <= MOST);
    lines.count(0, start + WINDOW);
    assert_eq!(lines.0.len(), 1, "the others are forgotten");
}

#[test]
fn the_number_is_a_field_in_both_formats() {
    for (kind, line, expected) in [
        (
            LogFormat::Text,
            "WARN list failed\n",
            "WARN list failed left_out=3\n",
        ),
        (
            LogFormat::Json,
            "{\"level\":\"WARN\"}\n",
            "{\"level\":\"WARN\",\"left_out\":3}\n",
        ),
    ] {
        let mut line = line.to_owned();
        Throttled::new((), kind).write_count(&mut line, 3).unwrap();
        assert_eq!(line, expected);
    }
}
