//! The client that sends requests to an API server, and the origin from which it is made anew.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use kube::client::Body;

use super::config::{Access, AccessError};
use super::error::{Error, unanswered};

/// The share of a request's deadline that connecting may take: an unreachable server is found, and found
/// again with a renewed client, before the deadline.
const CONNECTING: u32 = 4;

/// The deadline of connecting where that of a request is long: waiting longer has never helped; kube's
/// default is 30 s.
const LONGEST_CONNECTING: Duration = Duration::from_secs(10);

/// The origin of a client.
pub(super) enum Origin {
    /// A configuration, which is read again for each client.
    Access(Access),
    /// A client that cannot be renewed.
    Client(kube::Client),
}

/// A client of an API server.
#[derive(Clone)]
pub(super) struct Client {
    /// The client that sends them.
    pub(super) kube: kube::Client,
    /// The server's address, for messages.
    pub(super) url: Arc<str>,
}

/// Returns the deadline of connecting for a request.
pub(super) fn connecting(deadline: Duration) -> Duration {
    LONGEST_CONNECTING.min(deadline / CONNECTING)
}

// === impl Origin ===

impl Origin {
    /// Returns a client for the configuration as it is now, with a deadline for connecting.
    ///
    /// # Errors
    /// If the configuration cannot be found, read or used; whether the server answers is not tried.
    pub(super) async fn client(&self, connecting: Duration) -> Result<Client, AccessError> {
        match self {
            Self::Access(access) => access.connect(connecting).await,
            Self::Client(kube) => Ok(Client::given(kube.clone())),
        }
    }
}

// === impl Client ===

impl Client {
    /// A client whose address is not known.
    pub(super) fn given(kube: kube::Client) -> Self {
        Self {
            kube,
            url: "the given client".into(),
        }
    }

    /// Sends a request, and returns the answer as soon as its head is there. A 401 is an error, as it
    /// concerns every request; other answers are not.
    ///
    /// # Errors
    /// If the server cannot be reached, or rejects the credentials.
    pub(super) async fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<Body>, Error> {
        let sent = self.kube.send(request.clone().map(Body::from)).await;
        let answer = sent
            .map_err(|error| Error::Unreachable(format!("{}: {}", self.url, unanswered(&error))))?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            return Err(Error::Unauthorized);
        }
        Ok(answer)
    }
}
