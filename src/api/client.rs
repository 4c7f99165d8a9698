//! A request: sent, retried where that can help, and read to its end within a deadline.
//!
//! Only [`kube::Client::send`] is used: kube's other calls log the whole body when decoding fails,
//! keys included (kube-client: src/client/mod.rs, `Client::request`; clippy.toml forbids them).

use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use kube::Config;
use kube::client::Body;
use kube::core::params::ListParams;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{sleep, timeout};

use super::body;
use super::error::{Error, chain};
use super::list::{Each, ListMeta};
use super::status::Status;
use crate::wire::Form;

/// The pauses before a second and a third attempt; there is no fourth. An API server that restarts
/// behind a load balancer answers again within a second or two; the rest is left to the next poll.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];

/// The longest `Retry-After` that is obeyed; a server that asks for more is left alone until the
/// next poll.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The most bytes read of an error answer. A Status has some hundred bytes.
const STATUS: usize = 64 * 1024;

/// A client of the API server.
pub(super) struct Client {
    kube: kube::Client,
    url: String,
    /// The deadline of a request, including further attempts and the last byte of its answer.
    timeout: Duration,
}

impl Client {
    pub(super) fn new(config: Config, timeout: Duration) -> Result<Self, kube::Error> {
        let url = config.cluster_url.to_string();
        Ok(Self {
            kube: config.try_into()?,
            url,
            timeout,
        })
    }

    /// Requests a list, or one page of it, and hands every object to `each`.
    pub(super) async fn list(
        &self,
        path: &str,
        query: &ListParams,
        form: Form,
        each: Each<'_>,
    ) -> Result<ListMeta, Error> {
        let request = request(path, query, form)?;
        let answer = async { body::read(self.send(&request).await?, form, each).await };
        let timed_out = Err(Error::TimedOut(self.timeout));
        timeout(self.timeout, answer).await.unwrap_or(timed_out)
    }

    /// Creates an object that is a question: the answer is its status, and it is stored nowhere.
    pub(super) async fn ask<T: Serialize + DeserializeOwned>(
        &self,
        path: &str,
        question: &T,
    ) -> Result<T, Error> {
        let unwritable = |error: &dyn std::error::Error| Error::Unwritable(chain(error));
        let body = serde_json::to_vec(question).map_err(|error| unwritable(&error))?;
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|error| unwritable(&error))?;
        let answer = async {
            let body = self.send(&request).await?.into_body();
            let body = Limited::new(body, STATUS).collect().await;
            let body = body.map_err(|error| Error::NotAReview(chain(&*error)))?;
            // serde's own message would quote the answer.
            serde_json::from_slice(&body.to_bytes())
                .map_err(|_| Error::NotAReview("it cannot be read".into()))
        };
        let timed_out = Err(Error::TimedOut(self.timeout));
        timeout(self.timeout, answer).await.unwrap_or(timed_out)
    }

    /// Sends a request until it succeeds, as long as a retry can help.
    async fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<Body>, Error> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let sent = self.kube.send(request.clone().map(Body::from)).await;
            let (error, retry_after) = match sent {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => rejection(response).await,
                Err(error) => (self.unreachable(&error), Some(Duration::ZERO)),
            };
            let (Some(retry_after), Some(pause)) = (retry_after, pauses.next()) else {
                return Err(error);
            };
            sleep(retry_after.max(pause).min(LONGEST_PAUSE)).await;
        }
    }

    fn unreachable(&self, error: &kube::Error) -> Error {
        let reason = match error {
            kube::Error::Service(error) => chain(&**error),
            error => chain(error),
        };
        Error::Unreachable(format!("{}: {reason}", self.url))
    }
}

fn request(path: &str, query: &ListParams, form: Form) -> Result<Request<Vec<u8>>, Error> {
    let request = kube::core::Request::new(path).list(query);
    let mut request = request.map_err(|error| Error::Unwritable(chain(&error)))?;
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static(form.accept()));
    if form.is_compressible() {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(request)
}

/// Reads an answer other than 200: the error, and the pause that the server asks for where a retry
/// can help.
async fn rejection(response: Response<Body>) -> (Error, Option<Duration>) {
    let (code, retry_after) = (response.status(), retry_after(&response));
    let body = Limited::new(response.into_body(), STATUS).collect().await;
    let status = body
        .ok()
        .and_then(|body| Status::read(&body.to_bytes()))
        .unwrap_or_default();
    match code {
        StatusCode::UNAUTHORIZED => (Error::Unauthorized, None),
        StatusCode::FORBIDDEN => (Error::Forbidden, None),
        StatusCode::NOT_FOUND => (Error::NotFound, None),
        StatusCode::GONE => (Error::Expired(status.continue_token), None),
        StatusCode::GATEWAY_TIMEOUT if status.resource_version_too_large => (Error::Behind, None),
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => (answer(code, &status), Some(retry_after)),
        code => (answer(code, &status), None),
    }
}

fn answer(code: StatusCode, status: &Status) -> Error {
    let colon = if status.message.is_empty() { "" } else { ": " };
    Error::Answer(format!("{code}{colon}{}", status.message))
}

/// Returns the pause that the server asks for; none if it does not say.
fn retry_after(response: &Response<Body>) -> Duration {
    let header = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|header| header.to_str().ok());
    let seconds = header.and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(0))
}
