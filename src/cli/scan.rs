//! The flags of `notafter scan`: the subject, the choice of certificates, and the output.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Cli, DeclarationArgs, duration, longer_than_the_api_server_waits};
use crate::api::namespace;
use crate::output::{Format, Order};
use crate::rotation::Manager;

/// The flags of `notafter scan`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct ScanArgs {
    /// Files to look at instead of a cluster: Kubernetes objects in YAML or JSON, must-gathers,
    /// certificates, kubeconfigs, directories of these, or - for standard input
    #[arg(value_name = "FILE", conflicts_with_all = ["kubeconfig", "contexts", "all_contexts"])]
    pub files: Vec<PathBuf>,
    /// The subject.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Show only certificates of this manager, such as olm, cert-manager or none; repeatable
    #[arg(
        long = "manager",
        env = "NOTAFTER_MANAGER",
        value_name = "MANAGER",
        value_delimiter = ',',
        value_parser = manager
    )]
    pub managers: Vec<Manager>,
    /// Show only certificates that expire within this time, such as 60d
    #[arg(long, env = "NOTAFTER_WITHIN", value_name = "DURATION", value_parser = duration)]
    pub within: Option<Duration>,
    /// Show every certificate in the table or in Markdown, not only what needs a person or comes next
    #[arg(long, env = "NOTAFTER_ALL")]
    pub all: bool,
    /// The order of the certificates in the table or in Markdown
    #[arg(
        long,
        env = "NOTAFTER_SORT",
        value_name = "ORDER",
        default_value = "urgency"
    )]
    pub sort: Order,
    /// The format of the output
    #[arg(
        long,
        short,
        env = "NOTAFTER_OUTPUT",
        value_name = "FORMAT",
        default_value = "table"
    )]
    pub output: Format,
    /// Write the output to this file instead of standard output; it is replaced once all of it is written
    #[arg(long, env = "NOTAFTER_OUTPUT_FILE", value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// Exit with status 0 instead of 1 or 3 once the output is written
    #[arg(long, env = "NOTAFTER_EXIT_ZERO")]
    pub exit_zero: bool,
    /// The use of colours; by default on a terminal, unless NO_COLOR is set
    #[arg(
        long,
        env = "NOTAFTER_COLOR",
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub color: ColorWhen,
}

const AFTER_HELP: &str = "\
Exit status:
  0  nothing needs a person
  1  a certificate needs a person
  2  the command line is invalid
  3  nothing needs a person as far as can be seen, but something could not be read
  4  the output could not be written";

/// The flags of the clusters to look at, of a part of them or of files, and of the time to judge at.
#[derive(Debug, clap::Args)]
pub struct SubjectArgs {
    /// The clusters.
    #[command(flatten)]
    pub clusters: ClustersArgs,
    /// Look only into this namespace; repeatable; without it, into all of them
    #[arg(
        long = "namespace",
        short,
        env = "NOTAFTER_NAMESPACE",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = namespace
    )]
    pub namespaces: Vec<String>,
    /// Judge as of this time, such as 2024-02-01 or 2024-02-01T12:00:00Z; by default now
    #[arg(long, env = "NOTAFTER_AT", value_name = "TIME")]
    pub at: Option<When>,
    /// The declarations about secrets.
    #[command(flatten)]
    pub declarations: DeclarationArgs,
}

/// The flags of the clusters to look at.
#[derive(Debug, clap::Args)]
pub struct ClustersArgs {
    /// The kubeconfig to use; without it, a pod's service account, $KUBECONFIG or ~/.kube/config
    #[arg(long, env = "NOTAFTER_KUBECONFIG", value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig to use; repeatable, for several clusters; without it, the current
    /// one
    #[arg(
        long = "context",
        env = "NOTAFTER_CONTEXT",
        value_name = "NAME",
        value_delimiter = ','
    )]
    pub contexts: Vec<String>,
    /// Look at the cluster of every context of the kubeconfig
    #[arg(long, env = "NOTAFTER_ALL_CONTEXTS", conflicts_with = "contexts")]
    pub all_contexts: bool,
    /// The deadline of reading one list, at least 4s
    #[arg(
        long,
        env = "NOTAFTER_TIMEOUT",
        value_name = "DURATION",
        default_value = "30s",
        value_parser = longer_than_the_api_server_waits
    )]
    pub timeout: Duration,
}

/// The cases in which colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A point in time (Unix seconds), read from a date or from RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When(pub i64);

// === impl ScanArgs ===

impl ScanArgs {
    /// Checks the flags against each other.
    ///
    /// # Errors
    /// If a format is asked for that cannot show several clusters.
    pub fn check(&self) -> Result<(), clap::Error> {
        let clusters = &self.subject.clusters;
        let has_several = clusters.contexts.len() > 1 || clusters.all_contexts;
        if self.output == Format::Openmetrics && has_several {
            let message = "--output openmetrics shows one cluster: give one --context";
            return Err(Cli::command().error(ErrorKind::ArgumentConflict, message));
        }
        Ok(())
    }
}

// === impl When ===

impl FromStr for When {
    type Err = &'static str;

    /// Reads a date, which means its first second in UTC, or a time with its offset.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let of_date = |date: Date| date.to_zoned(TimeZone::UTC).ok();
        let date = text.parse().ok().and_then(of_date);
        let time = text.parse::<Timestamp>().ok();
        let time = time.or_else(|| Some(date?.timestamp()));
        let time = time
            .ok_or("expected a date such as 2024-02-01, or a time such as 2024-02-01T12:00:00Z")?;
        Ok(Self(time.as_second()))
    }
}

fn manager(text: &str) -> Result<Manager, String> {
    Manager::of_name(text).ok_or_else(|| {
        let names: Vec<&str> = Manager::names().collect();
        format!("expected one of {}", names.join(", "))
    })
}
