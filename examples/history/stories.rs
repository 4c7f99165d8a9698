//! The stories, each about one cluster.

mod healthy;
mod maintained;
mod packageserver;

use std::io::Write;

use anyhow::Context;
use notafter_simulator::Managers;
use notafter_simulator::managers::{BROKEN, Broken};

use crate::recorder::Recorder;

/// The expiry of the packageserver's certificate, 2024-02-23T10:07:05Z.
const THEN: i64 = 1_708_682_825;
const OLM: &str = "openshift-operator-lifecycle-manager";
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Ranges in days before expiry in which alerts are expected to change; these are scraped every
/// hour.
const TURNS: [(i64, i64); 7] = [
    (396, 393), // the service CA is late
    (336, 333), // the CA was renewed, but not what it had issued
    (91, 89),
    (61, 59),
    (31, 28),
    (15, 12),
    (8, 0),
];

/// Writes the names of all stories; for broken managers with the manager, the fault and the secret.
pub(crate) fn list(output: &mut dyn Write) -> std::io::Result<()> {
    for name in ["healthy", "closely", "maintained", "stuck", "looping"] {
        writeln!(output, "{name}")?;
    }
    for (number, broken) in BROKEN.iter().enumerate() {
        let (manager, what) = (broken.manager, broken.what);
        let (namespace, name) = broken.secret;
        writeln!(
            output,
            "broken-{number}\t{manager}\t{what}\t{namespace}\t{name}"
        )?;
    }
    Ok(())
}

/// Writes the story of that name.
pub(crate) async fn tell(name: &str, output: &mut dyn Write) -> anyhow::Result<()> {
    match name {
        "healthy" => healthy::by_the_hour(output).await,
        "closely" => healthy::closely(output).await,
        "maintained" => maintained::day(output).await,
        "stuck" => packageserver::stuck(output).await,
        "looping" => packageserver::looping(output).await,
        _ => {
            let number = name.strip_prefix("broken-").and_then(|it| it.parse().ok());
            let broken = number.and_then(|it: usize| BROKEN.get(it));
            neglected(
                broken.with_context(|| format!("no story {name:?}"))?,
                output,
            )
            .await
        }
    }
}

/// Writes the story of a broken manager that nobody repairs.
async fn neglected(broken: &Broken, output: &mut dyn Write) -> anyhow::Result<()> {
    let mut recorder = Recorder::new(Managers::openshift(THEN), output);
    recorder.scrape().await?;
    (broken.break_it)(&mut recorder.managers);
    let soon = recorder.managers.now() + MINUTE;
    recorder.until(soon, MINUTE).await?;
    to_the_end(&mut recorder, broken.secret).await?;
    let end = recorder.managers.now();
    recorder.until(end + 2 * HOUR, 2 * MINUTE).await?;
    recorder.until(end + 2 * DAY, HOUR).await
}

/// Records until a secret's certificate expires: every hour for three days and where alerts are
/// expected to change, once a day otherwise.
async fn to_the_end(
    recorder: &mut Recorder<'_>,
    (namespace, name): (&str, &str),
) -> anyhow::Result<()> {
    let start = recorder.managers.now();
    loop {
        let now = recorder.managers.now();
        let left = recorder.end(namespace, name)? - now;
        if left <= 0 {
            return Ok(());
        }
        let is_turning = TURNS
            .iter()
            .any(|(from, to)| (to * DAY..=from * DAY).contains(&left));
        let step = if is_turning || now < start + 3 * DAY {
            HOUR
        } else {
            DAY
        };
        recorder.until(now + step.min(left), step).await?;
    }
}
