//! The page about one secret: everything that is concluded about it, and from what.

use askama::Template;

use super::frame::{Frame, framed, rendered};
use super::words::left;
use super::{View, links};
use crate::explain::Explanation;
use crate::object::{Kind, ObjectRef};
use crate::output::summary::when_of;
use crate::report::{Certificate, Time};

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1><bdi>{{ of.object }}</bdi></h1>
<div class="card {{ of.urgency.as_str() }}">
<p class="state"><strong class="urgency">{{ of.urgency.in_words() }}</strong> {{ left }} <span class="muted">{% if of.needs_person %}needs a person{% else %}needs nobody{% endif %}, as of {{ self::Time(*view.at).minute() }}</span></p>
<dl>
<div><dt>When</dt><dd>{{ when }}</dd></div>
{% if !of.advice.consumers.is_empty() %}<div><dt>Affected</dt><dd>{{ of.advice.consumers.join(", ") }}{% if let Some(reach) = of.advice.reach %} <span class="muted">(reach: {{ reach.as_str() }})</span>{% endif %}</dd></div>
{% endif %}{% if !of.advice.explanation().is_empty() %}<div><dt>Why</dt><dd>{{ of.advice.explanation() }} <span class="muted">(evidence <code>{{ of.advice.reason() }}</code>)</span></dd></div>
{% endif %}{% if let Some(reason) = of.rotation.ignored %}<div><dt>Ignored</dt><dd><bdi>{{ reason }}</bdi></dd></div>
{% endif %}{% if let Some(owner) = of.rotation.owner %}<div><dt>Owner</dt><dd><bdi>{{ owner }}</bdi></dd></div>
{% endif %}{% if let Some((action, command)) = of.command() %}<div><dt>{{ action.as_str() }}</dt><dd><code class="command">{{ command }}</code></dd></div>
{% endif %}{% if let Some(alert) = links::runbook(*of.urgency) %}<div><dt>Runbook</dt><dd><a href="../../runbooks/{{ alert }}">{{ alert }}</a></dd></div>
{% endif %}{% if !of.advice.shared.is_empty() %}<div><dt>Shared</dt><dd>Several secrets hold this certificate, and each has to be replaced: <a href="../../?q={{ of.advice.shared }}">show them</a></dd></div>
{% endif %}</dl>
</div>
{% if !of.problems.is_empty() %}<section aria-labelledby="problems">
<h2 id="problems">Problems</h2>
<ul>
{% for problem in of.problems %}<li><bdi>{{ problem.field }}</bdi>: {{ problem.reason.meaning() }}</li>
{% endfor %}</ul>
<p>Runbook: <a href="../../runbooks/CertificateUnreadable">CertificateUnreadable</a></p>
</section>
{% endif %}<section aria-labelledby="manager">
<h2 id="manager">Manager</h2>
<dl>
<div><dt>Manager</dt><dd><a href="../../?manager={{ of.rotation.manager.as_str() }}">{{ of.rotation.manager.as_str() }}</a></dd></div>
<div><dt>Recognised by</dt><dd>{{ self::marked_up(of.rules.recognised_by)|safe }}</dd></div>
<div><dt>Renews</dt><dd>{{ self::marked_up(of.rules.due)|safe }}</dd></div>
<div><dt>Renewal due</dt><dd>{% if let Some(due) = of.rotation.due %}by {{ self::Time(**due).minute() }}{% else %}no date follows for this certificate{% endif %}</dd></div>
{% if !of.owners.is_empty() %}<div><dt>Owned by</dt><dd><bdi>{{ of.owners.join(", ") }}</bdi></dd></div>
{% endif %}</dl>
{% if !of.marks.is_empty() %}<h3>Labels and annotations that count</h3>
<table>
<thead><tr><th scope="col">Key</th><th scope="col">Value</th></tr></thead>
<tbody>
{% for (key, value) in of.marks %}<tr><th scope="row"><code>{{ key }}</code></th><td><bdi>{{ value }}</bdi></td></tr>
{% endfor %}</tbody>
</table>
{% endif %}</section>
<section aria-labelledby="certificates">
<h2 id="certificates">Certificates</h2>
{% for one in certificates %}{{ self::certificate(one, *view)|safe }}{% endfor %}{% if others > 0 %}<p>{{ others }} more are in the <a href="../../api/v1/certificates?namespace={{ self::encoded(of.object.namespace) }}">JSON of the namespace</a>.</p>
{% endif %}</section>
<section aria-labelledby="changes">
<h2 id="changes">If nothing changes</h2>
{% if of.changes.is_empty() %}<p>It stays as it is.</p>
{% else %}<table>
<thead><tr><th scope="col">From</th><th scope="col">Urgency</th><th scope="col">A person</th></tr></thead>
<tbody>
{% for change in of.changes %}<tr class="{{ change.urgency.as_str() }}"><th scope="row">{{ self::Time(*change.at).minute() }}</th><td><span class="urgency">{{ change.urgency.in_words() }}</span></td><td>{% if change.needs_person %}needed{% else %}not needed{% endif %}</td></tr>
{% endfor %}</tbody>
</table>
{% endif %}</section>
"#
)]
struct Page<'a> {
    view: View<'a>,
    of: &'a Explanation<'a>,
    left: String,
    when: String,
    certificates: Vec<Certificate>,
    others: usize,
}

/// One certificate, or the absence of its object.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if let Some(position) = one.position %}<article class="card {{ one.urgency.as_str() }}">
<h3><bdi>{{ self::text(one.key.as_deref()) }}</bdi>[{{ position }}] <small>{{ one.role.unwrap_or("") }}</small></h3>
<dl>
<div><dt>Valid</dt><dd>{{ self::minute(*one.not_before) }} to {{ self::minute(*one.not_after) }}{% if let Some(time) = one.not_after %} <span class="muted">({{ self::left(*time.0, *view.at) }})</span>{% endif %}</dd></div>
<div><dt>Subject</dt><dd><bdi>{{ self::text(one.subject.as_deref()) }}</bdi></dd></div>
<div><dt>Issuer</dt><dd><bdi>{{ self::text(one.issuer.as_deref()) }}</bdi></dd></div>
{% if !one.dns_names.is_empty() %}<div><dt>DNS names</dt><dd><bdi>{{ one.dns_names.join(", ") }}</bdi></dd></div>
{% endif %}<div><dt>Serial</dt><dd><code>{{ self::text(one.serial.as_deref()) }}</code></dd></div>
<div><dt>SHA-256</dt><dd><code>{{ self::text(one.fingerprint.as_deref()) }}</code></dd></div>
</dl>
</article>
{% else %}<p>None: the object does not exist.</p>
{% endif %}"#
)]
struct One<'a> {
    one: &'a Certificate,
    view: View<'a>,
}

/// The most certificates of one secret on its page; its author may put 500 into it.
const MOST: usize = 50;

/// Returns the page about a secret, or about one that is missing; nothing if neither is known.
pub fn secret(view: View<'_>, namespace: &str, name: &str) -> Option<String> {
    let object = ObjectRef::new(Kind::Secret, namespace, name);
    let inventory = &view.snapshot.inventory;
    let explanation = Explanation::of(inventory, &object, view.at, view.thresholds)?;
    let source = view.source();
    let findings = explanation.findings.iter();
    let certificates: Vec<Certificate> = findings
        .map(|finding| Certificate::of(finding, &source))
        .collect();
    let decisive = certificates
        .iter()
        .find(|one| one.urgency == explanation.urgency)
        .or(certificates.first());
    let expiry = decisive.and_then(|one| one.not_after);
    let when = decisive.map_or_else(
        || "No certificate in it can be read.".into(),
        |one| when_of(&explanation, one, Time(view.at)),
    );
    let shown = certificates.len().min(MOST);
    let body = rendered(&Page {
        view,
        of: &explanation,
        left: expiry.map_or_else(String::new, |Time(time)| left(time, view.at)),
        when,
        others: certificates.len() - shown,
        certificates: certificates.into_iter().take(shown).collect(),
    });
    Some(framed(&Frame {
        title: &explanation.object.to_string(),
        root: "../../",
        searched: "",
        is_alarming: explanation.needs_person,
        body: &body,
    }))
}

/// Returns the page about a secret that is not known.
pub fn not_found() -> String {
    framed(&Frame {
        title: "Not found",
        root: "../../",
        searched: "",
        is_alarming: false,
        body: "<h1>Not found</h1>\n\
               <p>No TLS secret of this name is known. It may have been deleted, or be of another type.</p>\n",
    })
}

fn certificate(one: &Certificate, view: View<'_>) -> String {
    rendered(&One { one, view })
}

fn text(text: Option<&str>) -> &str {
    text.unwrap_or("not readable")
}

fn minute(time: Option<Time>) -> String {
    time.map_or("not readable".into(), Time::minute)
}

/// A rule of `docs/rotation.md` in HTML: its code is marked up, and its links are the words alone.
fn marked_up(rule: &str) -> String {
    #[derive(Template)]
    #[template(
        ext = "html",
        source = "{% if is_code %}<code>{{ text }}</code>{% else %}{{ text }}{% endif %}"
    )]
    struct Part<'a> {
        text: &'a str,
        is_code: bool,
    }
    let parts = rule.split('`').enumerate();
    let parts = parts.map(|(index, text)| {
        let is_code = index % 2 == 1;
        rendered(&Part { text, is_code })
    });
    parts.collect()
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
