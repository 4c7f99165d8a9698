//! How the log is written: to standard error, for people or for machines.

use std::io::{IsTerminal, stderr};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

use crate::args::{Log, LogFormat};

/// Starts the log. What is logged before is lost.
pub fn init(log: &Log) {
    let lines = fmt::layer()
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .with_target(false);
    let lines = match log.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    registry()
        .with(lines.with_filter(without_bodies(log.log.clone())))
        .init();
}

/// kube's client logs every 5xx, which the state of a list says already, and in some of its calls a body
/// that it cannot decode. None of those calls is ours (clippy.toml), and no filter brings them back.
fn without_bodies(filter: Targets) -> Targets {
    filter.with_target("kube_client::client", LevelFilter::OFF)
}
