//! The commands, from their flags to their results.

mod core_dumps;
pub mod explain;
mod progress;
pub mod rights;
pub mod scan;
pub mod serve;
pub mod subject;
pub mod terminal;

use std::io::{self, ErrorKind};

use anyhow::Context;

/// Returns the result of printing. A reader that has seen enough, such as `head`, is no failure.
///
/// # Errors
/// If standard output cannot be written for another reason.
pub fn printed(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot print to standard output")
        }
        _ => Ok(()),
    }
}
