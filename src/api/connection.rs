//! The connection to one API server, shared by everything that sends requests to it.
//!
//! A failure of the server itself (no connection, an untrusted certificate, rejected credentials)
//! concerns every list. The first request that meets one retries once, with a client that is made
//! anew from its configuration, which may name a new address, CA or token by then. If that fails
//! too, the server is down: all other requests fail at once with the same reason, and from time to
//! time a single one is sent to see whether the server is back.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::lock::{Mutex, MutexGuard};
use http::{Request, Response};
use kube::client::Body;
use tokio::time::{Instant, sleep, timeout};

use super::client::{Client, Origin, connecting};
use super::config::{Access, AccessError};
use super::error::Error;
use super::outage::{Outage, State};
use super::rate_limit::RateLimit;

/// The longest pause before the retry: an API server that restarts behind a load balancer drops its
/// connections first.
const LONGEST_BEFORE_RETRY: Duration = Duration::from_millis(500);

/// The share of a request's deadline that the pause before the retry may take: with twice that of
/// connecting, an unreachable server is found before the deadline.
const BEFORE_RETRY: u32 = 8;

/// The time by which a process without a processor may be late to notice the deadline of connecting.
const STARVED: Duration = Duration::from_secs(1);

/// The shortest time between two renewals of the client for lists that were too slow, each of which
/// reads files and prepares TLS. A retry always has a new one: it comes after a pause, and the
/// connections of the old one may be the fault.
const BETWEEN_RENEWALS: Duration = Duration::from_secs(1);

/// A connection to an API server.
pub(super) struct Connection {
    origin: Origin,
    /// The purpose of the connection, for the log.
    purpose: String,
    connecting: Duration,
    before_retry: Duration,
    rate_limit: RateLimit,
    server: Mutex<Server>,
    outages: AtomicU64,
}

/// The present knowledge of the server.
struct Server {
    client: Client,
    /// Counts the renewals of the client.
    generation: u64,
    renewed: Option<Instant>,
    state: State,
}

// === impl Connection ===

impl Connection {
    /// Reads the configuration; whether the API server answers is not tried. The deadline is that
    /// of the requests that will be sent.
    pub(super) async fn open(
        access: Access,
        purpose: impl Into<String>,
        deadline: Duration,
    ) -> Result<Self, AccessError> {
        let origin = Origin::Access(access);
        let client = origin.client(connecting(deadline)).await?;
        Ok(Self::new(origin, client, purpose.into(), deadline))
    }

    /// Sends every request by this client.
    pub(super) fn over(kube: kube::Client, purpose: String, deadline: Duration) -> Self {
        let client = Client::given(kube.clone());
        Self::new(Origin::Client(kube), client, purpose, deadline)
    }

    fn new(origin: Origin, client: Client, purpose: String, deadline: Duration) -> Self {
        Self {
            origin,
            purpose,
            connecting: connecting(deadline),
            before_retry: LONGEST_BEFORE_RETRY.min(deadline / BEFORE_RETRY),
            rate_limit: RateLimit::default(),
            server: Mutex::new(Server {
                client,
                generation: 0,
                renewed: None,
                state: State::Unknown,
            }),
            outages: AtomicU64::new(0),
        }
    }

    /// The time in which a request without an answer learns whether the server is down.
    pub(super) fn patience(&self) -> Duration {
        self.connecting + self.before_retry + self.connecting + STARVED
    }

    /// The address of the server, for messages.
    pub(super) async fn url(&self) -> Arc<str> {
        self.server.lock().await.client.url.clone()
    }

    /// The number of times that the server was found down, so far.
    pub(super) fn outages(&self) -> u64 {
        self.outages.load(Ordering::Relaxed)
    }

    /// Sends a request, and returns the answer as soon as its head is there. A 401 is an error, as
    /// it concerns every request; other answers are not.
    ///
    /// # Errors
    /// If the server is down.
    pub(super) async fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<Body>, Error> {
        let server = self.server.lock().await;
        let State::Up = server.state else {
            return self.send_alone(server, request).await;
        };
        let (client, generation) = (server.client.clone(), server.generation);
        drop(server);
        match self.send_by(&client, request).await {
            Err(error) if error.is_of_the_server() => {}
            answer => return answer,
        }
        let mut server = self.server.lock().await;
        if server.generation == generation {
            sleep(self.before_retry).await;
            self.renew_client(&mut server).await;
            return self.send_alone(server, request).await;
        }
        // Another request has met the same failure and renewed the client in the meantime.
        if let State::Down(outage) = &server.state {
            return Err(outage.error());
        }
        let client = server.client.clone();
        drop(server);
        self.send_by(&client, request).await
    }

    /// Makes the client anew for the next request, after a failure that may or may not be the
    /// server's own, such as a connection on which nothing arrives any more.
    pub(super) async fn renew(&self) {
        let mut server = self.server.lock().await;
        let is_new = |renewed: Instant| renewed.elapsed() < BETWEEN_RENEWALS;
        if matches!(server.state, State::Up) && !server.renewed.is_some_and(is_new) {
            self.renew_client(&mut server).await;
        }
    }

    /// Sends a request while all others wait for its outcome; by it, the server is up or down.
    async fn send_alone(
        &self,
        mut server: MutexGuard<'_, Server>,
        request: &Request<Vec<u8>>,
    ) -> Result<Response<Body>, Error> {
        let mut attempts = 1;
        match &server.state {
            State::Down(outage) if !outage.is_due() => return Err(outage.error()),
            State::Down(_) => self.renew_client(&mut server).await,
            State::Unknown => attempts = 2,
            State::Up => {}
        }
        loop {
            let client = server.client.clone();
            let mut sending = pin!(self.send_by(&client, request));
            // Connecting has a deadline of its own. After that the server is reachable, and it is
            // the answer to this request alone that is slow.
            let Ok(sent) = timeout(self.connecting + STARVED, &mut sending).await else {
                self.mark_up(&mut server);
                drop(server);
                return sending.await;
            };
            attempts -= 1;
            match sent {
                Err(error) if error.is_of_the_server() && attempts > 0 => {
                    sleep(self.before_retry).await;
                    self.renew_client(&mut server).await;
                }
                Err(error) if error.is_of_the_server() => {
                    return Err(self.mark_down(&mut server, &error));
                }
                answer => {
                    self.mark_up(&mut server);
                    return answer;
                }
            }
        }
    }

    async fn send_by(
        &self,
        client: &Client,
        request: &Request<Vec<u8>>,
    ) -> Result<Response<Body>, Error> {
        self.rate_limit.wait().await;
        client.send(request).await
    }

    async fn renew_client(&self, server: &mut Server) {
        server.renewed = Some(Instant::now());
        server.generation += 1;
        match self.origin.client(self.connecting).await {
            Ok(client) => server.client = client,
            Err(error) => tracing::warn!(
                %error,
                "configuration not read again; the previous one stays in use"
            ),
        }
    }

    fn mark_up(&self, server: &mut Server) {
        if let State::Down(outage) = &server.state {
            let purpose = &*self.purpose;
            let seconds = outage.since.elapsed().as_secs();
            tracing::info!(purpose, seconds, "API server answers again");
        }
        server.state = State::Up;
    }

    fn mark_down(&self, server: &mut Server, error: &Error) -> Error {
        let outage = Outage::found(&server.state, error.to_string().into());
        let is_known = match &server.state {
            State::Down(before) => before.reason == outage.reason,
            State::Unknown | State::Up => {
                self.outages.fetch_add(1, Ordering::Relaxed);
                false
            }
        };
        if !is_known {
            let purpose = &*self.purpose;
            tracing::warn!(%error, purpose, "API server cannot be used");
        }
        let error = outage.error();
        server.state = State::Down(outage);
        error
    }
}
