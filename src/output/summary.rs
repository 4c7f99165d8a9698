//! The choice of certificates that people look at, and sentences about a report.

use super::text::count;
use super::{Appearance, Order, unseen};
use crate::explain::Explanation;
use crate::report::{Certificate, Report, Time, Verdict};

/// The number of certificates that are shown of those that come next.
const NEXT: usize = 10;

/// The certificates that are shown.
pub(super) struct Chosen<'a> {
    /// The certificates that need a person.
    pub(super) urgent: Vec<&'a Certificate>,
    /// The certificates that come next, or all others.
    pub(super) next: Vec<&'a Certificate>,
    /// The number of those that come later.
    pub(super) hidden: usize,
}

/// Chooses the certificates to show, in their order.
pub(super) fn choose(report: &Report, appearance: Appearance) -> Chosen<'_> {
    let all = report.certificates.iter();
    let (mut urgent, mut next): (Vec<_>, Vec<_>) = all.partition(|one| one.needs_person);
    let mut hidden = 0;
    sort(&mut urgent, appearance.order);
    if !appearance.all {
        next.retain(|one| comes_next(one, report.at));
        sort(&mut next, Order::Expiry);
        hidden = next.len().saturating_sub(NEXT);
        next.truncate(NEXT);
    }
    sort(&mut next, appearance.order);
    Chosen {
        urgent,
        next,
        hidden,
    }
}

/// Returns whether a certificate is worth a row among those that come next: it counts, and is not a
/// copy of another one.
fn comes_next(certificate: &Certificate, at: Time) -> bool {
    matches!(certificate.role, Some("leaf" | "chain"))
        && certificate.manager != "copy"
        && certificate.ignored.is_none()
        && certificate
            .not_after
            .is_some_and(|not_after| not_after > at)
}

fn sort(certificates: &mut [&Certificate], order: Order) {
    // An object that is missing fails already.
    let expiry = |one: &Certificate| one.not_after.unwrap_or(Time(i64::MIN));
    match order {
        Order::Urgency | Order::Expiry => certificates.sort_by_key(|one| expiry(one)),
        Order::Name => certificates.sort_by_key(|one| one.place()),
        Order::Manager => certificates.sort_by_key(|one| (one.manager, expiry(one))),
    }
}

/// The times of a certificate, in a sentence.
pub(crate) fn when(certificate: &Certificate, at: Time) -> String {
    let Some(not_after) = certificate.not_after else {
        return "The object does not exist.".into();
    };
    let expires = if not_after <= at {
        "Expired"
    } else {
        "Expires"
    };
    let due = certificate.renewal_due.map(|due| {
        let tense = if due <= at { "was" } else { "is" };
        format!("; its renewal {tense} due by {}", due.minute())
    });
    let not_before = certificate.not_before.filter(|not_before| *not_before > at);
    let not_before = not_before.map(|from| format!("; not valid before {}", from.minute()));
    let [due, not_before] = [due, not_before].map(Option::unwrap_or_default);
    format!("{expires} {}{due}{not_before}.", not_after.minute())
}

/// The times of the decisive certificate of an object, and the reason if its expiry is not reported.
pub(crate) fn when_of(of: &Explanation<'_>, decisive: &Certificate, at: Time) -> String {
    let when = when(decisive, at);
    if !of.is_ephemeral {
        return when;
    }
    let when = when.trim_end_matches('.');
    format!(
        "{when}; not reported, because it was valid for two days or less and nothing is known to use it."
    )
}

/// The numbers of a report, in a sentence. What could not be read comes first: a number says little about
/// a cluster that was not seen, and nothing about one that did not answer.
pub(super) fn sentence(report: &Report) -> String {
    if unseen::is_blind(report) {
        return unseen::first(report).map_or_else(
            || "Nothing could be read.".to_owned(),
            |cause| format!("Nothing could be read: {cause}"),
        );
    }
    let problems = match report.problems.len() {
        0 => String::new(),
        problems => format!("; {}", count(problems, "problem", "problems")),
    };
    let unseen = if report.complete {
        ""
    } else {
        "Not everything could be read; "
    };
    format!("{unseen}{}{}{problems}.", numbers(report), needs(report))
}

/// The number of certificates that need a person; nothing where none is known of.
fn needs(report: &Report) -> String {
    let urgent = report.certificates.iter().filter(|one| one.needs_person);
    match urgent.count() {
        // One that cannot be read is none of them, and may need a person.
        0 if report.certificates.is_empty() && report.verdict() != Verdict::Well => String::new(),
        0 if report.complete => ": none needs a person".to_owned(),
        0 => ": none of these needs a person".to_owned(),
        1 => ": 1 needs a person".to_owned(),
        urgent => format!(": {urgent} need a person"),
    }
}

/// The number of certificates, and of those of each urgency.
fn numbers(report: &Report) -> String {
    let certificates = count(report.certificates.len(), "certificate", "certificates");
    let by_urgency = report.summary.iter().filter(|(_, number)| **number > 0);
    let by_urgency: Vec<String> = by_urgency
        .map(|(urgency, number)| format!("{number} {}", urgency.in_words()))
        .collect();
    match &*by_urgency.join(", ") {
        "" => certificates,
        numbers => format!("{certificates} ({numbers})"),
    }
}
