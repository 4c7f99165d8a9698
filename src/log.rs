//! The log: written to standard error, for people or for machines.

mod throttle;

use std::io::{IsTerminal, stderr};

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt, registry};

use self::throttle::Throttled;

/// The flags of the log.
#[derive(Debug, clap::Args)]
pub struct LogArgs {
    /// The level of the log (error, warn, info, debug, trace), or levels by module
    #[arg(
        long,
        env = "NOTAFTER_LOG",
        default_value = "info",
        value_name = "FILTER"
    )]
    pub log: Targets,
    /// The format of the log: text for people, or json with one object on each line
    #[arg(
        long,
        env = "NOTAFTER_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
}

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One object on each line
    Json,
}

/// Starts the log. Anything that is logged earlier is lost.
pub fn init(args: &LogArgs) {
    let lines = lines(args.log_format, stderr, stderr().is_terminal());
    registry()
        .with(lines.with_filter(without_bodies(args.log.clone())))
        .init();
}

/// The lines of a log in a format, coloured or not.
fn lines<W>(format: LogFormat, writer: W, ansi: bool) -> Box<dyn Layer<Registry> + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer).with_target(false);
    match format {
        LogFormat::Text => lines
            .map_event_format(|lines| Throttled::new(lines.with_ansi(ansi), format))
            .boxed(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .map_event_format(|lines| Throttled::new(lines.with_ansi(false), format))
            .boxed(),
    }
}

/// Silences kube's client. It logs every 5xx, which the state of a list reports already, and in
/// some of its calls a body that it cannot decode. None of those calls is used here (clippy.toml),
/// and no filter brings the lines back.
fn without_bodies(filter: Targets) -> Targets {
    filter.with_target("kube_client::client", LevelFilter::OFF)
}
