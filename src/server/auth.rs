//! Authentication of requests, before every route but the probes.
//!
//! A bearer token that the cluster authorizes is enough; otherwise whatever is configured of a
//! client certificate and a password is required together.

mod cache;
mod client_name;
mod credentials;
mod denials;
mod passwords;
mod rate_limit;
mod tokens;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{HeaderMap, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::middleware::Next;

use self::credentials::Credentials;
use self::passwords::Passwords;
use self::rate_limit::RateLimiter;
use self::tokens::Tokens;
use super::Server;
use super::reload::Active;
use crate::denial::{DenialReason, Denied};
use crate::serving::AuthConfig;

pub(super) use self::client_name::ClientName;
pub(super) use self::denials::Denials;
pub use self::tokens::ReviewToken;

/// The client of a connection.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) address: SocketAddr,
    /// The name in the client certificate, which has been verified; absent if none was presented.
    pub(super) name: Option<Arc<ClientName>>,
}

/// The state of authentication that outlives a request and a configuration.
pub(super) struct Authenticator {
    tokens: Option<Tokens>,
    passwords: Passwords,
    rate_limiter: RateLimiter,
}

/// Passes an authenticated request on to its route, and denies any other.
pub(super) async fn authenticate(
    State(server): State<Server>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let active = server.active();
    let client = request.extensions().get::<Client>().cloned();
    let client = client.expect("the listener adds the client to every request");
    let headers = request.headers();
    match server.authenticator.check(&active, &client, headers).await {
        Ok(()) => next.run(request).await,
        Err(denied) => {
            server.denials.record(&denied, client.address);
            response(&denied, &active.config.auth)
        }
    }
}

/// The response to a denied request.
fn response(denied: &Denied, auth: &AuthConfig) -> Response<Body> {
    let status = match denied.reason {
        DenialReason::ClientName | DenialReason::Forbidden => StatusCode::FORBIDDEN,
        DenialReason::Unreviewed => StatusCode::SERVICE_UNAVAILABLE,
        DenialReason::RateLimit => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNAUTHORIZED,
    };
    let mut response = Response::new(Body::from(format!("{}\n", denied.message)));
    *response.status_mut() = status;
    if status == StatusCode::UNAUTHORIZED {
        let challenges = [
            (!auth.users.is_empty(), "Basic realm=\"notafter\""),
            (auth.token_review, "Bearer realm=\"notafter\""),
        ];
        for (_, challenge) in challenges.into_iter().filter(|(accepted, _)| *accepted) {
            let challenge = HeaderValue::from_static(challenge);
            response.headers_mut().append(WWW_AUTHENTICATE, challenge);
        }
    }
    response
}

// === impl Authenticator ===

impl Authenticator {
    /// An authenticator that has seen no request; it accepts tokens only if it can have them
    /// reviewed.
    pub(super) fn new(review: Option<ReviewToken>) -> Self {
        Self {
            tokens: review.map(Tokens::new),
            passwords: Passwords::default(),
            rate_limiter: RateLimiter::default(),
        }
    }

    async fn check(
        &self,
        active: &Active,
        client: &Client,
        headers: &HeaderMap,
    ) -> Result<(), Denied> {
        let config = &active.config;
        if config
            .rate_limit
            .is_some_and(|limit| !self.rate_limiter.take(limit))
        {
            return Err(Denied::new(DenialReason::RateLimit, "too many requests"));
        }
        if config.is_open() {
            return Ok(());
        }
        let credentials = Credentials::of(headers);
        let accepts_others = config.client_names().is_some() || !config.auth.users.is_empty();
        match (&credentials, &self.tokens) {
            (Credentials::Token(token), Some(tokens)) if config.auth.token_review => {
                let reviewed = tokens.review(token).await;
                // The token of a client with an accepted certificate may be meant for something
                // else.
                if reviewed.is_err()
                    && accepts_others
                    && self
                        .check_others(active, client, &credentials)
                        .await
                        .is_ok()
                {
                    return Ok(());
                }
                reviewed
            }
            _ if accepts_others => self.check_others(active, client, &credentials).await,
            _ => Err(Denied::new(
                DenialReason::NoCredentials,
                "a bearer token is required",
            )),
        }
    }

    /// Checks the client certificate and the password, as far as they are required.
    async fn check_others(
        &self,
        active: &Active,
        client: &Client,
        credentials: &Credentials<'_>,
    ) -> Result<(), Denied> {
        check_certificate(active, client)?;
        let users = &active.config.auth.users;
        match credentials {
            _ if users.is_empty() => Ok(()),
            Credentials::Password { user, password } => {
                if self.passwords.verify(users, user, password).await {
                    return Ok(());
                }
                let message = "wrong user or password";
                Err(Denied::new(DenialReason::Password, message))
            }
            Credentials::None | Credentials::Token(_) => Err(Denied::new(
                DenialReason::NoCredentials,
                "a user and a password are required",
            )),
        }
    }
}

fn check_certificate(active: &Active, client: &Client) -> Result<(), Denied> {
    let Some(names) = active.config.client_names() else {
        return Ok(());
    };
    let Some(name) = &client.name else {
        let message = match (active.lacks_client_ca(), active.config.auth.token_review) {
            (true, _) => {
                "the client CA of the cluster is not known yet, so no client certificate is accepted"
            }
            (false, true) => "a client certificate or a bearer token is required",
            (false, false) => "a client certificate is required",
        };
        return Err(Denied::new(DenialReason::NoCredentials, message));
    };
    if name.is_among(names) {
        return Ok(());
    }
    let name = name.common_name.as_deref().unwrap_or_default();
    let message = format!("the client certificate is valid, but its name {name:?} is not accepted");
    Err(Denied::new(DenialReason::ClientName, message))
}
