//! `notafter doctor`: whether notafter can read, and whether what it finds reaches anybody.

use std::io::Write;

use anyhow::Context;
use futures_util::future::join;

use super::progress::Progress;
use super::stdout::Stdout;
use super::terminal;
use crate::api::Examination;
use crate::cli::DoctorArgs;
use crate::doctor::{Asked, Diagnosis};
use crate::output::{self, Terminal};

/// Runs the command, and returns its exit status. The program is as advice has to name it.
///
/// # Errors
/// If the output cannot be written.
pub async fn doctor(args: DoctorArgs, program: &str) -> anyhow::Result<u8> {
    let examination = Examination {
        namespaces: args.namespaces.clone(),
        watch: !args.no_watch,
        account: args.service_account.clone(),
        timeout: args.timeout,
    };
    let asked = Asked {
        program: program.into(),
        kubeconfig: args.kubeconfig.clone(),
        context: args.context.clone(),
        namespaces: args.namespaces.clone(),
        watch: examination.watch,
        account: examination.account.clone(),
        prometheus: args.prometheus(),
    };
    let progress = Progress::start("Asking");
    let monitoring = async {
        match &asked.prometheus {
            Some(access) => Some(access.monitoring().await),
            None => None,
        }
    };
    let (examined, monitoring) = join(examination.of(args.access()), monitoring).await;
    progress.finish();
    let examined = examined.as_ref().map_err(String::as_str);
    let monitoring = monitoring.as_ref().map(Result::as_ref);
    let diagnosis = Diagnosis::of(&asked, examined, monitoring);
    let terminal = Terminal {
        width: terminal::width(),
        paint: terminal::paint(args.color),
    };
    let mut stdout = Stdout::lock();
    let written = output::diagnosis(&diagnosis, args.output, terminal, &mut stdout);
    let written = written.and_then(|()| stdout.flush());
    written.context("cannot print to standard output")?;
    Ok(diagnosis.verdict().exit_status())
}
