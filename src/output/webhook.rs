//! JSON for the incoming webhook of a chat: a text that reads well in Slack, Mattermost, Rocket.Chat and
//! Google Chat.
//!
//! Their markups have little in common: Slack's and Google Chat's know neither `**` nor tables nor
//! backslashes. All four show lines between fences as they are, so everything that comes from the
//! cluster stands there, in a block for each certificate.

mod message;

use std::io::{self, Write};

use serde_json::json;

use self::message::Message;
use super::text::{left, position, wrap};
use super::{Appearance, summary, unseen};
use crate::report::{Certificate, Report, Time};

/// The width of the lines that are not commands: a block does not break them where it is narrower.
const WIDTH: usize = 100;

/// Writes a report.
pub(super) fn write(
    report: &Report,
    appearance: Appearance,
    output: &mut dyn Write,
) -> io::Result<()> {
    let chosen = summary::choose(report, appearance);
    let mut message = Message::default();
    let mut unseen = unseen::lines(report, appearance);
    if unseen::is_blind(report) {
        message.line("Nothing could be read:");
        unseen.splice(0..0, unseen::first(report));
    } else {
        message.line(&summary::sentence(report));
    }
    for certificate in &chosen.urgent {
        message.block(&urgent(certificate, report.at));
    }
    let next = chosen.next.iter().map(|one| row(one, report.at));
    message.list("Next:\n", next);
    message.list("", unseen);
    writeln!(output, "{}", json!({ "text": message.finish() }))
}

/// The lines about a certificate that needs a person.
fn urgent(certificate: &Certificate, at: Time) -> Vec<String> {
    let urgency = certificate.urgency.in_words();
    let mut lines = vec![format!("{}: {urgency}", name(certificate))];
    let mut prose = vec![summary::when(certificate, at)];
    if !certificate.affected.is_empty() {
        prose.push(format!("Affected: {}.", certificate.affected.join(", ")));
    }
    if let Some(blocked) = &certificate.blocked {
        prose.push(blocked.message.to_owned());
    }
    lines.extend(prose.iter().flat_map(|text| wrap(text, WIDTH)));
    for (word, command) in [("Fix", &certificate.fix), ("Look at", &certificate.look_at)] {
        if let Some(command) = command {
            lines.extend([format!("{word}:"), command.clone()]);
        }
    }
    lines
}

/// The line about a certificate that comes next.
fn row(certificate: &Certificate, at: Time) -> String {
    let expires = certificate.not_after.map(Time::date).unwrap_or_default();
    format!(
        "{:>5}  {expires}  {}  {}",
        left(certificate, at),
        certificate.urgency.in_words(),
        name(certificate)
    )
}

fn name(certificate: &Certificate) -> String {
    let cluster = certificate.cluster.as_ref();
    let cluster = cluster.map_or_else(String::new, |cluster| format!("{cluster}: "));
    cluster + &certificate.place() + &position(certificate)
}
