//! The choice of certificates that people look at, and sentences about a report.

use super::{Appearance, Order};
use std::collections::{BTreeMap, BTreeSet};

use super::text::count;
use crate::report::{Certificate, Problem, Report, Time};

/// The number of certificates that are shown of those that come next.
const NEXT: usize = 10;

/// The number of problems that are shown unless everything is asked for.
const PROBLEMS: usize = 20;

/// The certificates that are shown.
pub(super) struct Chosen<'a> {
    /// Those that need a person.
    pub(super) urgent: Vec<&'a Certificate>,
    /// Those that come next, or all others.
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

/// Problems, and lists that could not be read, a line for each.
pub(super) fn unseen(report: &Report, appearance: Appearance) -> Vec<String> {
    let shown = if appearance.all { usize::MAX } else { PROBLEMS };
    let mut lines: Vec<String> = report.problems.iter().take(shown).map(problem).collect();
    if let Some(others) = report
        .problems
        .len()
        .checked_sub(lines.len())
        .filter(|others| *others > 0)
    {
        lines.push(format!(
            "{}: --all shows them.",
            count(others, "more problem", "more problems")
        ));
    }
    lines.extend(unread(report));
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// Lists that could not be read, a line for each cause.
/// An unreachable cluster is one problem, and not one for each list.
fn unread(report: &Report) -> impl Iterator<Item = String> {
    let messages: BTreeSet<&str> = report
        .problems
        .iter()
        .map(|problem| &*problem.message)
        .collect();
    let mut causes: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for list in report.lists.iter().filter(|list| list.is_incomplete()) {
        let message = list.message.as_deref().unwrap_or("not finished yet");
        if messages.contains(message) {
            continue;
        }
        let cluster = list.cluster.iter().map(|cluster| format!("{cluster}: "));
        let cause = format!("{}{}: {message}", cluster.collect::<String>(), list.state);
        causes.entry(cause).or_default().insert(&list.resource);
    }
    causes.into_iter().map(|(cause, resources)| {
        let resources: Vec<&str> = resources.into_iter().collect();
        format!("Not read: {}: {cause}", resources.join(", "))
    })
}

/// A problem, in one line.
pub(super) fn problem(problem: &Problem) -> String {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let place = [text(&problem.namespace), text(&problem.name)];
    let place: Vec<String> = place.into_iter().filter(|part| !part.is_empty()).collect();
    let object = [text(&problem.kind), place.join("/"), text(&problem.key)];
    let object: Vec<String> = object.into_iter().filter(|part| !part.is_empty()).collect();
    let parts = [
        text(&problem.cluster),
        text(&problem.source),
        object.join(" "),
        problem.message.clone(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("Problem: {}", parts.join(": "))
}

/// The numbers of a report, in a sentence.
pub(super) fn sentence(report: &Report) -> String {
    let certificates = count(report.certificates.len(), "certificate", "certificates");
    let by_urgency = report.summary.iter().filter(|(_, number)| **number > 0);
    let by_urgency: Vec<String> = by_urgency
        .map(|(urgency, number)| format!("{number} {}", urgency.in_words()))
        .collect();
    let by_urgency = match &*by_urgency.join(", ") {
        "" => String::new(),
        numbers => format!(" ({numbers})"),
    };
    let urgent = report.certificates.iter().filter(|one| one.needs_person);
    let needs = match urgent.count() {
        0 => "none needs a person".to_owned(),
        1 => "1 needs a person".to_owned(),
        urgent => format!("{urgent} need a person"),
    };
    let problems = match report.problems.len() {
        0 => String::new(),
        problems => format!("; {}", count(problems, "problem", "problems")),
    };
    let unseen = if report.complete {
        ""
    } else {
        "; not everything could be read"
    };
    format!("{certificates}{by_urgency}: {needs}{problems}{unseen}.")
}
