//! Parses the command line, runs the command, and turns its result into the exit status.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches};
use notafter::cli::plugin::{self, Invocation};
use notafter::cli::{Cli, Command};
use notafter::command::{doctor, explain, print, rights, scan, serve};
use notafter::log;
use tokio::runtime::Builder;

/// The time after which an idle thread for blocking work ends. After an outage every list looks the
/// server's name up at once, each on such a thread; later work in turn would keep them all for longer.
const IDLE: Duration = Duration::from_secs(1);

/// The exit status of a command that prints and cannot; 1 would mean that a certificate needs a person.
const UNWRITTEN: u8 = 4;

fn main() -> ExitCode {
    // One thread to serve while the other parses; more would only cost memory.
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_keep_alive(IDLE)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(run()),
        Err(error) => {
            let _ = writeln!(io::stderr(), "cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Parses the command line and runs the command, or completes a command line for kubectl.
async fn run() -> ExitCode {
    let mut words = std::env::args_os();
    let program = words.next().unwrap_or_default();
    let name = match Invocation::of(program.as_ref()) {
        Invocation::Completion => return status(print(plugin::complete(words).as_bytes())),
        Invocation::Program(name) => name,
    };
    let cli = Cli::from_arg_matches(&plugin::command(name).get_matches());
    match cli.unwrap_or_else(|error| error.exit()).command {
        Command::Serve(args) => {
            log::init(&args.log);
            let served = serve::serve(*args).await;
            match served.inspect_err(|error| tracing::error!("{error:#}")) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        Command::Scan(args) => {
            args.check().unwrap_or_else(|error| error.exit());
            status(scan::scan(*args).await)
        }
        Command::Explain(args) => {
            let explained = args.explained().unwrap_or_else(|error| error.exit());
            status(explain::explain(*args, explained).await)
        }
        Command::Doctor(args) => status(doctor::doctor(*args, name).await),
        Command::Rights(args) => status(print(rights::yaml(&args).as_bytes())),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "notafter", &mut script);
            status(print(&script))
        }
        Command::Man { command } => status(print(&plugin::manual(command.as_deref()))),
    }
}

/// The exit status of a command that prints, after the reason if it cannot.
fn status(printed: anyhow::Result<u8>) -> ExitCode {
    match printed {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error:#}");
            ExitCode::from(UNWRITTEN)
        }
    }
}
