//! Everything that a report could not read: problems, and lists, a line for each cause.

use std::collections::{BTreeMap, BTreeSet};

use super::Appearance;
use super::text::count;
use crate::report::{Problem, Report};

/// The number of problems that are shown unless everything is asked for.
const PROBLEMS: usize = 20;

/// Returns whether nothing could be read, so that the report says nothing about certificates.
pub(super) fn is_blind(report: &Report) -> bool {
    !report.complete && !report.has_read
}

/// The first cause.
pub(super) fn first(report: &Report) -> Option<String> {
    let problems = report.problems.iter().map(cause);
    problems.chain(unread(report)).next()
}

/// A line for each problem and each list. Of a report that could read nothing, the first cause is in its
/// [`super::summary::sentence`].
pub(super) fn lines(report: &Report, appearance: Appearance) -> Vec<String> {
    let mut problems: &[Problem] = &report.problems;
    let mut lists: Vec<String> = unread(report).collect();
    if is_blind(report) {
        match problems.split_first() {
            Some((_, others)) => problems = others,
            None => drop(lists.drain(..lists.len().min(1))),
        }
    }
    let shown = if appearance.all { usize::MAX } else { PROBLEMS };
    let mut lines: Vec<String> = problems.iter().take(shown).map(problem).collect();
    if problems.len() > lines.len() {
        let others = count(
            problems.len() - lines.len(),
            "more problem",
            "more problems",
        );
        lines.push(format!("{others}: --all shows them."));
    }
    lines.extend(lists.iter().map(|list| format!("Not read: {list}")));
    lines
}

/// Lists that could not be read, by cause. An unreachable cluster is one problem, and not one for each
/// list.
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
        format!("{}: {cause}", resources.join(", "))
    })
}

/// A problem, in one line.
pub(super) fn problem(problem: &Problem) -> String {
    format!("Problem: {}", cause(problem))
}

fn cause(problem: &Problem) -> String {
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
    parts.join(": ")
}
