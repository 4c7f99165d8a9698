//! The credentials in the `Authorization` header of a request.

use axum::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The credentials of a request.
pub(super) enum Credentials<'a> {
    /// There are none, or they are of an unknown kind.
    None,
    /// A user with a password (RFC 7617).
    Password { user: String, password: String },
    /// A bearer token (RFC 6750).
    Token(&'a str),
}

impl<'a> Credentials<'a> {
    pub(super) fn of(headers: &'a HeaderMap) -> Self {
        let header = headers.get(AUTHORIZATION);
        let header = header.and_then(|header| header.to_str().ok());
        let Some((scheme, value)) = header.and_then(|header| header.split_once(' ')) else {
            return Self::None;
        };
        let value = value.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Self::Token(value);
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return Self::None;
        }
        let decoded = STANDARD.decode(value).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        match decoded.as_deref().and_then(|text| text.split_once(':')) {
            Some((user, password)) => Self::Password {
                user: user.into(),
                password: password.into(),
            },
            None => Self::None,
        }
    }
}
