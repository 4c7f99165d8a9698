//! The requests of one poll: each is retried where that can help and read to its end within a
//! deadline, and their number has a bound, whatever the server answers.
//!
//! Only [`kube::Client::send`] is used: kube's other calls log the whole body when decoding fails,
//! keys included (kube-client: src/client/mod.rs, `Client::request`; clippy.toml forbids them).

use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue};
use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use k8s_openapi::apimachinery::pkg::version::Info;
use kube::client::Body;
use kube::core::params::{ListParams, WatchParams};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout};

use super::body;
use super::connection::Connection;
use super::error::{Error, chain};
use super::list::{Each, EachEvent, ListMeta};
use super::rejection::{self, STATUS};
use crate::object::Kind;
use crate::wire::Form;

/// The number of requests that a poll may send in any case: metadata, a watch, a page, and the
/// retries of these. Progress earns more ([`Session::allow`]).
const ALLOWANCE: usize = 8;

/// The pauses before a second and a third attempt; there is no fourth. An overloaded API server, or
/// one that restarts behind a load balancer, answers again within a second or two; the rest is left
/// to the next poll.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];

/// The longest `Retry-After` that is waited for within a poll; a server that asks for more is left
/// alone until the next one.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The requests of one poll.
pub(super) struct Session<'a> {
    connection: &'a Connection,
    /// The deadline of a request, including further attempts and the last byte of its answer.
    timeout: Duration,
    sent: usize,
    allowed: usize,
    /// The last answer, in words.
    last: String,
}

impl<'a> Session<'a> {
    pub(super) fn new(connection: &'a Connection, timeout: Duration) -> Self {
        Self {
            connection,
            timeout,
            sent: 0,
            allowed: ALLOWANCE,
            last: String::new(),
        }
    }

    /// The number of outages of the server so far.
    pub(super) fn outages(&self) -> u64 {
        self.connection.outages()
    }

    /// Allows more requests, since the answers so far lead somewhere.
    pub(super) fn allow(&mut self, requests: usize) {
        self.allowed += requests;
    }

    /// Requests a list, or one page of it, and hands every object to `each`.
    pub(super) async fn list(
        &mut self,
        path: &str,
        query: &ListParams,
        (form, kind): (Form, Kind),
        each: Each<'_>,
    ) -> Result<ListMeta, Error> {
        let request = kube::core::Request::new(path).list(query);
        let mut request = request.map_err(|error| Error::Unwritable(chain(&error)))?;
        accept(&mut request, form.accept());
        if form.is_compressible() {
            let gzip = HeaderValue::from_static("gzip");
            request.headers_mut().insert(ACCEPT_ENCODING, gzip);
        }
        let deadline = self.timeout;
        let answer =
            async { body::read_list(self.send(&request).await?, (form, kind), each).await };
        let answer = timeout(deadline, answer).await;
        answer.unwrap_or(Err(Error::TimedOut(deadline)))
    }

    /// Requests a watch that ends by itself after a number of seconds, and hands every event to
    /// `each`.
    ///
    /// # Errors
    /// If it does not end in time, or ends earlier: then there may have been more events.
    pub(super) async fn watch(
        &mut self,
        path: &str,
        (query, version): (&WatchParams, &str),
        form: Form,
        each: EachEvent<'_>,
    ) -> Result<(), Error> {
        let request = kube::core::Request::new(path).watch(query, version);
        let mut request = request.map_err(|error| Error::Unwritable(chain(&error)))?;
        accept(&mut request, form.accept_watch());
        let time = Duration::from_secs(query.timeout.unwrap_or_default().into());
        // Long enough to learn that the server is down, which is known for all lists then.
        let patience = self.connection.patience();
        let started = Instant::now();
        let answer = timeout(patience, self.send(&request)).await;
        let answer = answer.unwrap_or(Err(Error::TimedOut(patience)))?;
        // The rest of the deadline is for the list that follows a watch that never ends.
        let deadline = time + self.timeout.saturating_sub(time) / 3;
        let read = timeout(deadline, body::read_watch(answer, form, each)).await;
        read.unwrap_or(Err(Error::TimedOut(deadline)))?;
        // The server measures from its receipt of the request on; clocks may differ a little.
        if started.elapsed() < time.mul_f64(0.9) {
            return Err(Error::EndedEarly);
        }
        Ok(())
    }

    /// Creates an object that is a question: the answer is its status, and it is stored nowhere.
    pub(super) async fn ask<T: Serialize + DeserializeOwned>(
        &mut self,
        path: &str,
        question: &T,
    ) -> Result<T, Error> {
        let unwritable = |error: &dyn std::error::Error| Error::Unwritable(chain(error));
        let body = serde_json::to_vec(question).map_err(|error| unwritable(&error))?;
        let request = Request::post(path)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|error| unwritable(&error))?;
        self.read(&request, Error::NotAReview).await
    }

    /// Requests the version of the API server.
    pub(super) async fn version(&mut self) -> Result<Info, Error> {
        let request = Request::get("/version").body(Vec::new());
        let request = request.map_err(|error| Error::Unwritable(chain(&error)))?;
        self.read(&request, Error::NotAVersion).await
    }

    /// Sends a request whose answer is a small document in JSON.
    async fn read<T: DeserializeOwned>(
        &mut self,
        request: &Request<Vec<u8>>,
        unusable: fn(String) -> Error,
    ) -> Result<T, Error> {
        let deadline = self.timeout;
        let answer = async {
            let body = self.send(request).await?.into_body();
            let body = Limited::new(body, STATUS).collect().await;
            let body = body.map_err(|error| unusable(chain(&*error)))?;
            // serde's own message would quote the answer.
            serde_json::from_slice(&body.to_bytes())
                .map_err(|_| unusable("it cannot be read".into()))
        };
        let answer = timeout(deadline, answer).await;
        answer.unwrap_or(Err(Error::TimedOut(deadline)))
    }

    /// Sends a request until it succeeds, as long as a retry can help.
    async fn send(&mut self, request: &Request<Vec<u8>>) -> Result<Response<Body>, Error> {
        let mut pauses = PAUSES.into_iter();
        loop {
            if self.sent == self.allowed {
                let (sent, last) = (self.sent, std::mem::take(&mut self.last));
                return Err(Error::Exhausted { sent, last });
            }
            self.sent += 1;
            let answer = self.connection.send(request).await?;
            if answer.status().is_success() {
                self.last = "a list or a watch".into();
                return Ok(answer);
            }
            let (error, retry_after) = rejection::read(answer).await;
            self.last = error.to_string();
            match (retry_after, pauses.next()) {
                (Some(asked), Some(pause)) if asked <= LONGEST_PAUSE => {
                    sleep(asked.max(pause)).await;
                }
                _ => return Err(error),
            }
        }
    }
}

fn accept(request: &mut Request<Vec<u8>>, media_type: &'static str) {
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static(media_type));
}
