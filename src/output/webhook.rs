//! JSON for the incoming webhook of a chat: the Markdown, in the field that Slack, Mattermost, Rocket.Chat
//! and Google Chat read.

use std::io::{self, Write};

use serde_json::json;

use super::{Appearance, markdown};
use crate::report::Report;

/// The length of a text that every chat takes, in bytes. A longer message may be refused as a whole, just
/// when much is wrong: Rocket.Chat takes 5,000 characters (`Message_MaxAllowedSize`), Mattermost 16,383
/// (`PostMessageMaxRunesV2`), and Slack cuts at 40,000.
const LIMIT: usize = 4_000;

const REST: &str = "\n\nThere is more: `notafter scan` shows it.\n";

/// Writes a report.
pub(super) fn write(
    report: &Report,
    appearance: Appearance,
    output: &mut dyn Write,
) -> io::Result<()> {
    let mut text = Vec::new();
    markdown::write(report, appearance, &mut text)?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    writeln!(output, "{}", json!({ "text": bounded(text) }))
}

/// A text that is short enough: whole entries, and a line that says that there are more.
fn bounded(mut text: String) -> String {
    if text.len() <= LIMIT {
        return text;
    }
    text.truncate(last_entry(&text, LIMIT - REST.len()));
    text.truncate(text.trim_end().len());
    text + REST
}

/// The place before the limit at which the last entry or row begins. The lines of an entry after its first
/// one are indented; no text of the cluster has a line break.
fn last_entry(text: &str, limit: usize) -> usize {
    let starts = text
        .match_indices("\n- ")
        .chain(text.match_indices("\n| "))
        .map(|(start, _)| start);
    starts.filter(|start| *start <= limit).max().unwrap_or(0)
}
