//! Readiness: all secrets have been read once, so there is something to scrape.

use crate::facts::SECRETS;
use crate::health::{List, State};

/// The reason why notafter is not ready; none if it is.
pub(super) fn missing(lists: &[List]) -> Option<String> {
    let mut secrets = lists
        .iter()
        .filter(|list| &*list.resource == SECRETS)
        .peekable();
    if secrets.peek().is_none() {
        return Some("no poll has finished yet".into());
    }
    secrets.find(|list| list.last_success.is_none()).map(reason)
}

fn reason(list: &List) -> String {
    let secrets = match &list.namespace {
        Some(namespace) => format!("the secrets of namespace {namespace}"),
        None => "the secrets".into(),
    };
    match &list.state {
        State::Failed(error) => format!("{secrets} could not be listed: {error}"),
        State::Refused(rule) => {
            format!("the API server denies listing {secrets}; the rule that allows it: {rule}")
        }
        State::Unread | State::Complete | State::Absent => format!("{secrets} are being read"),
    }
}
