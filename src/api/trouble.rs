//! Why a request did not bring what it should: each kind that a poll tells apart, and one sentence for each.

use std::error::Error;
use std::time::Duration;

use jiff::SignedDuration;

use super::object::Malformed;

/// What came instead of a list.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the request cannot be written: {0}")]
    Unwritable(String),
    #[error("no connection to the API server at {0}")]
    Unreachable(String),
    #[error("no complete answer within {}", duration(*.0))]
    Late(Duration),
    #[error(
        "the API server does not know who we are (401): is the token or the client certificate still valid?"
    )]
    Unauthorized,
    #[error("the API server refuses it (403)")]
    Refused,
    #[error("the API server does not have it (404)")]
    Absent,
    /// A continue token is older than what etcd keeps; the token of an inconsistent continuation.
    #[error("the list expired while it was read (410)")]
    Expired(Option<String>),
    /// We have seen a newer state than the server has: etcd was restored from a backup.
    #[error("the API server is behind what it once answered (ResourceVersionTooLarge)")]
    Behind,
    #[error("the API server answered {0}")]
    Answer(String),
    #[error("an answer is larger than {} MiB", .0 >> 20)]
    TooLarge(usize),
    #[error("the answer is no list: {0}")]
    NoList(String),
    #[error("the answer is no review: {0}")]
    NoReview(String),
}

/// A duration as people write it, such as 900ms or 1m 30s.
fn duration(duration: Duration) -> String {
    SignedDuration::try_from(duration)
        .map_or_else(|_| "a very long time".into(), |it| format!("{it:#}"))
}

impl From<Malformed> for Trouble {
    fn from(_: Malformed) -> Self {
        Self::NoList("it is damaged".into())
    }
}

/// Every list's kind ends so; that of a Status or of a single object does not.
pub(super) fn expect_list(kind: &str) -> Result<(), Trouble> {
    if kind.ends_with("List") {
        return Ok(());
    }
    let kind: String = kind.chars().take(60).collect();
    Err(Trouble::NoList(format!("it is a {kind:?}")))
}

/// An error and its causes in one line: of each its first one, and only if it says something new.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = String::new();
    let mut error = Some(error);
    while let Some(cause) = error {
        let said = cause.to_string();
        let said = said.lines().next().unwrap_or_default();
        if !text.contains(said) {
            text.extend([if text.is_empty() { "" } else { ": " }, said]);
        }
        error = cause.source();
    }
    text
}
