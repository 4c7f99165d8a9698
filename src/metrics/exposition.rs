//! A snapshot as text, and a scrape of it: rendered and compressed once, served as often as asked for.
//!
//! One body serves OpenMetrics 1.0 and text 0.0.4, since no family is of a type that only one of them has.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use super::deflate::{Beginning, Writer};
use super::process::Process;
use super::samples::{Samples, Value};
use super::{FAMILIES, Family, Source};
use crate::facts::List;
use crate::snapshot::{Inventory, Snapshot};

/// A snapshot, ready to be scraped.
#[derive(Default)]
pub struct Exposition {
    snapshot: Snapshot,
    beginning: Beginning,
}

/// The answer to a scrape.
pub struct Scrape {
    /// The media type of the text.
    pub content_type: &'static str,
    /// The encoding of the body: `gzip`, or nothing for the text itself.
    pub encoding: Option<&'static str>,
    /// The length of the body in bytes.
    pub length: u64,
    /// The body in pieces, made while they are taken.
    pub body: Box<dyn Iterator<Item = Bytes> + Send>,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    OpenMetrics,
    Text,
}

/// The families that change with the cluster.
#[derive(Debug)]
struct Lasting(Arc<Inventory>);

/// The families that change by themselves.
#[derive(Debug)]
struct Passing {
    lists: Vec<List>,
    process: Process,
    denied: Vec<(&'static str, u64)>,
    format: Format,
}

// === impl Exposition ===

impl Exposition {
    /// Renders a snapshot; what `before` has of the same inventory is used again.
    pub fn render(snapshot: Snapshot, before: &Self) -> Self {
        let same = Arc::ptr_eq(&snapshot.inventory, &before.snapshot.inventory)
            && before.beginning.length() > 0;
        let beginning = if same {
            before.beginning.clone()
        } else {
            beginning(&snapshot.inventory)
        };
        Self {
            snapshot,
            beginning,
        }
    }

    /// What it was rendered of.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Answers a scrape that sent these `Accept` and `Accept-Encoding` headers.
    pub fn scrape(
        &self,
        accept: &str,
        accept_encoding: &str,
        denied: &[(&'static str, u64)],
    ) -> Scrape {
        let format = if accepts(accept, "application/openmetrics-text") {
            Format::OpenMetrics
        } else {
            Format::Text
        };
        let end = end(&self.snapshot, denied, format);
        let content_type = format.content_type();
        if accepts(accept_encoding, "gzip") {
            let body = self.beginning.gzip(&end);
            let length = body.iter().map(|piece| piece.len() as u64).sum();
            return Scrape {
                content_type,
                encoding: Some("gzip"),
                length,
                body: Box::new(body.into_iter()),
            };
        }
        let length = self.beginning.length() + end.len() as u64;
        let body = Box::new(self.beginning.text().chain([end.into()]));
        Scrape {
            content_type,
            encoding: None,
            length,
            body,
        }
    }
}

fn beginning(inventory: &Arc<Inventory>) -> Beginning {
    let mut text = Writer::default();
    encode(&mut text, Lasting(inventory.clone()));
    text.finish()
}

fn end(snapshot: &Snapshot, denied: &[(&'static str, u64)], format: Format) -> String {
    let mut text = String::new();
    encode(
        &mut text,
        Passing {
            lists: snapshot.lists.clone(),
            process: Process::read(),
            denied: denied.to_vec(),
            format,
        },
    );
    encode_eof(&mut text).expect("a String never refuses");
    text
}

/// A registry is prometheus-client's only way to an encoder.
fn encode(text: &mut impl fmt::Write, families: impl Collector) {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(families));
    encode_registry(text, &registry).expect("neither a String nor a Writer refuses");
}

/// Whether a list of preferences names that, with any weight but 0 (RFC 9110 section 12.4.2).
fn accepts(preferences: &str, wanted: &str) -> bool {
    preferences.split(',').any(|preference| {
        let mut parts = preference.split(';').map(str::trim);
        parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(wanted))
            && !parts.any(|part| {
                part.strip_prefix("q=")
                    .is_some_and(|q| q.parse() == Ok(0.0))
            })
    })
}

// === impl Format ===

impl Format {
    fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

// === impl Lasting ===

impl Collector for Lasting {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Self(inventory) = self;
        for family in FAMILIES.iter().filter(|family| family.source.is_lasting()) {
            let samples = &mut Samples::of(&mut encoder, family.name, family, MetricType::Gauge)?;
            match family.source {
                Source::Certificate(put) => each(&inventory.certificates, |it| put(it, samples))?,
                Source::Operator(put) => each(inventory.operators(), |it| put(it, samples))?,
                Source::Obstacle(put) => each(&inventory.obstacles, |it| put(it, samples))?,
                Source::Impact(put) => each(&inventory.impacts, |it| put(it, samples))?,
                Source::Problem(put) => each(&inventory.problems, |it| put(it, samples))?,
                Source::Program(put) => put(samples)?,
                Source::List(_)
                | Source::Refusals
                | Source::Process(_)
                | Source::ProcessCounter(_) => {}
            }
        }
        Ok(())
    }
}

fn each<T>(items: &[T], put: impl FnMut(&T) -> fmt::Result) -> fmt::Result {
    items.iter().try_for_each(put)
}

// === impl Passing ===

impl Collector for Passing {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for family in FAMILIES.iter().filter(|family| !family.source.is_lasting()) {
            if let Some(counts) = self.counts(&family.source) {
                self.count(&mut encoder, family, &counts)?;
                continue;
            }
            let samples = &mut Samples::of(&mut encoder, family.name, family, MetricType::Gauge)?;
            match family.source {
                Source::List(value) => each(&self.lists, |list| {
                    let labels = [list.resource, list.namespace.as_deref().unwrap_or_default()];
                    value(list).map_or(Ok(()), |value| samples.put(&labels, value))
                })?,
                Source::Process(value) => {
                    value(&self.process).map_or(Ok(()), |value| samples.put(&[], value))?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A sample of a counter: its label, if it has one, and its value.
type Count = (Option<&'static str>, Value);

impl Passing {
    /// The samples of a family that is a counter.
    fn counts(&self, source: &Source) -> Option<Vec<Count>> {
        match source {
            Source::ProcessCounter(count) => {
                let count = count(&self.process);
                Some(count.into_iter().map(|it| (None, it.into())).collect())
            }
            Source::Refusals => Some(
                self.denied
                    .iter()
                    .map(|(reason, count)| {
                        (
                            Some(*reason),
                            i64::try_from(*count).unwrap_or(i64::MAX).into(),
                        )
                    })
                    .collect(),
            ),
            _ => None,
        }
    }

    /// OpenMetrics describes a counter by the name of its family, text 0.0.4 by that of its samples.
    fn count(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        family: &Family,
        counts: &[Count],
    ) -> fmt::Result {
        if counts.is_empty() {
            return Ok(());
        }
        let total = format!("{}_total", family.name);
        let name = match self.format {
            Format::OpenMetrics => family.name,
            Format::Text => &total,
        };
        let samples = &mut Samples::of(encoder, name, family, MetricType::Counter)?;
        each(counts, |(label, value)| match self.format {
            Format::OpenMetrics => samples.count(label.as_slice(), *value),
            Format::Text => samples.put(label.as_slice(), *value),
        })
    }
}
