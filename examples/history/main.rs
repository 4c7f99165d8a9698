//! Years of a simulated cluster as Prometheus would have scraped them: managers on a simulated
//! clock, and the real pipeline.
//!
//! `cargo run --release --example history STORY`; without a story, it prints the names of all. The
//! program that reads the output and evaluates the alerting rules is in `tests/e2e/tools`.

mod recorder;
mod stories;

use std::io::{BufWriter, Write, stdout};

use anyhow::Context;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> anyhow::Result<()> {
    let mut output = BufWriter::new(stdout().lock());
    let Some(wanted) = std::env::args().nth(1) else {
        return stories::list(&mut output).context("writing the names");
    };
    stories::tell(&wanted, &mut output).await?;
    output.flush().context("writing the history")
}
