//! Points in time as people and programs read them.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Serialize, Serializer};

/// A point in time (Unix seconds). Its text is RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

/// The time 0.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

// === impl Time ===

impl Time {
    /// The date and the minute, such as `2024-02-23 09:41 UTC`, as in alerts.
    pub fn minute(self) -> String {
        self.civil().strftime("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// The date, such as `2024-02-23`.
    pub fn date(self) -> String {
        self.civil().date().to_string()
    }

    /// The month, with the year in January: `Dec`, `Jan 2025`.
    pub fn month(self) -> String {
        let date = self.civil();
        let form = if date.month() == 1 { "%b %Y" } else { "%b" };
        date.strftime(form).to_string()
    }

    /// The date and the time of day. A certificate may be valid until the last second of the year 9999
    /// (RFC 5280 section 4.1.2.5), which is later than the last timestamp of the library, but not later
    /// than its last civil time.
    fn civil(self) -> DateTime {
        EPOCH.saturating_add(SignedDuration::from_secs(self.0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.civil().strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
