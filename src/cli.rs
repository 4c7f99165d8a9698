//! The command line: the commands, and the flags that each module declares for itself. Every flag
//! has an environment variable of the same name.

mod declarations;
mod doctor;
mod explain;
pub mod plugin;
mod rights;
mod scan;

use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::api::{ClusterArgs, WatchArgs};
use crate::log::LogArgs;
use crate::rotation;
use crate::serving::ServingArgs;

pub use self::declarations::DeclarationArgs;
pub use self::doctor::DoctorArgs;
pub use self::explain::{ExplainArgs, Explained};
pub use self::rights::RightsArgs;
pub use self::scan::{ClustersArgs, ColorWhen, ScanArgs, SubjectArgs, When};

/// Reports when the certificates of a Kubernetes or OpenShift cluster expire, and whether they will
/// be renewed in time
#[derive(Debug, Parser)]
#[command(name = "notafter", version)]
pub struct Cli {
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Poll the cluster and serve metrics about its certificates
    Serve(Box<ServeArgs>),
    /// Look once at clusters or files, and print which certificates need a person and which come next
    Scan(Box<ScanArgs>),
    /// Print everything that is concluded about one secret or operator, and from what
    Explain(Box<ExplainArgs>),
    /// Check that notafter can read what it needs, and that Prometheus scrapes it and has its rules
    Doctor(Box<DoctorArgs>),
    /// Print the RBAC objects that `notafter serve` needs with the same flags, as YAML to apply
    Rights(RightsArgs),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page of notafter, or of one of its commands
    Man {
        /// The command
        #[arg(value_parser = ["serve", "scan", "explain", "doctor", "rights", "completions"])]
        command: Option<String>,
    },
}

/// The flags of `notafter serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// The address to serve on; `:PORT` is that port on every address of the machine
    #[arg(
        long,
        env = "NOTAFTER_LISTEN",
        value_name = "ADDRESS",
        default_value = "[::]:9779",
        value_parser = listen
    )]
    pub listen: SocketAddr,
    /// The interval between polls of the cluster, such as 90s or 5m
    #[arg(
        long,
        env = "NOTAFTER_INTERVAL",
        value_name = "DURATION",
        default_value = "2m",
        value_parser = at_least_a_second
    )]
    pub interval: Duration,
    /// The deadline of one poll of one list, at least 4s: after it, the list counts as failed
    #[arg(
        long,
        env = "NOTAFTER_TIMEOUT",
        value_name = "DURATION",
        default_value = "30s",
        value_parser = longer_than_the_api_server_waits
    )]
    pub timeout: Duration,
    /// TLS and authentication.
    #[command(flatten)]
    pub serving: ServingArgs,
    /// The cluster.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// The choice between watches and lists.
    #[command(flatten)]
    pub watch: WatchArgs,
    /// The declarations about secrets.
    #[command(flatten)]
    pub declarations: DeclarationArgs,
    /// The log.
    #[command(flatten)]
    pub log: LogArgs,
}

fn listen(text: &str) -> Result<SocketAddr, &'static str> {
    let port = text.strip_prefix(':').and_then(|port| port.parse().ok());
    let every = port.map(|port| SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)));
    let address = every.or_else(|| text.parse().ok());
    address.ok_or("expected ADDRESS:PORT, [ADDRESS]:PORT or :PORT")
}

fn at_least_a_second(text: &str) -> Result<Duration, &'static str> {
    let duration = duration(text)?;
    if duration < Duration::from_secs(1) {
        return Err("expected at least 1s");
    }
    Ok(duration)
}

/// An API server whose etcd was restored waits three seconds for the version that is asked for, before
/// it answers that it does not have it (kubernetes/apiserver: `pkg/storage/cacher/watch_cache.go`,
/// `blockTimeout`). A shorter deadline would never learn that.
fn longer_than_the_api_server_waits(text: &str) -> Result<Duration, &'static str> {
    let duration = duration(text)?;
    if duration < Duration::from_secs(4) {
        return Err("expected at least 4s, since the API server may wait for 3s");
    }
    Ok(duration)
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    let duration = rotation::duration(text).and_then(|duration| duration.try_into().ok());
    duration.ok_or("expected a duration with its unit, such as 90s or 5m")
}
