//! The health of each list, and the rules that would allow the denied ones.

use askama::Template;

use super::words::{ago, number};
use crate::health::{List, State};

/// The table of lists.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if !missing_rules.is_empty() %}<h3>Missing permissions</h3>
<p>The API server denies some lists, and notafter works without them. To allow them, add these rules to the role of
notafter, or apply the output of <code>notafter rights</code>.</p>
<pre><code>{% for rule in missing_rules %}{{ rule }}
{% endfor %}</code></pre>
{% endif %}{% if is_blind %}<p>Some lists are incomplete: runbook <a href="runbooks/NotafterBlind">NotafterBlind</a>.</p>
{% endif %}<table>
<caption class="hidden">Lists</caption>
<thead><tr><th scope="col">Resource</th><th scope="col" class="wide">Namespace</th><th scope="col">Last poll</th><th scope="col" class="wide">Last complete</th><th scope="col" class="number">Objects</th></tr></thead>
<tbody>
{% for list in all %}<tr{% if !list.is_up() %} class="blocked"{% endif %}><th scope="row"><bdi>{{ list.resource }}</bdi></th><td class="wide">{{ list.namespace.as_deref().unwrap_or("all") }}</td><td class="long">{{ self::result(list.state) }}</td><td class="wide">{% if let Some(time) = list.last_success %}{{ self::ago(**time, *at) }}{% endif %}</td><td class="number">{{ self::number(*list.objects) }}</td></tr>
{% endfor %}</tbody>
</table>
"#
)]
pub(super) struct Lists<'a> {
    all: &'a [List],
    at: i64,
    missing_rules: Vec<String>,
    /// True if a list fails or is denied.
    is_blind: bool,
}

// === impl Lists ===

impl<'a> Lists<'a> {
    /// The lists at a time (Unix seconds).
    pub(super) fn of(all: &'a [List], at: i64) -> Self {
        let missing_rules = all.iter().filter_map(|list| match &list.state {
            State::Refused(rule) => Some(rule.to_string()),
            _ => None,
        });
        Self {
            all,
            at,
            missing_rules: missing_rules.collect(),
            is_blind: all.iter().any(|list| is_blind(&list.state)),
        }
    }
}

/// Returns whether the alert `NotafterBlind` is about a list in this state.
pub(super) fn is_blind(state: &State) -> bool {
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
