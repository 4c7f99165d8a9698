//! The command line in other forms: as a plugin of kubectl and oc, which find it by its name, and as
//! manual pages.

use std::ffi::OsString;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_complete::engine;

use super::Cli;

/// The purpose for which the program was started, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// As a program, under this name of the command line.
    Program(&'static str),
    /// To complete a command line of kubectl or oc (kubernetes/kubectl: pkg/cmd/plugin.go,
    /// `SetupPluginCompletion`).
    Completion,
}

// === impl Invocation ===

impl Invocation {
    /// The purpose of a program of that name, which may be a path.
    pub fn of(program: &Path) -> Self {
        match program.file_stem().and_then(|name| name.to_str()) {
            Some("kubectl-notafter") => Self::Program("kubectl notafter"),
            Some("oc-notafter") => Self::Program("oc notafter"),
            Some("kubectl_complete-notafter" | "oc_complete-notafter") => Self::Completion,
            _ => Self::Program("notafter"),
        }
    }
}

/// The command line under a name, which usage and help show.
pub fn command(name: &'static str) -> Command {
    Cli::command().name(name).bin_name(name).display_name(name)
}

/// Completes the last of the words behind the name of the plugin, in cobra's protocol: candidates with
/// their descriptions, a line each, and a last line that keeps the shell from adding file names
/// (spf13/cobra: completions.go, `ShellCompDirectiveNoFileComp`).
pub fn complete(words: impl Iterator<Item = OsString>) -> String {
    let mut words: Vec<OsString> = std::iter::once("notafter".into()).chain(words).collect();
    if words.len() == 1 {
        words.push(OsString::new());
    }
    let last = words.len() - 1;
    let here = std::env::current_dir().ok();
    let candidates = engine::complete(&mut Cli::command(), words, last, here.as_deref());
    let lines = candidates.into_iter().flatten().map(|candidate| {
        let value = candidate.get_value().to_string_lossy();
        let help = candidate.get_help().map(ToString::to_string);
        let help = help.as_deref().and_then(|help| help.lines().next());
        match help {
            Some(help) => format!("{value}\t{help}\n"),
            None => format!("{value}\n"),
        }
    });
    lines.collect::<String>() + ":4\n"
}

/// Returns the manual page of the program, or of one of its commands, in roff.
pub fn manual(of: Option<&str>) -> Vec<u8> {
    let mut program = Cli::command();
    program.build();
    let command = of.and_then(|name| program.find_subcommand(name));
    let command = command.unwrap_or(&program).clone();
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.expect("a Vec accepts every text");
    page
}
