//! The client: its credentials, its trust, and the limits of what it reads.
//!
//! kube's client, which brings TLS and deadlines, sends the requests.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::Config;
use kube::client::Body;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::answer::{Envelope, Status, Vector};
use super::{Access, Error, Fault};
use crate::api::{beginning, chain, unanswered};

/// The most bytes that are read of an answer. The rules of OpenShift's own monitoring are 2 MiB, with
/// their alerts.
const MOST: usize = 32 << 20;

/// The most bytes that are read of a file: many times the bundle of all public CAs.
const LARGEST_FILE: u64 = 4 << 20;

/// The answer of a server in Go to HTTP where it expects TLS (golang/go: src/net/http/server.go,
/// `conn.serve`).
const TLS_ONLY: &str = "Client sent an HTTP request to an HTTPS server";

/// A client of one Prometheus.
pub(super) struct Client {
    kube: kube::Client,
    token: Option<HeaderValue>,
    timeout: Duration,
}

// === impl Client ===

impl Client {
    /// A client with the credentials and the trust of the files as they are now.
    pub(super) fn new(access: &Access) -> Result<Self, Error> {
        let mut config = Config::new(access.address.url().clone());
        config.connect_timeout = Some(access.timeout);
        config.default_retry = false;
        if let Some(file) = &access.ca {
            let roots = authorities(file).map_err(|why| Error::Authority(file.clone(), why))?;
            config.root_cert = Some(roots);
        }
        let token = access.token_file.as_ref().map(|file| {
            let token = token(file);
            token.map_err(|why| Error::Token(file.clone(), why))
        });
        let kube = config.try_into().map_err(|error| match &access.ca {
            Some(file) => Error::Authority(file.clone(), chain(&error)),
            None => Error::Request(access.address.clone(), Fault::Client(chain(&error))),
        });
        Ok(Self {
            kube: kube?,
            token: token.transpose()?,
            timeout: access.timeout,
        })
    }

    /// Returns the present value of a query.
    pub(super) async fn vector(&self, query: &str) -> Result<Vector, Fault> {
        self.query("query", &[("query", query)]).await
    }

    /// Returns the data that answer a GET below `/api/v1`.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Fault> {
        let answer = timeout(self.timeout, self.answer(path, query)).await;
        answer.unwrap_or(Err(Fault::TimedOut(self.timeout)))
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Fault> {
        let path = format!("/api/v1/{path}");
        let mut target = form_urlencoded::Serializer::new(format!("{path}?"));
        let target = target.extend_pairs(query).finish();
        let mut request = Request::get(target)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, concat!("notafter/", env!("CARGO_PKG_VERSION")));
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        let request = request.body(Body::empty());
        let request = request.map_err(|error| Fault::Client(error.to_string()))?;
        let answer = self.kube.send(request).await;
        let answer = answer.map_err(|error| unreachable(&error))?;
        self.read(&path, answer).await
    }

    async fn read<T: DeserializeOwned>(
        &self,
        path: &str,
        answer: Response<Body>,
    ) -> Result<T, Fault> {
        let (head, body) = answer.into_parts();
        match head.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if self.token.is_none() => {
                return Err(Fault::Anonymous(head.status.as_u16()));
            }
            StatusCode::UNAUTHORIZED => return Err(Fault::Unauthenticated),
            StatusCode::FORBIDDEN => return Err(Fault::Forbidden),
            StatusCode::NOT_FOUND => return Err(Fault::NotServed(path.into())),
            code if code.is_redirection() => return Err(Fault::Redirected(code.as_u16())),
            _ => {}
        }
        let media_type = head.headers.get(CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        if media_type.is_some_and(|value| value.starts_with("text/html")) {
            return Err(if head.status.is_success() {
                Fault::WebPage
            } else {
                // The page of a proxy says no more than its status.
                refusal(head.status, "")
            });
        }
        let body = Limited::new(body, MOST).collect().await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Fault::TooLarge(MOST)
            } else {
                Fault::Unreadable(chain(&*error))
            }
        })?;
        let body = body.to_bytes();
        let envelope = serde_json::from_slice::<Envelope<T>>(&body);
        match envelope {
            Ok(answer) if answer.status == Status::Success => {
                answer.data.ok_or(Fault::NotPrometheus)
            }
            Ok(answer) => Err(refusal(head.status, &answer.error)),
            Err(_) if head.status.is_success() => Err(Fault::NotPrometheus),
            Err(_) => Err(refusal(head.status, &String::from_utf8_lossy(&body))),
        }
    }
}

/// A refusal, with the beginning of its text in one line.
fn refusal(code: StatusCode, text: &str) -> Fault {
    if text.contains(TLS_ONLY) {
        return Fault::NotPlain;
    }
    let text = beginning(text);
    let colon = if text.is_empty() { "" } else { ": " };
    Fault::Answer(format!("{code}{colon}{text}"))
}

/// The reason why a request was not answered. rustls names these two only in its texts (rustls:
/// src/error.rs, `Display` of `InvalidCertificate` and `InvalidMessage`).
fn unreachable(error: &kube::Error) -> Fault {
    let reason = unanswered(error);
    if reason.contains("invalid peer certificate") {
        Fault::Untrusted(reason)
    } else if reason.contains("corrupt message") {
        Fault::NotTls(reason)
    } else {
        Fault::Unreachable(reason)
    }
}

/// The header with the token of a file, which may end with a line end.
fn token(file: &Path) -> Result<HeaderValue, String> {
    let text = content(file)?;
    let text = str::from_utf8(&text).map_err(|_| "the file does not hold a token")?;
    let token = text.trim();
    if token.is_empty() {
        return Err("the file is empty".into());
    }
    if token.contains(char::is_whitespace) {
        return Err("the file holds more than a token".into());
    }
    let value = Zeroizing::new(format!("Bearer {token}"));
    let value = HeaderValue::from_str(&value);
    let mut value = value.map_err(|_| "the file does not hold a token".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

/// The content of a file, which may be a secret.
fn content(file: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut content = Zeroizing::new(Vec::new());
    let opened = File::open(file);
    let read = opened.and_then(|opened| opened.take(LARGEST_FILE).read_to_end(&mut content));
    read.map_err(|error| error.to_string())?;
    Ok(content)
}

/// The certificates of a file, in DER.
fn authorities(file: &Path) -> Result<Vec<Vec<u8>>, String> {
    let text = content(file)?;
    let blocks: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let blocks = blocks.map_err(|_| "the file is not PEM".to_owned())?;
    if blocks.is_empty() {
        return Err("the file holds no certificate in PEM".into());
    }
    Ok(blocks.into_iter().map(|der| der.to_vec()).collect())
}
