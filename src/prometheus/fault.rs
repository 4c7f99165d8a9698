//! The failures of questions to Prometheus, with one sentence for each.

use std::path::PathBuf;
use std::time::Duration;

use super::Address;

/// A Prometheus that cannot be asked. No message has a token in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file of the token.
    #[error("--prometheus-token-file {}: {}", .0.display(), .1)]
    Token(PathBuf, String),
    /// The file of the CA.
    #[error("--prometheus-ca {}: {}", .0.display(), .1)]
    Authority(PathBuf, String),
    /// A question that is not answered.
    #[error("--prometheus {0}: {1}")]
    Request(Address, Fault),
}

/// The reason why a question is not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The client cannot be made.
    #[error("no client for it: {0}")]
    Client(String),
    /// There is no connection.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// The certificate of the server is not trusted.
    #[error("its certificate is not trusted ({0}): --prometheus-ca takes the file of its CA")]
    Untrusted(String),
    /// The server speaks no TLS.
    #[error("it does not answer in TLS ({0}): does its address begin with http, not https?")]
    NotTls(String),
    /// The server speaks TLS.
    #[error("it answers in TLS only: does its address begin with https, not http?")]
    NotPlain,
    /// There is no answer in time.
    #[error("no complete answer within {} s: --timeout allows more", .0.as_secs_f32())]
    TimedOut(Duration),
    /// Credentials are missing.
    #[error("it requires credentials ({0}): --prometheus-token-file takes the file of a token")]
    Anonymous(u16),
    /// The token is not accepted.
    #[error("the token of --prometheus-token-file is invalid or has expired (401)")]
    Unauthenticated,
    /// The user of the token has not the right.
    #[error(
        "the user of --prometheus-token-file may not query it (403); on OpenShift: oc adm policy \
         add-cluster-role-to-user cluster-monitoring-view USER"
    )]
    Forbidden,
    /// The answer leads elsewhere; where to may contain secrets.
    #[error("it redirects ({0}), as a login page does: give the address of the API itself")]
    Redirected(u16),
    /// The path is not served.
    #[error("it does not have the path {0} (404)")]
    NotServed(String),
    /// The answer is a page for people.
    #[error("it answers with a web page: give the address that /api/v1 is below")]
    WebPage,
    /// Another refusal.
    #[error("it answered {0}")]
    Answer(String),
    /// The answer is longer than what is read.
    #[error("the answer is larger than {} MiB", .0 >> 20)]
    TooLarge(usize),
    /// The answer is cut off.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
    /// The answer is not one of this API.
    #[error("the answer is not one of Prometheus")]
    NotPrometheus,
}
