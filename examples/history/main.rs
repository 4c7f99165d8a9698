//! What a Prometheus would have scraped in years of a simulated cluster: managers on a clock, and the real pipeline.
//!
//! `cargo run --release --example history STORY`, without a story for the names of all. `tests/e2e/tools` has the
//! program that reads it and evaluates the alerting rules.

mod recorder;
mod stories;

use std::io::{BufWriter, Write, stdout};

use anyhow::Context;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut output = BufWriter::new(stdout().lock());
    let Some(wanted) = std::env::args().nth(1) else {
        return stories::list(&mut output).context("nobody reads the names");
    };
    stories::tell(&wanted, &mut output).await?;
    output.flush().context("nobody reads the history")
}
