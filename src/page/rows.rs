//! Certificates as cards and as rows of a table.

use askama::Template;

use super::words::left;
use super::{View, links};
use crate::output::summary::when;
use crate::output::text::position;
use crate::report::{Certificate, Finding, Time};
use crate::urgency::Urgency;

/// A certificate with everything that a card or a row shows.
pub(super) struct Row {
    pub(super) certificate: Certificate,
    link: Option<String>,
    position: String,
    left: String,
    when: String,
}

/// The certificates that need a person, each with its command.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<ol class="cards">
{% for row in rows %}{% let one = row.certificate %}<li class="card {{ one.urgency.as_str() }}">
<h3>{{ self::name(row)|safe }}</h3>
<p class="state"><strong class="urgency">{{ one.urgency.in_words() }}</strong> {{ row.left }} <span class="muted">{{ self::managed(one) }}</span></p>
<dl>
<div><dt>When</dt><dd>{{ row.when }}</dd></div>
{% if !one.affected.is_empty() %}<div><dt>Affected</dt><dd>{{ self::affected(one) }}</dd></div>
{% endif %}{% if let Some(blocked) = one.blocked %}<div><dt>Why</dt><dd>{{ blocked.message }}</dd></div>
{% endif %}{% if let Some(owner) = one.owner %}<div><dt>Owner</dt><dd><bdi>{{ owner }}</bdi></dd></div>
{% endif %}{% if let Some(fix) = one.fix %}<div><dt>Fix</dt><dd><code class="command">{{ fix }}</code></dd></div>
{% endif %}{% if let Some(look_at) = one.look_at %}<div><dt>Look at</dt><dd><code class="command">{{ look_at }}</code></dd></div>
{% endif %}{% if let Some(alert) = links::runbook(*one.urgency) %}<div><dt>Runbook</dt><dd><a href="runbooks/{{ alert }}">{{ alert }}</a></dd></div>
{% endif %}</dl>
</li>
{% endfor %}</ol>
"#
)]
pub(super) struct Cards {
    pub(super) rows: Vec<Row>,
}

/// A table of certificates.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<table>
<caption class="hidden">{{ caption }}</caption>
<thead><tr><th scope="col">Expiry</th><th scope="col">Urgency</th><th scope="col">Certificate</th><th scope="col" class="wide">Manager</th><th scope="col" class="wide">Expires</th><th scope="col" class="wide">Renewal due</th></tr></thead>
<tbody>
{% for row in rows %}{% let one = row.certificate %}<tr class="{{ one.urgency.as_str() }}"><td class="left">{{ row.left }}</td><td><span class="urgency">{{ one.urgency.in_words() }}</span></td><th scope="row">{{ self::name(row)|safe }}{% if let Some(subject) = one.subject %} <small class="wide subject"><bdi>{{ subject }}</bdi></small>{% endif %}</th><td class="wide">{{ one.manager }}</td><td class="wide date">{{ self::date(*one.not_after) }}</td><td class="wide date">{{ self::date(*one.renewal_due) }}</td></tr>
{% endfor %}</tbody>
</table>
"#
)]
pub(super) struct Table<'a> {
    pub(super) caption: &'a str,
    pub(super) rows: Vec<Row>,
}

/// The name of a certificate, with a link to the page about its object.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if let Some(link) = row.link %}<a href="{{ link }}"><bdi>{{ row.certificate.place() }}</bdi></a>{% else %}<bdi>{{ row.certificate.place() }}</bdi>{% endif %}{% if !row.position.is_empty() %} <small><bdi>{{ row.position }}</bdi></small>{% endif %}"#
)]
struct Name<'a> {
    row: &'a Row,
}

/// The most consumers that a card names.
const NAMED: usize = 9;

// === impl Row ===

impl Row {
    /// The row of a finding.
    pub(super) fn of(finding: &Finding<'_>, view: View<'_>) -> Self {
        let certificate = Certificate::of(finding, &view.source());
        let expiry = certificate.not_after.map(|Time(time)| left(time, view.at));
        Self {
            link: links::secret(finding.object),
            position: position(&certificate),
            left: expiry.unwrap_or_else(|| match certificate.urgency {
                Urgency::Unknown => "unknown".into(),
                _ => "missing".into(),
            }),
            when: when(&certificate, Time(view.at)),
            certificate,
        }
    }
}

fn name(row: &Row) -> String {
    super::frame::rendered(&Name { row })
}

fn affected(certificate: &Certificate) -> String {
    let all = &certificate.affected;
    let named = all[..all.len().min(NAMED)].join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => named,
        others => format!("{named} and {others} more"),
    }
}

fn managed(certificate: &Certificate) -> String {
    match certificate.manager {
        "none" => "no known manager".into(),
        manager => format!("managed by {manager}"),
    }
}

fn date(time: Option<Time>) -> String {
    time.map(Time::date).unwrap_or_default()
}
