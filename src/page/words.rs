//! Times and numbers in words.

use crate::output::text::count;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time until an expiry: `11 days left`, `expired 3 hours ago`.
pub(super) fn left(not_after: i64, at: i64) -> String {
    match not_after - at {
        seconds if seconds > 0 => format!("{} left", length(seconds)),
        seconds => format!("expired {} ago", length(-seconds)),
    }
}

/// The time since an event: `4 minutes ago`.
pub(super) fn ago(time: i64, at: i64) -> String {
    format!("{} ago", length((at - time).max(0)))
}

/// A length of time, rounded down.
fn length(seconds: i64) -> String {
    let (number, one, many) = match seconds {
        long if long >= 2 * DAY => (long / DAY, "day", "days"),
        medium if medium >= 2 * HOUR => (medium / HOUR, "hour", "hours"),
        short if short >= 2 * MINUTE => (short / MINUTE, "minute", "minutes"),
        short => (short, "second", "seconds"),
    };
    count(usize::try_from(number).unwrap_or_default(), one, many)
}

/// A number with commas between its thousands.
pub(super) fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
