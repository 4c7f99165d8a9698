//! The active serving configuration: read at the start, and read again while notafter runs.
//!
//! A configuration that cannot be used (half a pair, a file that a kubelet is about to replace) is
//! logged once, and the one before stays active.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::tls::{self, TlsError};
use crate::facts::ClusterTls;
use crate::serving::{ServingArgs, ServingConfig, ServingConfigError};

/// The interval at which files are read again. To read three of them takes some microseconds.
const INTERVAL: Duration = Duration::from_secs(2);

/// A serving configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ServingError {
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(#[from] ServingConfigError),
    /// The TLS of the configuration cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A configuration in use, and what follows from it.
pub(super) struct Active {
    pub(super) config: ServingConfig,
    pub(super) tls: Option<Arc<ServerConfig>>,
    cluster: ClusterTls,
}

/// The flags, and the configuration that was last read from them.
pub(super) struct Reloader {
    args: ServingArgs,
    active: ArcSwap<Active>,
    /// Held while the configuration changes.
    latest: Mutex<Latest>,
}

/// The latest TLS settings of the cluster, and the latest failure, whether or not they are logged
/// or used.
#[derive(Default)]
struct Latest {
    cluster: ClusterTls,
    failure: Option<String>,
}

// === impl Active ===

impl Active {
    fn new(config: ServingConfig, cluster: ClusterTls) -> Result<Self, TlsError> {
        let tls = match &config.tls {
            None => None,
            Some(tls) => Some(Arc::new(tls::server_config(tls, &cluster)?)),
        };
        Ok(Self {
            config,
            tls,
            cluster,
        })
    }

    /// Returns whether no client certificate can be verified, since the client CA of the cluster is
    /// not known.
    pub(super) fn lacks_client_ca(&self) -> bool {
        self.config.uses_cluster_client_ca() && self.cluster.client_ca.is_none()
    }
}

// === impl Reloader ===

impl Reloader {
    pub(super) fn new(args: ServingArgs) -> Result<Self, ServingError> {
        let active = Active::new(args.read()?, ClusterTls::default())?;
        Ok(Self {
            args,
            active: ArcSwap::from_pointee(active),
            latest: Mutex::default(),
        })
    }

    pub(super) fn active(&self) -> Arc<Active> {
        self.active.load_full()
    }

    /// Reloads the configuration for ever, whenever files or the TLS settings of the cluster
    /// change.
    pub(super) async fn follow(self: Arc<Self>, mut cluster: watch::Receiver<ClusterTls>) {
        loop {
            if let Ok(Err(_)) = timeout(INTERVAL, cluster.changed()).await {
                sleep(INTERVAL).await; // a cluster that is gone changes no more
            }
            let (reloader, cluster) = (self.clone(), cluster.borrow_and_update().clone());
            // It ends early only where the process does.
            let _ = spawn_blocking(move || reloader.reload(Some(cluster))).await;
        }
    }

    /// Reads the configuration again, and uses it if it has changed and can be used.
    pub(super) fn reload(&self, cluster: Option<ClusterTls>) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cluster) = cluster {
            latest.cluster = cluster;
        }
        let active = self.active();
        let (config, unreadable) = match self.args.read() {
            Ok(config) => (config, None),
            // The cluster's part is followed all the same.
            Err(error) => (active.config.clone(), Some(error.to_string())),
        };
        let unusable = if config == active.config && latest.cluster == active.cluster {
            None
        } else {
            self.activate(config, latest.cluster.clone()).err()
        };
        let failure = unusable.map(|error| error.to_string()).or(unreadable);
        if let Some(error) = &failure
            && latest.failure != failure
        {
            tracing::warn!(%error, "serving configuration not reloaded; the previous one stays active");
        }
        latest.failure = failure;
    }

    fn activate(&self, config: ServingConfig, cluster: ClusterTls) -> Result<(), TlsError> {
        let active = Active::new(config, cluster)?;
        if active.tls.is_some() {
            tracing::info!("serving configuration reloaded");
        }
        self.active.store(Arc::new(active));
        Ok(())
    }
}
