//! Colours of a terminal.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use crate::doctor::State;
use crate::report::Certificate;
use crate::urgency::Urgency;

/// The use of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// ANSI colours.
    Colors,
    /// Plain text.
    Plain,
}

const HEADING: Style = Style::new().bold();
const COMMAND: Style = Style::new().bold();

// === impl Paint ===

impl Paint {
    pub(super) fn heading(self, text: impl Display) -> String {
        self.with(HEADING, text)
    }

    pub(super) fn command(self, text: impl Display) -> String {
        self.with(COMMAND, text)
    }

    /// Paints a text about a certificate in the colour of its urgency.
    pub(super) fn urgency(self, certificate: &Certificate, text: impl Display) -> String {
        let color = match certificate.urgency {
            Urgency::Expired | Urgency::NotYetValid | Urgency::Imminent => AnsiColor::Red,
            _ if certificate.needs_person => AnsiColor::Yellow,
            Urgency::Ok => AnsiColor::Green,
            _ => AnsiColor::Cyan,
        };
        self.with(color.on_default(), text)
    }

    /// Paints the result of a check.
    pub(super) fn state(self, state: State, text: impl Display) -> String {
        let color = match state {
            State::Ok => AnsiColor::Green,
            State::Missing | State::Failed => AnsiColor::Red,
            State::Unknown => AnsiColor::Yellow,
            State::NotChecked => AnsiColor::Cyan,
        };
        self.with(color.on_default(), text)
    }

    fn with(self, style: Style, text: impl Display) -> String {
        match self {
            Self::Colors => format!("{style}{text}{style:#}"),
            Self::Plain => text.to_string(),
        }
    }
}
