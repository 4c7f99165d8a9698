//! The first page: what is served here, and what of the cluster can be seen.

use askama::Template;

use crate::health::{List, State};

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>notafter</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid #ccc; padding: .3rem .6rem; text-align: left; vertical-align: top }
td:last-child { text-align: right }
pre { background: #f4f4f4; overflow-x: auto; padding: .6rem }
</style>
<h1>notafter {{ version }}</h1>
<p>When the certificates of this cluster end.</p>
<ul>
<li><a href="/metrics">/metrics</a>: for Prometheus</li>
<li><a href="/ready">/ready</a>: whether all secrets have been read once</li>
<li><a href="/live">/live</a>: whether this process works</li>
</ul>
{% if !refused.is_empty() %}
<h2>Rights that are missing</h2>
<p>The API server refuses these lists, and notafter does without. Add the rules to its role, or apply what
<code>notafter rights</code> prints.</p>
<pre>{% for rule in refused %}{{ rule }}
{% endfor %}</pre>
{% endif %}
<h2>What is seen of the cluster</h2>
<table>
<tr><th>list<th>namespace<th>last poll<th>objects
{% for list in lists %}
<tr><td>{{ list.resource }}<td>{{ list.namespace.as_deref().unwrap_or("all") }}<td>{{ self::said(&list.state) }}<td>{{ list.objects }}
{% endfor %}
</table>
</html>
"#
)]
struct Page<'a> {
    version: &'static str,
    lists: &'a [List],
    /// The rules that would allow what is refused.
    refused: Vec<String>,
}

/// The page, as HTML.
pub fn render(lists: &[List]) -> String {
    let refused = lists.iter().filter_map(|list| match &list.state {
        State::Refused(rule) => Some(rule.to_string()),
        _ => None,
    });
    let page = Page {
        version: crate::VERSION,
        lists,
        refused: refused.collect(),
    };
    page.render().expect("a String never refuses")
}

/// How the last poll of a list ended, in a sentence.
fn said(state: &State) -> String {
    match state {
        State::Unread => "it has not ended yet".into(),
        State::Complete => "complete".into(),
        State::Absent => "the cluster does not have this resource".into(),
        State::Refused(_) => "refused by the API server".into(),
        State::Failed(why) => format!("failed: {why}"),
    }
}
