//! Who may ask: whoever shows what the terms ask for. Probes need nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HeaderMap, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::middleware::Next;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::gate::{Gate, InForce};
use super::refusals::Refusal;
use super::tokens::Opinion;
use crate::certificate::Holder;
use crate::terms::{Access, Names};

/// Who is at the other end of a connection.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) peer: SocketAddr,
    /// Whom the client certificate names; it has been verified. Absent if none was shown.
    pub(super) holder: Option<Arc<Holder>>,
}

/// What a request may bring along.
enum Shown<'a> {
    /// Or something that is not known here.
    Nothing,
    /// User and password.
    Password(String, String),
    Token(&'a str),
}

/// Why not, and what to say.
struct No(Refusal, String);

/// Lets a request through, or answers it.
pub(super) async fn admit(
    State(gate): State<Arc<Gate>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let caller = request.extensions().get::<Caller>().cloned();
    let in_force = gate.in_force();
    let no = match (&caller, in_force.terms.rate) {
        (_, Some(rate)) if !gate.bucket.take(rate) => {
            Err(No(Refusal::RateLimit, "too many requests".into()))
        }
        (Some(caller), _) => gate.may_ask(&in_force, caller, request.headers()).await,
        // Every connection has one; without it nobody is known.
        (None, _) => Err(No(Refusal::NoCredentials, "nobody is known here".into())),
    };
    let Err(No(refusal, why)) = no else {
        return next.run(request).await;
    };
    if let Some(caller) = caller {
        gate.refused.note(refusal, caller.peer, &why);
    }
    answer(refusal, &why, &in_force.terms.access)
}

fn answer(refusal: Refusal, why: &str, access: &Access) -> Response<Body> {
    let status = match refusal {
        Refusal::ClientName | Refusal::Forbidden => StatusCode::FORBIDDEN,
        Refusal::Unreviewed => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::RateLimit => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNAUTHORIZED,
    };
    let mut response = Response::new(Body::from(format!("{why}\n")));
    *response.status_mut() = status;
    if status == StatusCode::UNAUTHORIZED {
        let ways = [
            (!access.users.is_empty(), "Basic realm=\"notafter\""),
            (access.tokens, "Bearer realm=\"notafter\""),
        ];
        for (_, way) in ways.into_iter().filter(|(is_open, _)| *is_open) {
            let headers = response.headers_mut();
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(way));
        }
    }
    response
}

impl Gate {
    /// One way is enough: all that certificate and password are asked for, or a token.
    async fn may_ask(
        &self,
        in_force: &InForce,
        caller: &Caller,
        headers: &HeaderMap,
    ) -> Result<(), No> {
        let access = &in_force.terms.access;
        if access.is_open() {
            return Ok(());
        }
        let shown = Shown::of(headers);
        let other_way = access.certificate.is_some() || !access.users.is_empty();
        match (&shown, &self.tokens) {
            (Shown::Token(token), Some(tokens)) if access.tokens => {
                let Opinion::Refused(refusal, why) = tokens.judge(token).await else {
                    return Ok(());
                };
                // Who has a certificate that is good enough may show a token for somebody else.
                if other_way && self.fit(in_force, caller, &shown).await.is_ok() {
                    return Ok(());
                }
                Err(No(refusal, why))
            }
            _ if other_way => self.fit(in_force, caller, &shown).await,
            _ => Err(No(
                Refusal::NoCredentials,
                "a bearer token is needed".into(),
            )),
        }
    }

    /// Whether certificate and password are what is asked for.
    async fn fit(&self, in_force: &InForce, caller: &Caller, shown: &Shown<'_>) -> Result<(), No> {
        let access = &in_force.terms.access;
        if let Some(names) = &access.certificate {
            let Some(holder) = &caller.holder else {
                let why = match (in_force.has_client_ca, access.tokens) {
                    (false, _) => {
                        "the CA of the cluster's clients is not known, so no certificate is believed"
                    }
                    (true, true) => "a client certificate, or a bearer token, is needed",
                    (true, false) => "a client certificate is needed",
                };
                return Err(No(Refusal::NoCredentials, why.into()));
            };
            if !names.include(holder) {
                let name = holder.common_name.as_deref().unwrap_or("nobody");
                let why = format!("the client certificate of {name:?} is good, but it may not ask");
                return Err(No(Refusal::ClientName, why));
            }
        }
        if access.users.is_empty() {
            return Ok(());
        }
        match shown {
            Shown::Password(user, password) => {
                if self.passwords.fit(&access.users, user, password).await {
                    return Ok(());
                }
                Err(No(
                    Refusal::Password,
                    "no such user, or another password".into(),
                ))
            }
            _ => Err(No(
                Refusal::NoCredentials,
                "a user and a password are needed".into(),
            )),
        }
    }
}

impl Names {
    fn include(&self, holder: &Holder) -> bool {
        let has = |names: &[String], name: &str| names.iter().any(|it| it == name);
        match self {
            Self::Any => true,
            Self::Common(names) => {
                let name = holder.common_name.as_deref();
                name.is_some_and(|name| has(names, name))
            }
            Self::Alternative(names) => {
                holder.alternative_names.iter().any(|name| has(names, name))
            }
        }
    }
}

impl<'a> Shown<'a> {
    fn of(headers: &'a HeaderMap) -> Self {
        let Some(header) = headers.get(AUTHORIZATION) else {
            return Self::Nothing;
        };
        let text = header.to_str().unwrap_or_default();
        let (scheme, shown) = text.split_once(' ').unwrap_or_default();
        let shown = shown.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Self::Token(shown);
        }
        let decoded = STANDARD.decode(shown).ok();
        let decoded = decoded.and_then(|it| String::from_utf8(it).ok());
        match decoded.as_deref().and_then(|it| it.split_once(':')) {
            Some((user, password)) if scheme.eq_ignore_ascii_case("basic") => {
                Self::Password(user.into(), password.into())
            }
            _ => Self::Nothing,
        }
    }
}
