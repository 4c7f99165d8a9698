//! The dates of an object that count: those of its leaf and of the intermediates that it needs.

use super::Entry;

/// The dates of an object. Roots, certificates that are not needed and trusted ones do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// The time from which all of them are valid (Unix seconds); absent if no beginning is known.
    pub not_before: Option<i64>,
    /// The time at which the first of them expires (Unix seconds).
    pub not_after: i64,
    /// The shortest lifetime among them in seconds; 0 if one expires before it becomes valid. Where
    /// no beginning is known, the certificate has been valid for all of time.
    pub life: i64,
}

// === impl Dates ===

impl Dates {
    /// The dates of leaf and intermediates; nothing if no expiry can be read.
    pub(super) fn of<'a>(certificates: impl Iterator<Item = Entry<'a>>) -> Option<Self> {
        let (mut not_before, mut not_after, mut life) = (None, None, None);
        for Entry {
            role, certificate, ..
        } in certificates
        {
            if !role.counts() {
                continue;
            }
            let (from, until) = (certificate.not_before, certificate.not_after);
            let of_this = from.zip(until).map(|(from, until)| (until - from).max(0));
            not_before = not_before.max(from);
            not_after = not_after.into_iter().chain(until).min();
            life = life.into_iter().chain(of_this).min();
        }
        let not_after = not_after?;
        Some(Self {
            not_before,
            not_after,
            life: life.unwrap_or(not_after),
        })
    }
}
