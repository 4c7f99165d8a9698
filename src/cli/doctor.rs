//! The flags of `notafter doctor`: the cluster, the rights to ask about, and the Prometheus.

use std::path::PathBuf;
use std::time::Duration;

use super::{ColorWhen, at_least_a_second};
use crate::api::{Access, namespace};
use crate::output::DiagnosisFormat;
use crate::prometheus::{self, Address};
use crate::rbac::ServiceAccount;

/// The flags of `notafter doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct DoctorArgs {
    /// The kubeconfig to use; without it, a pod's service account, $KUBECONFIG or ~/.kube/config
    #[arg(long, env = "NOTAFTER_KUBECONFIG", value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig to use; without it, its current one
    #[arg(long, env = "NOTAFTER_CONTEXT", value_name = "NAME")]
    pub context: Option<String>,
    /// Ask about the rights in this namespace; repeatable; without it, in the whole cluster
    #[arg(
        long = "namespace",
        short,
        env = "NOTAFTER_NAMESPACE",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = namespace
    )]
    pub namespaces: Vec<String>,
    /// Do not check the verb watch, for a notafter that runs with --no-watch
    #[arg(long, env = "NOTAFTER_NO_WATCH")]
    pub no_watch: bool,
    /// Ask about the rights of this service account, such as notafter/notafter; without it, about your
    /// own
    #[arg(long, env = "NOTAFTER_SERVICE_ACCOUNT", value_name = "NAMESPACE/NAME")]
    pub service_account: Option<ServiceAccount>,
    /// Ask this Prometheus whether it scrapes notafter, has its rules, and knows an Alertmanager
    #[arg(long, env = "NOTAFTER_PROMETHEUS", value_name = "URL")]
    pub prometheus: Option<Address>,
    /// The file of a token that Prometheus requires
    #[arg(
        long,
        env = "NOTAFTER_PROMETHEUS_TOKEN_FILE",
        value_name = "FILE",
        requires = "prometheus"
    )]
    pub prometheus_token_file: Option<PathBuf>,
    /// The file of the CA that signed Prometheus's certificate, in PEM; without it, the system's CAs
    #[arg(
        long,
        env = "NOTAFTER_PROMETHEUS_CA",
        value_name = "FILE",
        requires = "prometheus"
    )]
    pub prometheus_ca: Option<PathBuf>,
    /// The deadline of each answer
    #[arg(
        long,
        env = "NOTAFTER_TIMEOUT",
        value_name = "DURATION",
        default_value = "10s",
        value_parser = at_least_a_second
    )]
    pub timeout: Duration,
    /// The format of the output
    #[arg(
        long,
        short,
        env = "NOTAFTER_DOCTOR_OUTPUT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub output: DiagnosisFormat,
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
  0  everything that was asked for is ok
  1  something is missing or has failed
  2  the command line is invalid
  3  nothing is missing as far as can be seen, but something is unknown";

// === impl DoctorArgs ===

impl DoctorArgs {
    /// The way to the cluster.
    pub fn access(&self) -> Access {
        Access {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
        }
    }

    /// The way to Prometheus; nothing if no address is given.
    pub fn prometheus(&self) -> Option<prometheus::Access> {
        Some(prometheus::Access {
            address: self.prometheus.clone()?,
            token_file: self.prometheus_token_file.clone(),
            ca: self.prometheus_ca.clone(),
            timeout: self.timeout,
        })
    }
}
