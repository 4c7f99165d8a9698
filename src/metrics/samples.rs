//! The text of a family: its description, and one line for each sample.
//!
//! OpenMetrics 1.0 and text 0.0.4 are the same text for the two types of families here, but for the
//! description of a counter. Writing it takes less code than making prometheus-client write it: its
//! `Family` keeps a second copy of all labels, its `derive(EncodeLabelSet)` takes no struct that
//! borrows, and its encoder is reached through a registry only.

use std::fmt::{Debug, Write};

use super::family::{Family, Kind};
use super::labels::Labels;

/// The format of an exposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// OpenMetrics 1.0, which describes a counter by the name of its family.
    OpenMetrics,
    /// Text 0.0.4, which describes a counter by the name of its samples.
    Text,
}

/// The lines of a family's samples.
pub(super) struct Samples<'a> {
    name: &'static str,
    suffix: &'static str,
    line: String,
    write: &'a mut dyn FnMut(&str),
}

/// The value of a sample: a number whose `Debug` form is the one of both formats (`3`, `0.5`,
/// `3.0`).
pub(super) trait Value: Copy + Debug {}

impl Value for i64 {}
impl Value for u64 {}
impl Value for f64 {}

// === impl Family ===

impl<Source> Family<Source> {
    /// Writes the description and all samples, line by line.
    pub(super) fn render(&self, source: &Source, format: Format, write: &mut dyn FnMut(&str)) {
        let description = &self.description;
        let suffix = match description.kind {
            Kind::Gauge => "",
            Kind::Counter => "_total",
        };
        let mut name = description.name.to_owned();
        if format == Format::Text {
            name.push_str(suffix);
        }
        write(&format!("# HELP {name} {}\n", description.help));
        write(&format!("# TYPE {name} {}\n", description.kind.name()));
        if let Some((_, unit @ ("seconds" | "bytes"))) = name.rsplit_once('_') {
            write(&format!("# UNIT {name} {unit}\n"));
        }
        let mut samples = Samples {
            name: description.name,
            suffix,
            line: String::new(),
            write,
        };
        (self.samples)(source, &mut samples);
    }
}

// === impl Samples ===

impl Samples<'_> {
    /// Writes a sample whose labels say everything: its value is 1.
    pub(super) fn mark(&mut self, labels: &impl Labels) {
        self.put(labels, 1_i64);
    }

    /// Writes one sample.
    pub(super) fn put(&mut self, labels: &impl Labels, value: impl Value) {
        let line = &mut self.line;
        line.clear();
        line.push_str(self.name);
        line.push_str(self.suffix);
        let mut separator = '{';
        labels.each(&mut |name, value| {
            line.push(separator);
            separator = ',';
            line.push_str(name);
            line.push_str("=\"");
            escape(value, line);
            line.push('"');
        });
        if separator == ',' {
            line.push('}');
        }
        writeln!(line, " {value:?}").expect("a String accepts every text");
        (self.write)(line);
    }
}

/// Appends the value of a label. It may be any text: every author of an object can choose it.
#[expect(
    clippy::string_slice,
    reason = "cut beside an ASCII character, and labels are shown anyway"
)]
fn escape(value: &str, line: &mut String) {
    let mut rest = value;
    while let Some(at) = rest
        .bytes()
        .position(|byte| matches!(byte, b'\\' | b'"' | b'\n'))
    {
        line.push_str(&rest[..at]);
        line.push_str(match rest.as_bytes()[at] {
            b'\n' => "\\n",
            b'"' => "\\\"",
            _ => "\\\\",
        });
        rest = &rest[at + 1..];
    }
    line.push_str(rest);
}
