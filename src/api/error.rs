//! The failures of a request that a poll tells apart, with one sentence for each.

use std::time::Duration;

use jiff::SignedDuration;

use crate::wire::Malformed;

/// A failed request.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("the request cannot be written: {0}")]
    Unwritable(String),
    #[error("no connection to the API server at {0}")]
    Unreachable(String),
    #[error("no complete answer within {}", duration(*.0))]
    TimedOut(Duration),
    #[error(
        "the API server rejects the credentials (401): is the token or the client certificate still valid?"
    )]
    Unauthorized,
    #[error("the API server denies the request (403)")]
    Forbidden,
    #[error("the API server does not have the resource (404)")]
    NotFound,
    /// The continue token is older than what etcd keeps; with the token of an inconsistent
    /// continuation, if the server offers one.
    #[error("the list expired while it was being read (410)")]
    Expired(Option<String>),
    /// A newer state has been seen than the server has: etcd was restored from a backup.
    #[error("the API server is behind an earlier answer (ResourceVersionTooLarge)")]
    Behind,
    #[error("the API server answered {0}")]
    Answer(String),
    #[error("an answer is larger than {} MiB", .0 >> 20)]
    TooLarge(usize),
    #[error("the answer is not a list: {0}")]
    NotAList(String),
    #[error("the answer is not a review: {0}")]
    NotAReview(String),
}

impl From<Malformed> for Error {
    fn from(_: Malformed) -> Self {
        Self::NotAList("it is malformed".into())
    }
}

/// Checks the kind of a list, which ends in `List`; that of a Status or of a single object does
/// not.
pub(super) fn expect_list(kind: &str) -> Result<(), Error> {
    if kind.ends_with("List") {
        return Ok(());
    }
    let kind: String = kind.chars().take(60).collect();
    Err(Error::NotAList(format!("it is a {kind:?}")))
}

/// Renders an error and its causes in one line: the first line of each, unless it repeats the text
/// before.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut error = Some(error);
    while let Some(cause) = error {
        let message = cause.to_string();
        let message = message.lines().next().unwrap_or_default();
        if !text.contains(message) {
            text.extend([if text.is_empty() { "" } else { ": " }, message]);
        }
        error = cause.source();
    }
    text
}

/// A duration as people write it, such as 900ms or 1m 30s.
fn duration(duration: Duration) -> String {
    SignedDuration::try_from(duration).map_or_else(
        |_| "a very long time".into(),
        |duration| format!("{duration:#}"),
    )
}
