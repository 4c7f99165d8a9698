//! The failures of a request that a poll tells apart, with one sentence for each.

use std::sync::Arc;
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
    /// The server was found unreachable, untrusted or unauthorized by another request.
    #[error("{reason}")]
    Down {
        reason: Arc<str>,
        /// The time until it is asked again.
        retry_in: Duration,
    },
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
    /// The continue token is older than what etcd keeps, or the version to watch from older than
    /// the watch cache; with the token of an inconsistent continuation, if the server offers one.
    #[error("the list expired while it was being read (410)")]
    Expired(Option<String>),
    #[error("the watch ended before its time")]
    EndedEarly,
    #[error("{sent} requests in one poll led nowhere; the last answer was {last}")]
    Exhausted { sent: usize, last: String },
    /// A newer state has been seen than the server has: etcd was restored from a backup.
    #[error("the API server is behind an earlier answer (ResourceVersionTooLarge)")]
    Behind,
    /// A list shows changes that no watch has reported: something is lost on the way, or the API
    /// server has another history than before.
    #[error("the watch had not reported {count} changes, among them {named}")]
    Unreported { count: usize, named: String },
    #[error("the API server answered {0}")]
    Answer(String),
    #[error("an answer is larger than {} MiB", .0 >> 20)]
    TooLarge(usize),
    #[error("an answer holds more than {0} objects")]
    TooMany(usize),
    #[error("the answer is not a list: {0}")]
    NotAList(String),
    #[error("the answer is not a watch: {0}")]
    NotAWatch(String),
    #[error("the answer is not a review: {0}")]
    NotAReview(String),
    #[error("the answer is not the version of an API server: {0}")]
    NotAVersion(String),
}

// === impl Error ===

impl Error {
    /// Returns whether the failure concerns every request to the server.
    pub(super) fn is_of_the_server(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_) | Self::Unauthorized | Self::Down { .. }
        )
    }
}

impl From<Malformed> for Error {
    fn from(_: Malformed) -> Self {
        Self::NotAList("it is malformed".into())
    }
}

/// Checks the kind of an answer: neither a Status nor the list of another resource is the list that
/// was asked for.
pub(super) fn expect_kind(kind: &str, expected: &str) -> Result<(), Error> {
    if kind == expected {
        return Ok(());
    }
    let kind: String = kind.chars().take(60).collect();
    Err(Error::NotAList(format!(
        "it is a {kind:?}, not a {expected:?}"
    )))
}

/// Renders an error and its causes in one line: the first line of each, unless it repeats the text
/// before.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
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

/// Renders the error of a request that was not answered. kube's own message says only that a service
/// failed.
pub(crate) fn unanswered(error: &kube::Error) -> String {
    match error {
        kube::Error::Service(error) => chain(&**error),
        error => chain(error),
    }
}

/// The most characters that are quoted of an answer.
const QUOTED: usize = 300;

/// The beginning of a text that a server wrote, in one line.
pub(crate) fn beginning(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(QUOTED).collect()
}

/// A duration as people write it, such as 900ms or 1m 30s.
fn duration(duration: Duration) -> String {
    let whole = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    format!("{:#}", SignedDuration::from_millis(whole))
}
