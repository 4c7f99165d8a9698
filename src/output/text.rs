//! Words for people: times, counts, and texts of others made harmless.

use unicode_width::UnicodeWidthStr;

use crate::report::{Certificate, Time};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time that is left, short: `-3d`, `45m`, `12d`; empty if no expiry is known.
pub(super) fn left(certificate: &Certificate, at: Time) -> String {
    let Some(Time(not_after)) = certificate.not_after else {
        return String::new();
    };
    let seconds = not_after - at.0;
    let sign = if seconds < 0 { "-" } else { "" };
    match seconds.abs() {
        long if long >= 2 * DAY => format!("{sign}{}d", long / DAY),
        medium if medium >= 2 * HOUR => format!("{sign}{}h", medium / HOUR),
        short => format!("{sign}{}m", short / MINUTE),
    }
}

/// A number of things, in words.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The place of a certificate that is not the leaf of its object, such as ` ca.crt[1]`.
pub(crate) fn position(certificate: &Certificate) -> String {
    let Some(key) = certificate.key.as_deref() else {
        return String::new();
    };
    match certificate.position.unwrap_or_default() {
        0 if key == "tls.crt" => String::new(),
        0 => format!(" {key}"),
        position => format!(" {key}[{position}]"),
    }
}

/// A text that the author of an object wrote, without characters that a terminal obeys: controls, and
/// those that change the direction of the text around them (Unicode Standard Annex 9).
pub(crate) fn harmless(text: &str) -> String {
    let is_obeyed = |char: char| {
        char.is_control()
            || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|char| if is_obeyed(char) { '\u{fffd}' } else { char })
        .collect()
}

/// Breaks a text at spaces into lines of a width, where its words allow it.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
