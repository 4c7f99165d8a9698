//! The terms in force: read at the start, read again while notafter runs, and never worse than they were.
//!
//! What cannot be used (half a pair, a file that a kubelet is about to replace) is said once, and what was in force
//! before stays in force.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::passwords::Passwords;
use super::rate::Bucket;
use super::refused::Refused;
use super::tls::{self, TlsError};
use super::tokens::{Review, Tokens};
use crate::facts::ClusterTls;
use crate::terms::{ClientCa, Source, Terms, TermsError};

/// How soon a changed file is noticed. To read three of them takes some microseconds.
const AGAIN: Duration = Duration::from_secs(2);

/// Terms that cannot be begun with.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// They cannot be read.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// They cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Who comes in, and how.
pub struct Gate {
    source: Source,
    in_force: ArcSwap<InForce>,
    /// Held while terms change.
    latest: Mutex<Latest>,
    pub(super) tokens: Option<Tokens>,
    pub(super) passwords: Passwords,
    pub(super) bucket: Bucket,
    pub(super) refused: Refused,
}

/// Terms, and what follows from them.
pub(super) struct InForce {
    pub(super) terms: Terms,
    pub(super) tls: Option<Arc<ServerConfig>>,
    /// Whether a client certificate can be verified at all: the cluster's CA may not be known yet.
    pub(super) has_client_ca: bool,
}

/// What was last heard, whether or not it could be used.
struct Latest {
    terms: Terms,
    cluster: ClusterTls,
    trouble: Option<String>,
}

impl Gate {
    /// A gate with these terms; with a way to review tokens, if they are to be.
    ///
    /// # Errors
    /// If the terms cannot be read or served.
    pub fn new(source: Source, review: Option<Review>) -> Result<Self, GateError> {
        let (terms, cluster) = (source.read()?, ClusterTls::default());
        let in_force = InForce::of(terms.clone(), &cluster)?;
        Ok(Self {
            source,
            in_force: ArcSwap::from_pointee(in_force),
            latest: Mutex::new(Latest {
                terms,
                cluster,
                trouble: None,
            }),
            tokens: review.map(Tokens::new),
            passwords: Passwords::default(),
            bucket: Bucket::default(),
            refused: Refused::default(),
        })
    }

    /// Whether nothing is asked of anybody.
    pub fn is_open(&self) -> bool {
        self.in_force().terms.access.is_open()
    }

    /// The terms in force now.
    pub(super) fn in_force(&self) -> Arc<InForce> {
        self.in_force.load_full()
    }

    /// Takes over the TLS settings that the cluster publishes.
    fn learn(&self, cluster: &ClusterTls) {
        self.renew(|latest| {
            let is_new = latest.cluster != *cluster;
            latest.cluster = cluster.clone();
            is_new
        });
    }

    /// Reads the terms once more, and puts them in force if they have changed and can be.
    pub fn read_again(&self) {
        match self.source.read() {
            Ok(terms) => self.renew(|latest| {
                let is_new = latest.terms != terms || latest.trouble.is_some();
                latest.terms = terms;
                is_new
            }),
            Err(error) => {
                let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
                latest.trouble(error.to_string());
            }
        }
    }

    /// Follows the files and the cluster's TLS settings for ever.
    pub async fn follow(self: Arc<Self>, mut cluster: watch::Receiver<ClusterTls>) {
        loop {
            if let Ok(Err(_)) = timeout(AGAIN, cluster.changed()).await {
                sleep(AGAIN).await; // nothing more comes from a cluster that is gone
            }
            let (gate, cluster) = (self.clone(), cluster.borrow_and_update().clone());
            let read = spawn_blocking(move || {
                gate.learn(&cluster);
                gate.read_again();
            });
            let _ = read.await; // it ends early only where the process does
        }
    }

    /// Puts the latest terms in force, if they are new and can be.
    fn renew(&self, note: impl FnOnce(&mut Latest) -> bool) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if !note(&mut latest) {
            return;
        }
        match InForce::of(latest.terms.clone(), &latest.cluster) {
            Ok(in_force) => {
                if in_force.tls.is_some() {
                    tracing::info!(
                        "TLS has changed: its files, the cluster's client CA or its profile"
                    );
                }
                self.in_force.store(Arc::new(in_force));
                latest.trouble = None;
            }
            Err(error) => latest.trouble(error.to_string()),
        }
    }
}

impl InForce {
    fn of(terms: Terms, cluster: &ClusterTls) -> Result<Self, TlsError> {
        let tls = match &terms.tls {
            None => None,
            Some(tls) => Some(Arc::new(tls::config(tls, cluster)?)),
        };
        let client_ca = terms.tls.as_ref().and_then(|tls| tls.client_ca.as_ref());
        let has_client_ca = match client_ca {
            Some(ClientCa::Cluster) => cluster.client_ca.is_some(),
            Some(ClientCa::Pem(_)) => true,
            None => false,
        };
        Ok(Self {
            terms,
            tls,
            has_client_ca,
        })
    }
}

impl Latest {
    /// Says it once.
    fn trouble(&mut self, why: String) {
        if self.trouble.as_ref() != Some(&why) {
            tracing::warn!("{why}; TLS and access stay as they were");
            self.trouble = Some(why);
        }
    }
}

/// Open to everybody, in plain HTTP.
impl Default for Gate {
    fn default() -> Self {
        Self::new(Source::default(), None).expect("terms that say nothing can always be served")
    }
}
