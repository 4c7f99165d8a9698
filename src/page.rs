//! The index page: links to the endpoints, and the state of every list.

use askama::Template;

use crate::health::{List, State};

/// The style of every page.
pub const STYLE: &str = "\
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid #ccc; padding: .3rem .6rem; text-align: left; vertical-align: top }
pre { background: #f4f4f4; overflow-x: auto; padding: .6rem }";

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>notafter</title>
<style>
{{ STYLE|safe }}
td:last-child { text-align: right }
</style>
<h1>notafter {{ version }}</h1>
<p>Expiry dates of the certificates of this cluster, for Prometheus.</p>
<ul>
<li><a href="/metrics">/metrics</a>: the metrics</li>
<li><a href="/runbooks/">/runbooks/</a>: how to act on each alert</li>
<li><a href="/ready">/ready</a>: whether all secrets have been read at least once</li>
<li><a href="/live">/live</a>: whether the process is working</li>
</ul>
{% if !missing_rules.is_empty() %}
<h2>Missing permissions</h2>
<p>The API server denies some lists, and notafter works without them. To allow them, add these rules to the role of
notafter, or apply the output of <code>notafter rights</code>.</p>
<pre>{% for rule in missing_rules %}{{ rule }}
{% endfor %}</pre>
{% endif %}
<h2>Lists</h2>
{% if is_blind %}<p>Some lists are incomplete: see the runbook of <a href="/runbooks/NotafterBlind">NotafterBlind</a>.</p>
{% endif %}<table>
<tr><th>resource<th>namespace<th>last poll<th>objects
{% for list in lists %}
<tr><td>{{ list.resource }}<td>{{ list.namespace.as_deref().unwrap_or("all") }}<td>{{ self::result(&list.state) }}<td>{{ list.objects }}
{% endfor %}
</table>
</html>
"#
)]
struct Page<'a> {
    version: &'static str,
    lists: &'a [List],
    /// The rules that would allow the denied lists.
    missing_rules: Vec<String>,
    /// True if a list fails or is denied.
    is_blind: bool,
}

/// Returns the page as HTML.
pub fn render(lists: &[List]) -> String {
    let missing_rules = lists.iter().filter_map(|list| match &list.state {
        State::Refused(rule) => Some(rule.to_string()),
        _ => None,
    });
    let page = Page {
        version: crate::VERSION,
        lists,
        missing_rules: missing_rules.collect(),
        is_blind: lists.iter().any(|list| is_blind(&list.state)),
    };
    page.render().expect("a String accepts every text")
}

/// Returns whether the alert `NotafterBlind` is about a list in this state.
fn is_blind(state: &State) -> bool {
    matches!(state, State::Refused(_) | State::Failed(_))
}

/// The result of the last poll of a list, in words.
fn result(state: &State) -> String {
    match state {
        State::Unread => "not finished yet".into(),
        State::Complete => "complete".into(),
        State::Absent => "the cluster does not have this resource".into(),
        State::Refused(_) => "denied by the API server".into(),
        State::Failed(why) => format!("failed: {why}"),
    }
}
