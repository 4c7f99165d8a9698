//! Requests and connections that were refused, counted by why.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why a request, or a connection before it, was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing was shown that could tell who asks.
    NoCredentials,
    /// The client certificate is of another CA, has ended, or is no good otherwise.
    ClientCertificate,
    /// The client certificate is good, and of somebody who may not ask.
    ClientName,
    /// The user or the password is wrong.
    Password,
    /// The token is nobody's: wrong, expired, or meant for another audience.
    Token,
    /// The token is of somebody who may not ask.
    Forbidden,
    /// The API server could not be asked about the token, or not in time.
    Unreviewed,
    /// There were too many requests.
    RateLimit,
    /// The connection was no TLS, or none that is spoken here.
    Handshake,
    /// Nothing came on the connection.
    Silence,
}

/// How often each has happened since the start.
#[derive(Debug, Default)]
pub(super) struct Refusals([AtomicU64; Refusal::ALL.len()]);

impl Refusal {
    /// All of them, in the order of the exposition.
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

    /// As a label says it.
    pub fn name(self) -> &'static str {
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

impl Refusals {
    /// One more.
    pub(super) fn count(&self, refusal: Refusal) {
        self.0[refusal as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How often each has happened, by name.
    pub(super) fn counts(&self) -> [(&'static str, u64); Refusal::ALL.len()] {
        Refusal::ALL.map(|it| (it.name(), self.0[it as usize].load(Ordering::Relaxed)))
    }
}
