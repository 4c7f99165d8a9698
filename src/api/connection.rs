//! A client that is renewed after failures: by then the configuration may name a new address, CA or
//! token.

use std::sync::Arc;
use std::time::Duration;

use futures_util::lock::Mutex;
use tokio::time::Instant;

use super::client::Client;
use super::config::{Access, AccessError};

/// The shortest time between two renewals. Failures come as often as scrapes with made-up tokens
/// do, and each renewal reads files and prepares TLS; it is shorter than the shortest interval of
/// polls.
const PAUSE: Duration = Duration::from_millis(500);

/// A client, and the configuration that it was made from.
pub(super) struct Connection {
    access: Access,
    timeout: Duration,
    /// The client, and the time of its last renewal.
    client: Mutex<(Arc<Client>, Option<Instant>)>,
}

impl Connection {
    /// Reads the configuration; whether the API server answers is not tried.
    pub(super) async fn open(access: Access, timeout: Duration) -> Result<Self, AccessError> {
        let client = Arc::new(access.connect(timeout).await?);
        Ok(Self {
            access,
            timeout,
            client: Mutex::new((client, None)),
        })
    }

    /// The client as it is now.
    pub(super) async fn client(&self) -> Arc<Client> {
        self.client.lock().await.0.clone()
    }

    /// Reads the configuration again after a failure, unless that was just done.
    pub(super) async fn renew(&self) {
        let mut client = self.client.lock().await;
        if client.1.is_some_and(|last| last.elapsed() < PAUSE) {
            return;
        }
        client.1 = Some(Instant::now());
        match self.access.connect(self.timeout).await {
            Ok(renewed) => client.0 = Arc::new(renewed),
            Err(error) => {
                tracing::warn!(%error, "configuration not read again; the previous one stays in use");
            }
        }
    }
}
