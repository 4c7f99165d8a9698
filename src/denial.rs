//! The denial of a request or connection: a reason for metrics and logs, and a message for the
//! client.
//!
//! It stands apart because both ends of an authentication speak of it: the token review that asks
//! the API server, and the server that answers.

use std::borrow::Cow;

/// A request, or a connection before it, that is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The reason, which decides the status of the response.
    pub reason: DenialReason,
    /// The message for the client; it never quotes a credential.
    pub message: Cow<'static, str>,
}

/// The reason of a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DenialReason {
    /// The request has no credentials of an accepted kind.
    NoCredentials,
    /// The client certificate is signed by another CA, has expired, or is invalid otherwise.
    ClientCertificate,
    /// The client certificate is valid, but its name is not accepted.
    ClientName,
    /// The user or the password is wrong.
    Password,
    /// The token is invalid, has expired, or is meant for another audience.
    Token,
    /// The token's user is not authorized to GET `/metrics`.
    Forbidden,
    /// The API server could not review the token, or not in time.
    Unreviewed,
    /// There are too many requests.
    RateLimit,
    /// The TLS handshake failed.
    Handshake,
    /// Nothing arrived on the connection.
    Silence,
}

// === impl Denied ===

impl Denied {
    /// A denial for a reason.
    pub fn new(reason: DenialReason, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self { reason, message }
    }
}

// === impl DenialReason ===

impl DenialReason {
    /// Every reason, in the order of the exposition.
    pub const ALL: [Self; 10] = [
        Self::NoCredentials,
        Self::ClientCertificate,
        Self::ClientName,
        Self::Password,
        Self::Token,
        Self::Forbidden,
        Self::Unreviewed,
        Self::RateLimit,
        Self::Handshake,
        Self::Silence,
    ];

    /// The value of the label `reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoCredentials => "no_credentials",
            Self::ClientCertificate => "client_certificate",
            Self::ClientName => "client_name",
            Self::Password => "password",
            Self::Token => "token",
            Self::Forbidden => "forbidden",
            Self::Unreviewed => "unreviewed",
            Self::RateLimit => "rate_limit",
            Self::Handshake => "handshake",
            Self::Silence => "silence",
        }
    }
}
