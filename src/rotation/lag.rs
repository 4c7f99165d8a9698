//! Copies that lag behind: a job copies a secret once a day, and the original has just been renewed.
//!
//! cert-manager renews when a third of the validity is left, and a certificate without a manager
//! alerts from then on. So a copy that nothing marks would alert at every renewal until the job has
//! run. It is due within a day of the renewal instead, and expires soon only after that.
//!
//! Nothing but its names tells that it is a copy, and anyone can create a certificate of the same
//! names. So its own dates bound the delay: two days after the usual warning it is late in any case.

use std::collections::HashMap;

use super::copy::is_platform;
use super::{Judged, Manager};
use crate::certificate::{Certificate, Validity};
use crate::facts::Facts;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The time from a renewal until its copies are late: a day, an hour for the end of summer time, and
/// one for the job.
const LATE: i64 = 26 * HOUR;

/// The time before expiry of the usual warning, and the part of the validity that it is at most
/// (`alerts/notafter.yaml`, `notafter:ending`).
const USUAL: i64 = 30 * DAY;
const PART: i64 = 3;

/// The longest delay of the warning, and the part of the usual time that it is at most.
const LONGEST: i64 = 2 * DAY;
const PART_OF_USUAL: i64 = 4;

/// The names that a certificate and its renewal have in common: of the subject, and of the servers.
/// Not of the issuer: public CAs issue by turns from several.
type Names<'a> = (&'a str, &'a str);

/// A certificate that its manager has renewed.
struct Renewal {
    validity: Validity,
    is_in_platform: bool,
}

/// Gives a due date to copies whose originals have just been renewed.
pub(super) fn expect_copies(facts: &Facts, judged: &mut [Judged]) {
    let is_in_platform =
        |judged: &Judged| is_platform(&judged.holder.object.namespace, facts.is_openshift);
    let mut renewals: HashMap<Names<'_>, Vec<Renewal>> = HashMap::new();
    for original in judged.iter() {
        let is_in_platform = is_in_platform(original);
        if original.rotation.is_renewed(is_in_platform)
            && let Some((names, validity)) = leaf(original)
        {
            renewals.entry(names).or_default().push(Renewal {
                validity,
                is_in_platform,
            });
        }
    }
    let due = |copy: &Judged| {
        let (names, validity) = leaf(copy).filter(|_| copy.rotation.manager == Manager::None)?;
        // No tenant can delay the warning about a secret of the platform.
        let is_trusted = |renewal: &&Renewal| renewal.is_in_platform || !is_in_platform(copy);
        let trusted = renewals.get(&names)?.iter().filter(is_trusted);
        due(validity, trusted)
    };
    let due: Vec<Option<i64>> = judged.iter().map(due).collect();
    for (copy, due) in judged.iter_mut().zip(due) {
        if due.is_some() {
            copy.rotation.due = due;
        }
    }
}

fn leaf(judged: &Judged) -> Option<(Names<'_>, Validity)> {
    let leaf: &Certificate = judged.holder.leaf()?;
    let names = (&*leaf.subject, &*leaf.dns_names);
    (!names.1.is_empty()).then_some((names, leaf.validity()?))
}

/// Returns the time by which a copy follows the first renewal since it was made; nothing if the usual
/// warning comes after that.
fn due<'a>(copy: Validity, renewals: impl Iterator<Item = &'a Renewal>) -> Option<i64> {
    let later = renewals.map(|renewal| renewal.validity);
    let later = later.filter(|renewal| renewal.from > copy.from && renewal.until > copy.until);
    let renewed = later.map(|renewal| renewal.from).min()?;
    let usual = USUAL.min(copy.length() / PART);
    let warning = copy.until - usual;
    let latest = warning + LONGEST.min(usual / PART_OF_USUAL);
    let due = renewed.saturating_add(LATE).min(latest);
    (due > warning).then_some(due)
}
