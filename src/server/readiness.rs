//! Whether there is anything worth a scrape: all secrets have been read once.

use crate::facts::SECRETS;
use crate::health::{List, State};

/// Why not yet, if so.
pub(super) fn missing(lists: &[List]) -> Option<String> {
    let mut secrets = lists
        .iter()
        .filter(|list| &*list.resource == SECRETS)
        .peekable();
    if secrets.peek().is_none() {
        return Some("nothing has been polled yet".into());
    }
    secrets.find(|list| list.last_success.is_none()).map(why)
}

fn why(list: &List) -> String {
    let secrets = match &list.namespace {
        Some(namespace) => format!("the secrets of namespace {namespace}"),
        None => "the secrets".into(),
    };
    match &list.state {
        State::Failed(why) => format!("{secrets} could not be read: {why}"),
        State::Refused(rule) => {
            format!("the API server refuses {secrets}; the rule that allows them: {rule}")
        }
        State::Unread | State::Complete | State::Absent => format!("{secrets} are being read"),
    }
}
