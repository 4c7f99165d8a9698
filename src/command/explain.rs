//! `notafter explain`: everything that is concluded about one secret or operator.

use std::collections::BTreeSet;
use std::io::{self, Write};

use anyhow::Context;

use super::stdout::Stdout;
use super::subject::{self, Seen};
use super::terminal;
use crate::cli::{ExplainArgs, Explained};
use crate::explain::Explanation;
use crate::facts::{Operator, names};
use crate::object::{Kind, ObjectRef};
use crate::output::{self, Terminal};
use crate::report::{Time, Verdict};
use crate::snapshot::Inventory;
use crate::urgency::Thresholds;

/// Runs the command, and returns its exit status.
///
/// # Errors
/// If the output cannot be written.
pub async fn explain(args: ExplainArgs, explained: Explained) -> anyhow::Result<u8> {
    let at = subject::time(args.subject.at);
    let terminal = Terminal {
        width: terminal::width(),
        paint: terminal::paint(args.color),
    };
    let seen = subject::look(explained.files.clone(), args.subject).await?;
    let mut output = Stdout::lock();
    let mut found = Found::default();
    let written = seen
        .iter()
        .try_for_each(|seen| found.write(seen, &explained, at, terminal, &mut output));
    let written = written.and_then(|()| output.flush());
    written.context("cannot print to standard output")?;
    if found.number == 0 {
        let _ = writeln!(io::stderr(), "{}", missing(&explained, &seen));
        return Ok(Verdict::Incomplete.exit_status());
    }
    let verdict = if found.needs_person {
        Verdict::NeedsPerson
    } else {
        Verdict::Well
    };
    Ok(verdict.exit_status())
}

/// The explanations so far.
#[derive(Default)]
struct Found {
    number: usize,
    needs_person: bool,
}

// === impl Found ===

impl Found {
    /// Writes the explanation of an object that was seen, or of an operator and the secrets that OLM keeps
    /// for it.
    fn write(
        &mut self,
        seen: &Seen,
        explained: &Explained,
        at: i64,
        terminal: Terminal,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        let inventory = &seen.snapshot.inventory;
        let operator = operator(inventory, &explained.place).filter(|_| explained.is_operator);
        if let Some(operator) = operator {
            self.separate(output)?;
            output::operator(operator, terminal, output)?;
        }
        let object = object(inventory, &explained.place).filter(|_| !explained.is_operator);
        for object in operator.into_iter().flat_map(secrets).chain(object) {
            let explanation = Explanation::of(inventory, &object, at, &Thresholds::default());
            if let Some(explanation) = explanation {
                self.separate(output)?;
                self.needs_person |= explanation.needs_person;
                output::explain(&explanation, &seen.source(), Time(at), terminal, output)?;
            }
        }
        Ok(())
    }

    /// Begins another explanation, a line apart from the one before.
    fn separate(&mut self, output: &mut dyn Write) -> io::Result<()> {
        self.number += 1;
        if self.number > 1 {
            writeln!(output)?;
        }
        Ok(())
    }
}

/// The object of that namespace and name, or the file of that path.
fn object(inventory: &Inventory, place: &str) -> Option<ObjectRef> {
    let present = inventory
        .judged()
        .iter()
        .map(|judged| &judged.holder.object);
    let missing = inventory.missing().iter().map(|missing| &missing.object);
    let mut all = present.chain(missing);
    all.find(|object| object.to_string() == place).cloned()
}

fn operator<'a>(inventory: &'a Inventory, place: &str) -> Option<&'a Operator> {
    let mut all = inventory.operators().iter();
    let found = all.find(|operator| operator.object.to_string() == place)?;
    Some(found)
}

/// The secrets that OLM keeps for the deployments of an operator.
fn secrets(operator: &Operator) -> impl Iterator<Item = ObjectRef> {
    let namespace = operator.object.namespace.clone();
    let secrets = operator
        .deployments
        .iter()
        .map(|deployment| names::olm_secret(deployment));
    secrets.map(move |secret| ObjectRef::new(Kind::Secret, namespace.clone(), secret))
}

/// The message about an object that is not found: it may be hidden.
fn missing(explained: &Explained, seen: &[Seen]) -> String {
    let kind = if explained.is_operator {
        "ClusterServiceVersion"
    } else {
        "TLS secret"
    };
    let unread: Option<BTreeSet<&str>> = seen.iter().map(Seen::unread).collect();
    if let Some(unread) = unread.filter(|unread| !unread.is_empty()) {
        let unread: Vec<&str> = unread.into_iter().collect();
        let place = &explained.place;
        return format!("cannot look for the {kind} {place}: {}", unread.join("; "));
    }
    let is_complete = seen.iter().all(|seen| seen.source().is_complete());
    let hidden = if is_complete {
        ""
    } else {
        "; not everything could be read, see notafter scan"
    };
    format!("no {kind} {}{hidden}", explained.place)
}
