//! The commands, from their flags to their results.

mod core_dumps;
pub mod doctor;
pub mod explain;
mod output_file;
mod progress;
pub mod rights;
pub mod scan;
pub mod serve;
pub mod stdout;
pub mod subject;
pub mod terminal;

use std::io::Write;

use anyhow::Context;

use self::stdout::Stdout;

/// Prints the output of a command, and returns the exit status of success.
///
/// # Errors
/// If standard output cannot be written, for another reason than that its reader has seen enough.
pub fn print(output: &[u8]) -> anyhow::Result<u8> {
    let mut stdout = Stdout::lock();
    let written = stdout.write_all(output).and_then(|()| stdout.flush());
    written.context("cannot print to standard output")?;
    Ok(0)
}
