//! The tables of managers, operators and problems.

use askama::Template;

use super::survey::Survey;
use super::words::{left, number};
use super::{View, links};
use crate::facts::{Operator, Phase};
use crate::report::Time;
use crate::rotation::Judged;
use crate::snapshot::Problem;

/// The most rows of a table of operators or problems; the report has all of them.
const MOST: usize = 100;

/// The certificates by manager.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<table>
<caption class="hidden">Certificates by manager</caption>
<thead><tr><th scope="col">Manager</th><th scope="col" class="number">Certificates</th><th scope="col" class="number">Need a person</th><th scope="col">Next expiry</th></tr></thead>
<tbody>
{% for (name, of) in survey.managers %}<tr><th scope="row"><a href="?manager={{ name }}">{{ name }}</a></th><td class="number">{{ self::number(*of.certificates) }}</td><td class="number">{{ self::number(*of.urgent) }}</td><td>{% if let Some((time, _)) = of.next %}<span class="date">{{ self::Time(**time).date() }}</span> <small>{{ self::left(**time, *at) }}</small>{% endif %}</td></tr>
{% endfor %}</tbody>
</table>
"#
)]
pub(super) struct Managers<'a> {
    pub(super) survey: &'a Survey<'a>,
    pub(super) at: i64,
}

/// The operators that OLM manages.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<table>
<caption class="hidden">Operators</caption>
<thead><tr><th scope="col">Operator</th><th scope="col">Phase</th><th scope="col" class="wide">Reason</th><th scope="col" class="wide">Since</th><th scope="col">Renewal by OLM</th></tr></thead>
<tbody>
{% for operator in operators %}<tr{% if !self::is_settled(operator) %} class="blocked"{% endif %}><th scope="row"><bdi>{{ operator.object }}</bdi> <small><bdi>{{ operator.version }}</bdi></small></th><td><span class="urgency">{{ self::phase(operator) }}</span></td><td class="wide long"><bdi>{{ operator.reason }}</bdi></td><td class="wide date">{{ self::date(*operator.last_transition) }}</td><td class="date">{{ self::date(*operator.certs_rotate_at) }}</td></tr>
{% endfor %}</tbody>
</table>
{% if others > 0 %}<p>{{ self::number(*others) }} more are in the <a href="api/v1/report">report</a>.</p>
{% endif %}"#
)]
pub(super) struct Operators<'a> {
    operators: Vec<&'a Operator>,
    others: usize,
}

/// Everything that could not be read.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<table>
<caption class="hidden">Problems</caption>
<thead><tr><th scope="col">Object</th><th scope="col">Key or field</th><th scope="col">Problem</th></tr></thead>
<tbody>
{% for (problem, link) in problems %}<tr class="blocked"><th scope="row">{{ problem.object.kind.as_str() }} {% if let Some(link) = link %}<a href="{{ link }}"><bdi>{{ self::place(problem) }}</bdi></a>{% else %}<bdi>{{ self::place(problem) }}</bdi>{% endif %}</th><td class="long"><bdi>{{ problem.field }}</bdi></td><td>{{ problem.reason.meaning() }}</td></tr>
{% endfor %}</tbody>
</table>
{% if others > 0 %}<p>{{ self::number(*others) }} more are in the <a href="api/v1/report">report</a>.</p>
{% endif %}<p>What to do: runbook <a href="runbooks/CertificateUnreadable">CertificateUnreadable</a>.</p>
"#
)]
pub(super) struct Problems<'a> {
    problems: Vec<(&'a Problem, Option<String>)>,
    others: usize,
}

// === impl Operators ===

impl<'a> Operators<'a> {
    /// The operators of a view; those that are not settled come first. Nothing without any.
    pub(super) fn of(view: View<'a>) -> Option<Self> {
        let all = view.snapshot.inventory.operators();
        let mut operators: Vec<&Operator> = all.iter().map(|operator| &**operator).collect();
        operators.sort_by_key(|operator| is_settled(operator));
        operators.truncate(MOST);
        let others = all.len() - operators.len();
        (!all.is_empty()).then_some(Self { operators, others })
    }
}

// === impl Problems ===

impl<'a> Problems<'a> {
    /// The problems of a view; nothing without any.
    pub(super) fn of(view: View<'a>) -> Option<Self> {
        let judged = view.snapshot.inventory.judged();
        let is_known = |problem: &Problem| {
            let order = |judged: &Judged| judged.holder.object.cmp(&problem.object);
            judged.binary_search_by(order).is_ok()
        };
        let all = &view.snapshot.inventory.problems;
        let shown = all.iter().take(MOST);
        let problems = shown.map(|problem| {
            let link = is_known(problem).then(|| links::secret(&problem.object));
            (problem, link.flatten())
        });
        let problems: Vec<_> = problems.collect();
        let others = all.len() - problems.len();
        (!all.is_empty()).then_some(Self { problems, others })
    }
}

fn is_settled(operator: &Operator) -> bool {
    operator.phase == Some(Phase::Succeeded)
}

fn phase(operator: &Operator) -> &'static str {
    operator.phase.map_or("unknown", Phase::name)
}

fn date(time: Option<i64>) -> String {
    time.map(|time| Time(time).date()).unwrap_or_default()
}

fn place(problem: &Problem) -> String {
    problem.object.to_string()
}
