//! The overview: the verdict, what needs a person, what comes next, and everything behind it. With a
//! choice, the certificates that it leaves.

use askama::Template;
use strum::VariantArray;

use super::View;
use super::calendar::Calendar;
use super::frame::{Frame, framed, rendered};
use super::lists::{self, Lists};
use super::managers::{Managers, Operators, Problems};
use super::rows::{Cards, Row, Table};
use super::survey::Survey;
use super::words::number;
use crate::health::State;
use crate::output::text::count;
use crate::report::{Finding, Query, Time, findings};
use crate::rotation::Manager;
use crate::snapshot::Snapshot;
use crate::urgency::Urgency;

/// The rows of a page of certificates.
const ROWS: usize = 50;
/// The certificates that need a person, and that come next, on the overview.
const CARDS: usize = 20;
const NEXT: usize = 10;
/// The namespaces that the form offers; others can be typed.
const NAMESPACES: usize = 500;

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<h1 class="{{ mood }}">{{ verdict }}</h1>
<p class="muted">{{ numbers }} As of {{ self::Time(*view.at).minute() }}.</p>
{% if let Some(warning) = warning %}<p class="warning" role="note">{{ warning }} <a href="#lists">See the lists.</a></p>
{% endif %}{% for invalid in query.invalid %}<p class="warning" role="alert">{{ invalid }}</p>
{% endfor %}{% if query.is_choice() %}{{ choice|safe }}{% else %}{% if !urgent.is_empty() %}<section aria-labelledby="urgent">
<h2 id="urgent">Needs a person</h2>
{{ urgent|safe }}
{% if survey.urgent.len() > CARDS %}<p><a href="{{ self::urgent_query() }}">See all {{ self::number(survey.urgent.len()) }} in the table</a></p>
{% endif %}</section>
{% endif %}<section aria-labelledby="calendar">
<h2 id="calendar">Expiry calendar</h2>
{{ calendar|safe }}
</section>
{% if !next.is_empty() %}<section aria-labelledby="next">
<h2 id="next">What comes next</h2>
{{ next|safe }}
</section>
{% endif %}<div class="columns">
<section aria-labelledby="managers">
<h2 id="managers">By manager</h2>
{{ managers|safe }}
</section>
{% if !operators.is_empty() %}<section aria-labelledby="operators">
<h2 id="operators">Operators</h2>
{{ operators|safe }}
</section>
{% endif %}</div>
{% if !problems.is_empty() %}<section aria-labelledby="problems">
<h2 id="problems">Problems</h2>
{{ problems|safe }}
</section>
{% endif %}{{ choice|safe }}<section aria-labelledby="lists">
<h2 id="lists">Lists</h2>
{{ lists|safe }}
</section>
<section aria-labelledby="more">
<h2 id="more">More</h2>
<ul>
<li><a href="runbooks/">Runbooks</a>: how to act on each alert</li>
<li><a href="metrics">Metrics</a>, for Prometheus</li>
<li><a href="api/v1/report">Report</a> and <a href="api/v1/certificates">certificates</a> in JSON, for programs</li>
<li><a href="ready">ready</a>: whether all secrets have been read at least once; <a href="live">live</a>: whether the process is working</li>
</ul>
</section>
{% endif %}"##
)]
struct Overview<'a> {
    view: View<'a>,
    query: &'a Query,
    survey: &'a Survey<'a>,
    verdict: String,
    mood: &'static str,
    numbers: String,
    warning: Option<String>,
    urgent: String,
    calendar: String,
    next: String,
    managers: String,
    operators: String,
    problems: String,
    choice: String,
    lists: String,
}

/// The form of a choice, and a page of the certificates that it leaves.
#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<section aria-labelledby="certificates">
<h2 id="certificates">{% if query.is_choice() %}{{ self::number(*total) }} of {{ self::number(*all) }} certificates{% else %}All certificates{% endif %}</h2>
<form role="search" aria-label="Filter" action="./#certificates" method="get" class="filter">
<p><label for="q">Text</label><input type="search" id="q" name="q" value="{{ query.text }}" autocomplete="off" spellcheck="false"></p>
<p><label for="namespace">Namespace</label><input id="namespace" name="namespace" value="{{ namespace }}" list="namespaces" autocomplete="off" spellcheck="false"></p>
<datalist id="namespaces">{% for namespace in namespaces %}<option value="{{ namespace }}"></option>{% endfor %}</datalist>
<p><label for="manager">Manager</label><select id="manager" name="manager"><option value="">any</option>{% for name in managers %}<option{% if query.filter.managers.first() == Some(name) %} selected{% endif %}>{{ name.as_str() }}</option>{% endfor %}</select></p>
<p><label for="urgency">Urgency</label><select id="urgency" name="urgency"><option value="">any</option>{% for urgency in Urgency::VARIANTS %}<option value="{{ urgency.as_str() }}"{% if query.filter.urgencies.first() == Some(urgency) %} selected{% endif %}>{{ urgency.in_words() }}</option>{% endfor %}</select></p>
<p><label for="within">Expires within</label><input id="within" name="within" value="{{ query.within }}" size="6" autocomplete="off" aria-describedby="within-hint"> <small id="within-hint" class="muted">such as 30d</small></p>
<p><button>Filter</button>{% if query.is_choice() %} <a href="./">Show everything</a>{% endif %}</p>
</form>
{% if total == 0 %}<p>No certificate matches.</p>
{% else %}{{ table|safe }}
{% if pages > 1 %}<nav aria-label="Pages of certificates" class="pages">{% if page > 1 %}<a rel="prev" href="?{{ query.of_page(page - 1) }}#certificates">Previous</a> {% endif %}<span>Page {{ self::number(*page) }} of {{ self::number(*pages) }}</span>{% if page < pages %} <a rel="next" href="?{{ query.of_page(page + 1) }}#certificates">Next</a>{% endif %}</nav>
{% endif %}{% endif %}</section>
"##
)]
struct Choice<'a> {
    query: &'a Query,
    total: usize,
    all: usize,
    page: usize,
    pages: usize,
    namespace: &'a str,
    namespaces: Vec<&'a str>,
    managers: Vec<Manager>,
    table: String,
}

/// Returns the overview, or the certificates that a query chooses.
pub(super) fn render(view: View<'_>, query: &Query) -> String {
    let inventory = &view.snapshot.inventory;
    let findings = findings(inventory, view.at, view.thresholds);
    let survey = Survey::of(&findings, view.at);
    let urgent = survey.urgent.len();
    let (mood, verdict) = verdict(view.snapshot, &survey.urgent);
    let choice = rendered(&Choice::of(view, query, &findings, &survey));
    let mut overview = Overview {
        view,
        query,
        survey: &survey,
        mood,
        numbers: numbers(&survey, &findings),
        warning: warning(view.snapshot),
        choice,
        urgent: String::new(),
        calendar: String::new(),
        next: String::new(),
        managers: String::new(),
        operators: String::new(),
        problems: String::new(),
        lists: String::new(),
        verdict,
    };
    if !query.is_choice() {
        overview.fill();
    }
    let title = if query.is_choice() {
        format!("Certificates: {}", overview.verdict)
    } else {
        overview.verdict.clone()
    };
    framed(&Frame {
        title: &title,
        root: "./",
        searched: &query.text,
        is_alarming: urgent > 0,
        body: &rendered(&overview),
    })
}

// === impl Overview ===

impl Overview<'_> {
    /// Renders the sections that only the overview without a choice has.
    fn fill(&mut self) {
        let (view, survey) = (self.view, self.survey);
        let rows = |findings: &[&Finding<'_>], most: usize| {
            let shown = findings.iter().take(most);
            shown
                .map(|finding| Row::of(finding, view))
                .collect::<Vec<_>>()
        };
        if !survey.urgent.is_empty() {
            let rows = rows(&survey.urgent, CARDS);
            self.urgent = rendered(&Cards { rows });
        }
        if !survey.next.is_empty() {
            let rows = rows(&survey.next, NEXT);
            let caption = "What comes next";
            self.next = rendered(&Table { caption, rows });
        }
        self.calendar = rendered(&Calendar::of(survey, view.at));
        let at = view.at;
        self.managers = rendered(&Managers { survey, at });
        self.operators = Operators::of(view).map_or_else(String::new, |table| rendered(&table));
        self.problems = Problems::of(view).map_or_else(String::new, |table| rendered(&table));
        self.lists = rendered(&Lists::of(&view.snapshot.lists, view.at));
    }
}

// === impl Choice ===

impl<'a> Choice<'a> {
    fn of(
        view: View<'_>,
        query: &'a Query,
        findings: &'a [Finding<'a>],
        survey: &Survey<'_>,
    ) -> Self {
        let passes = |finding: &&Finding<'_>| {
            query.filter.passes(finding, view.at) && finding.mentions(&query.text)
        };
        let mut chosen: Vec<&Finding<'_>> = findings.iter().filter(passes).collect();
        chosen.sort_by_cached_key(|finding| (!finding.needs_person, finding.not_after()));
        let pages = chosen.len().div_ceil(ROWS).max(1);
        let page = query.page.min(pages);
        let shown = chosen.iter().skip((page - 1) * ROWS).take(ROWS);
        let rows = shown.map(|finding| Row::of(finding, view)).collect();
        let caption = "Certificates, those that need a person first";
        let mut namespaces: Vec<&str> = findings
            .iter()
            .map(|finding| &*finding.object.namespace)
            .collect();
        namespaces.dedup();
        namespaces.truncate(NAMESPACES);
        let names = survey.managers.keys();
        Self {
            query,
            total: chosen.len(),
            all: findings.len(),
            page,
            pages,
            namespace: query.filter.namespaces.first().map_or("", String::as_str),
            namespaces,
            managers: names.filter_map(|name| Manager::of_name(name)).collect(),
            table: rendered(&Table { caption, rows }),
        }
    }
}

/// The verdict in a few words, and the class of its heading.
fn verdict(snapshot: &Snapshot, urgent: &[&Finding<'_>]) -> (&'static str, String) {
    let mut states = snapshot.lists.iter().map(|list| &list.state);
    if states.all(|state| *state == State::Unread) {
        return ("warn", "Nothing is known yet".into());
    }
    let is_bad = |finding: &&Finding<'_>| finding.urgency < Urgency::Blocked;
    let mood = if urgent.iter().any(is_bad) {
        "bad"
    } else {
        "warn"
    };
    match urgent.len() {
        0 if snapshot.lists.iter().any(|list| !list.is_up()) => (
            "warn",
            "Nothing needs a person, as far as can be seen".into(),
        ),
        0 => ("good", "Nothing needs a person".into()),
        1 => (mood, "1 certificate needs a person".into()),
        many => (mood, format!("{} certificates need a person", number(many))),
    }
}

/// The numbers of certificates by urgency, in a sentence.
fn numbers(survey: &Survey<'_>, findings: &[Finding<'_>]) -> String {
    let by_urgency = Urgency::VARIANTS.iter().zip(survey.urgencies);
    let by_urgency = by_urgency.filter(|(_, count)| *count > 0);
    let by_urgency: Vec<String> = by_urgency
        .map(|(urgency, count)| format!("{} {}", number(count), urgency.in_words()))
        .collect();
    let by_urgency = match &*by_urgency.join(", ") {
        "" => String::new(),
        numbers => format!(": {numbers}"),
    };
    format!(
        "{} certificates in {} secrets{by_urgency}.",
        number(findings.len()),
        number(survey.objects)
    )
}

/// The reason why something may be missing from the page.
fn warning(snapshot: &Snapshot) -> Option<String> {
    let states = || snapshot.lists.iter().map(|list| &list.state);
    let blind = states().filter(|state| lists::is_blind(state)).count();
    let unread = states().filter(|state| **state == State::Unread).count();
    let failed = count(blind, "list could not be read", "lists could not be read");
    let unread = count(unread, "list is", "lists are");
    match (blind, &*unread) {
        (1.., _) => Some(format!("{failed}: certificates may be missing here.")),
        (0, "0 lists are") => None,
        (0, unread) => Some(format!("{unread} being read for the first time.")),
    }
}

/// The URL of the table of everything that may need a person.
fn urgent_query() -> String {
    let all = Urgency::VARIANTS.iter();
    let urgent = all.take_while(|urgency| **urgency < Urgency::Ok);
    let parameters: Vec<String> = urgent
        .map(|urgency| format!("urgency={}", urgency.as_str()))
        .collect();
    format!("?{}#certificates", parameters.join("&"))
}
