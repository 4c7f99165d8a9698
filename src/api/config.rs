//! The configuration of the connection: a kubeconfig, or the service account of the pod.

use std::path::{Path, PathBuf};
use std::time::Duration;

use http::header::{HeaderValue, USER_AGENT};
use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};

use super::client::Client;
use super::error::chain;

const AGENT: &str = concat!("notafter/", env!("CARGO_PKG_VERSION"));

/// The choice of a kubeconfig.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The file to read instead of `$KUBECONFIG` or `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// The context to use instead of the file's current one.
    pub context: Option<String>,
}

/// A configuration that cannot be used. Each message contains its causes: as sources they would be
/// printed twice.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The file that `--kubeconfig` names.
    #[error("--kubeconfig {}: {}", .0.display(), kubeconfig(.1))]
    Kubeconfig(PathBuf, KubeconfigError),
    /// `$KUBECONFIG` or `~/.kube/config`.
    #[error("no kubeconfig to use ({}): give --kubeconfig, or run in a pod", found(.0))]
    NoKubeconfig(KubeconfigError),
    /// The context that `--context` names, in the file of `--kubeconfig` if there is one.
    #[error("--context {}: {} has no context of that name", .0, file(.1.as_deref()))]
    Context(String, Option<PathBuf>),
    /// The service account of the pod.
    #[error("in a pod, but without a usable service account: {}", chain(.0))]
    ServiceAccount(kube::config::InClusterError),
    /// A configuration that was read.
    #[error("the configuration of the cluster's client: {}", chain(.0))]
    Client(kube::Error),
}

/// Returns the names of the contexts of a kubeconfig: of the file, else of `$KUBECONFIG` or
/// `~/.kube/config`.
///
/// # Errors
/// If it cannot be read.
pub fn contexts(kubeconfig: Option<&Path>) -> Result<Vec<String>, AccessError> {
    let kubeconfig = match kubeconfig {
        Some(path) => Kubeconfig::read_from(path)
            .map_err(|error| AccessError::Kubeconfig(path.to_owned(), error)),
        None => Kubeconfig::read().map_err(AccessError::NoKubeconfig),
    }?;
    let contexts = kubeconfig.contexts.into_iter();
    Ok(contexts.map(|context| context.name).collect())
}

impl Access {
    /// Returns a client for the configuration as it is now, with a deadline for connecting.
    ///
    /// # Errors
    /// If the configuration cannot be found, read or used; whether the cluster answers is not
    /// tried.
    pub(super) async fn connect(&self, connecting: Duration) -> Result<Client, AccessError> {
        let mut config = self.config().await?;
        config.connect_timeout = Some(connecting);
        // kube's own policy would hold one request for up to 15 tries and 1,000 s.
        config.default_retry = false;
        config
            .headers
            .push((USER_AGENT, HeaderValue::from_static(AGENT)));
        let url = config.cluster_url.to_string().into();
        let kube = config.try_into().map_err(AccessError::Client)?;
        Ok(Client { kube, url })
    }

    async fn config(&self) -> Result<Config, AccessError> {
        let context = self.context.clone();
        let options = KubeConfigOptions {
            context,
            ..KubeConfigOptions::default()
        };
        let unusable = |error| self.unusable(error);
        if let Some(path) = &self.kubeconfig {
            let kubeconfig = Kubeconfig::read_from(path).map_err(unusable)?;
            return Config::from_custom_kubeconfig(kubeconfig, &options)
                .await
                .map_err(unusable);
        }
        // The kubelet sets this in every container; with --context a person means a kubeconfig.
        if std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() && self.context.is_none() {
            return Config::incluster().map_err(AccessError::ServiceAccount);
        }
        Config::from_kubeconfig(&options).await.map_err(unusable)
    }

    /// The error with the flag that it is about.
    fn unusable(&self, error: KubeconfigError) -> AccessError {
        match (error, &self.context, &self.kubeconfig) {
            (KubeconfigError::LoadContext(_), Some(context), file) => {
                AccessError::Context(context.clone(), file.clone())
            }
            (error, _, Some(file)) => AccessError::Kubeconfig(file.clone(), error),
            (error, _, None) => AccessError::NoKubeconfig(error),
        }
    }
}

/// The file of a kubeconfig, in words.
fn file(path: Option<&Path>) -> String {
    match path {
        Some(path) => path.display().to_string(),
        None => "the kubeconfig ($KUBECONFIG or ~/.kube/config)".into(),
    }
}

/// Describes a kubeconfig that no flag names, with its path.
fn found(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::ReadConfig(_, path) => {
            format!("{}: {}", path.display(), kubeconfig(error))
        }
        error => kubeconfig(error),
    }
}

/// Describes an invalid kubeconfig; the parser's own message would quote it, tokens included.
fn kubeconfig(error: &KubeconfigError) -> String {
    let error = match error {
        KubeconfigError::Parse(error) => error,
        // The path is named beside it.
        KubeconfigError::ReadConfig(error, _) => return error.to_string(),
        KubeconfigError::LoadContext(name) => {
            return format!("its current-context {name:?} is none of its contexts");
        }
        error => return chain(error),
    };
    match error.location() {
        Some(at) => format!(
            "invalid kubeconfig at line {}, column {}",
            at.line(),
            at.column()
        ),
        None => "invalid kubeconfig".into(),
    }
}
