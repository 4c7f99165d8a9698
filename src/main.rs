//! Parses the command line, runs the command, and turns its result into the exit status.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use notafter::cli::{Cli, Command};
use notafter::command::{rights, serve};
use notafter::log;

// One thread to serve while the other parses; more would only cost memory.
#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(args) => {
            log::init(&args.log);
            let served = serve::serve(*args).await;
            served.inspect_err(|error| tracing::error!("{error:#}"))
        }
        Command::Rights(args) => print(rights::yaml(&args).as_bytes()),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "notafter", &mut script);
            print(&script)
        }
    };
    result.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

/// Prints the output of a command. A reader that has seen enough, such as `head`, is no failure.
fn print(output: &[u8]) -> anyhow::Result<()> {
    match io::stdout().write_all(output) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "cannot print to standard output: {error}");
            Err(error.into())
        }
        _ => Ok(()),
    }
}
