//! What can be typed. Every flag has an environment variable of the same name.

mod entrance;
mod rights;

use std::net::{Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use tracing_subscriber::filter::Targets;

use crate::api::Access;
use crate::rbac;

pub use self::entrance::Entrance;
pub use self::rights::Rights;

/// Says when the certificates of a Kubernetes or OpenShift cluster end, and who should have renewed them.
#[derive(Debug, Parser)]
#[command(name = "notafter", version)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Poll the cluster and serve what is known on /metrics
    Serve(Box<Serve>),
    /// Print the roles that it needs, as YAML to apply
    Rights(Rights),
    /// Print the completions of a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// The flags of `notafter serve`.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// The address to serve on; `:PORT` means every address of the machine
    #[arg(
        long,
        env = "NOTAFTER_LISTEN",
        value_name = "ADDRESS",
        default_value = "[::]:9779",
        value_parser = listen
    )]
    pub listen: SocketAddr,
    /// How often to poll the cluster, such as 90s or 5m
    #[arg(
        long,
        env = "NOTAFTER_INTERVAL",
        value_name = "DURATION",
        default_value = "2m",
        value_parser = at_least_a_second
    )]
    pub interval: Duration,
    /// How long one request to the API server may take
    #[arg(
        long,
        env = "NOTAFTER_TIMEOUT",
        value_name = "DURATION",
        default_value = "30s",
        value_parser = at_least_a_second
    )]
    pub timeout: Duration,
    /// How it is served, and to whom.
    #[command(flatten)]
    pub entrance: Entrance,
    /// How to reach the cluster.
    #[command(flatten)]
    pub cluster: Cluster,
    /// What to log.
    #[command(flatten)]
    pub log: Log,
}

/// How to reach the cluster, and how much of it to see.
#[derive(Debug, clap::Args)]
pub struct Cluster {
    /// The kubeconfig to use; without it, a pod's service account, $KUBECONFIG or ~/.kube/config
    #[arg(long, env = "NOTAFTER_KUBECONFIG", value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig to use; without it, its current one
    #[arg(long, env = "NOTAFTER_CONTEXT", value_name = "NAME")]
    pub context: Option<String>,
    /// A namespace to look at, needing only a Role there; repeatable; without it, all of them
    #[arg(
        long = "namespace",
        env = "NOTAFTER_NAMESPACE",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = namespace
    )]
    pub namespaces: Vec<String>,
}

/// What is logged, and how.
#[derive(Debug, clap::Args)]
pub struct Log {
    /// What to log: a level (error, warn, info, debug, trace), or levels by module
    #[arg(
        long,
        env = "NOTAFTER_LOG",
        default_value = "info",
        value_name = "FILTER"
    )]
    pub log: Targets,
    /// How to write a line of the log: text, for people, or json, one object a line
    #[arg(
        long,
        env = "NOTAFTER_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One object a line
    Json,
}

// === impl Cluster ===

impl Cluster {
    /// The way to the cluster that these flags name.
    pub fn access(&self) -> Access {
        Access {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
        }
    }
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix(':').and_then(|port| port.parse().ok());
    let every = port.map(|port| SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)));
    every
        .or_else(|| text.parse().ok())
        .ok_or_else(|| "expected ADDRESS:PORT, [ADDRESS]:PORT or :PORT".into())
}

fn at_least_a_second(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration < Duration::from_secs(1) {
        Err("expected at least 1s".into())
    } else {
        Ok(duration)
    }
}

/// The name of a namespace; it becomes a part of a path.
fn namespace(text: &str) -> Result<String, String> {
    if rbac::is_label(text) {
        Ok(text.into())
    } else {
        Err("expected the name of a namespace".into())
    }
}
