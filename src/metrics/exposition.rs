//! The exposition: the text of an inventory, rendered and compressed once, and the answers to
//! scrapes made of it.
//!
//! One body serves OpenMetrics 1.0 and text 0.0.4, since no family is of a type that only one of
//! them has.

use bytes::Bytes;

use super::gzip::{Prefix, PrefixWriter};
use super::samples::Format;
use super::{Tail, inventory, tail};
use crate::snapshot::Inventory;

/// An inventory, ready to be scraped. A clone shares the text.
#[derive(Clone)]
pub struct Exposition {
    prefix: Prefix,
}

/// The answer to a scrape.
pub struct Scrape {
    /// The media type of the text.
    pub content_type: &'static str,
    /// The encoding of the body: `gzip`, or none.
    pub encoding: Option<&'static str>,
    /// The length of the body in bytes.
    pub length: u64,
    /// The body in pieces, made while they are taken.
    pub body: Box<dyn Iterator<Item = Bytes> + Send>,
}

// === impl Exposition ===

impl Exposition {
    /// Renders and compresses the families that follow from the inventory.
    pub fn render(inventory: &Inventory) -> Self {
        let mut writer = PrefixWriter::default();
        for family in inventory::FAMILIES {
            // Gauges only, which both formats describe in the same way.
            family.render(inventory, Format::OpenMetrics, &mut |text| {
                writer.push(text);
            });
        }
        Self {
            prefix: writer.finish(),
        }
    }

    /// Answers a scrape with these `Accept` and `Accept-Encoding` headers.
    pub fn scrape(&self, accept: &str, accept_encoding: &str, tail: &Tail) -> Scrape {
        let format = if accepts(accept, "application/openmetrics-text") {
            Format::OpenMetrics
        } else {
            Format::Text
        };
        let content_type = match format {
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Format::Text => "text/plain; version=0.0.4; charset=utf-8",
        };
        let end = render_tail(tail, format);
        if accepts(accept_encoding, "gzip") {
            let body = self.prefix.gzip(&end);
            return Scrape {
                content_type,
                encoding: Some("gzip"),
                length: body.iter().map(|piece| piece.len() as u64).sum(),
                body: Box::new(body.into_iter()),
            };
        }
        Scrape {
            content_type,
            encoding: None,
            length: self.prefix.length() + end.len() as u64,
            body: Box::new(self.prefix.text().chain([end.into()])),
        }
    }
}

fn render_tail(tail: &Tail, format: Format) -> String {
    let mut text = String::new();
    for family in tail::FAMILIES {
        family.render(tail, format, &mut |piece| text.push_str(piece));
    }
    text.push_str("# EOF\n");
    text
}

/// Returns whether a list of preferences contains the wanted one, with any weight but 0 (RFC 9110
/// section 12.4.2).
pub fn accepts(preferences: &str, wanted: &str) -> bool {
    preferences.split(',').any(|preference| {
        let mut parts = preference.split(';').map(str::trim);
        let is_wanted = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        is_wanted && weight.is_none_or(|weight| weight.parse() != Ok(0.0))
    })
}
