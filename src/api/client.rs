//! One request: sent, tried again where that can help, and read to its end within a deadline.
//!
//! Only [`kube::Client::send`] is used: kube's other calls log the whole body when decoding fails, keys
//! included (kube-client: src/client/mod.rs, `Client::request`; clippy.toml forbids them).

use std::error::Error;
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

use super::body::{self, Form};
use super::object::{Each, ListMeta};
use super::status::Status;
use super::trouble::{Trouble, chain};

/// The pauses before a second and a third attempt, and there is no fourth: an API server that restarts
/// behind a load balancer answers again within a second or two; the rest is the next poll's business.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];

/// `Retry-After` is obeyed up to here; a server that asks for more gets its rest until the next poll.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The most bytes that are read of a refusal. A Status is some hundred bytes.
const STATUS: usize = 64 * 1024;

/// The API server, with everything that a request needs.
pub(super) struct Client {
    kube: kube::Client,
    url: String,
    /// The deadline of a request, further attempts and the last byte of its answer included.
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

    /// Hands every object of one list, or of one page of it, to `each`.
    pub(super) async fn list(
        &self,
        path: &str,
        query: &ListParams,
        form: Form,
        each: Each<'_>,
    ) -> Result<ListMeta, Trouble> {
        let request = request(path, query, form)?;
        let answer = async { body::read(self.send(&request).await?, form, each).await };
        let late = Err(Trouble::Late(self.timeout));
        timeout(self.timeout, answer).await.unwrap_or(late)
    }

    /// Creates an object that is a question: it is answered in its own status, and kept nowhere.
    pub(super) async fn ask<T: Serialize + DeserializeOwned>(
        &self,
        path: &str,
        question: &T,
    ) -> Result<T, Trouble> {
        let unwritable = |error: &dyn Error| Trouble::Unwritable(chain(error));
        let body = serde_json::to_vec(question).map_err(|error| unwritable(&error))?;
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|error| unwritable(&error))?;
        let answer = async {
            let body = self.send(&request).await?.into_body();
            let body = Limited::new(body, STATUS).collect().await;
            let body = body.map_err(|error| Trouble::NoReview(chain(&*error)))?;
            // serde's own message would quote the answer.
            serde_json::from_slice(&body.to_bytes())
                .map_err(|_| Trouble::NoReview("it cannot be read".into()))
        };
        let late = Err(Trouble::Late(self.timeout));
        timeout(self.timeout, answer).await.unwrap_or(late)
    }

    /// Sends a request until it succeeds, as far as trying again can help.
    async fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<Body>, Trouble> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let sent = self.kube.send(request.clone().map(Body::from)).await;
            let (trouble, asked) = match sent {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => refusal(response).await,
                Err(error) => (self.unreachable(&error), Some(Duration::ZERO)),
            };
            let (Some(asked), Some(pause)) = (asked, pauses.next()) else {
                return Err(trouble);
            };
            sleep(asked.max(pause).min(LONGEST_PAUSE)).await;
        }
    }

    fn unreachable(&self, error: &kube::Error) -> Trouble {
        let why = match error {
            kube::Error::Service(error) => chain(&**error),
            error => chain(error),
        };
        Trouble::Unreachable(format!("{}: {why}", self.url))
    }
}

fn request(path: &str, query: &ListParams, form: Form) -> Result<Request<Vec<u8>>, Trouble> {
    let request = kube::core::Request::new(path).list(query);
    let mut request = request.map_err(|error| Trouble::Unwritable(chain(&error)))?;
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static(form.accept()));
    if form.gzip() {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(request)
}

/// What an answer other than 200 means, and how long the server asks to wait, if trying again can help.
async fn refusal(response: Response<Body>) -> (Trouble, Option<Duration>) {
    let (code, asked) = (response.status(), retry_after(&response));
    let body = Limited::new(response.into_body(), STATUS).collect().await;
    let status = body
        .ok()
        .and_then(|body| Status::read(&body.to_bytes()))
        .unwrap_or_default();
    match code {
        StatusCode::UNAUTHORIZED => (Trouble::Unauthorized, None),
        StatusCode::FORBIDDEN => (Trouble::Refused, None),
        StatusCode::NOT_FOUND => (Trouble::Absent, None),
        StatusCode::GONE => (Trouble::Expired(status.continue_token), None),
        StatusCode::GATEWAY_TIMEOUT if status.resource_version_too_large => (Trouble::Behind, None),
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => (answer(code, &status), Some(asked)),
        code => (answer(code, &status), None),
    }
}

fn answer(code: StatusCode, status: &Status) -> Trouble {
    let colon = if status.message.is_empty() { "" } else { ": " };
    Trouble::Answer(format!("{code}{colon}{}", status.message))
}

/// The seconds that the server names, or none.
fn retry_after(response: &Response<Body>) -> Duration {
    let header = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|header| header.to_str().ok());
    let seconds = header.and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(0))
}
