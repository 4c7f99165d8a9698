//! The story that notafter is for: how the package server's certificate ended on 23 February 2024.

use std::io::Write;

use notafter_simulator::Managers;
use notafter_simulator::managers::OlmVersion;

use super::{DAY, HOUR, MINUTE, OLM, THEN, to_the_end};
use crate::recorder::Recorder;

const SECRET: (&str, &str) = (OLM, "packageserver-service-cert");
const CSV: (&str, &str) = (OLM, "packageserver");

/// The upgrade to 4.9: 729 days before the end, as that OLM has it.
const UPGRADE: i64 = THEN - 729 * DAY;

/// How often it is looked at when everything happens.
const STEP: i64 = 2 * MINUTE;

/// For how long nobody does anything about it.
const MORNING: i64 = 26 * HOUR;

/// The phases of the endless loop, each with its reason and how many of a hundred looks found it.
const LOOP: [(&str, &str, u32); 5] = [
    ("Failed", "APIServiceResourceIssue", 22),
    ("Installing", "InstallSucceeded", 25),
    ("InstallReady", "AllRequirementsMet", 21),
    ("Succeeded", "InstallSucceeded", 20),
    ("Pending", "APIServiceResourcesNeedReinstall", 12),
];

/// Two years, and then its operator stays in Installing until somebody deletes the secret.
pub(super) async fn stuck(output: &mut dyn Write) -> anyhow::Result<()> {
    let mut recorder = upgraded(output).await?;
    to_the_end(&mut recorder, SECRET).await?;
    recorder.until(THEN + MORNING, STEP).await?;
    repair(&mut recorder).await
}

/// The last days, and then its operator goes through all its phases, eight times a second, for connections that were
/// kept alive, until somebody deletes the secret.
pub(super) async fn looping(output: &mut dyn Write) -> anyhow::Result<()> {
    let mut recorder = upgraded(output).await?;
    recorder.unseen(THEN - 9 * DAY);
    recorder.until(THEN - HOUR, HOUR).await?;
    recorder.until(THEN, STEP).await?;
    recorder.managers.switches.olm = false;
    let mut rng = notafter_simulator::rng();
    while recorder.managers.now() < THEN + MORNING {
        let changed = recorder.managers.now() + STEP;
        let (phase, reason) = phase(rng.u32(0..100));
        recorder
            .managers
            .cluster
            .edit("ClusterServiceVersion", CSV.0, CSV.1, |csv| {
                csv["status"]["phase"] = phase.into();
                csv["status"]["reason"] = reason.into();
                csv["status"]["lastTransitionTime"] = rfc3339(changed).into();
            });
        recorder.until(changed, STEP).await?;
    }
    recorder.managers.switches.olm = true;
    repair(&mut recorder).await
}

/// The old OLM makes the certificate, and its next pass moves the date on but not the certificate.
async fn upgraded(output: &mut dyn Write) -> anyhow::Result<Recorder<'_>> {
    let mut recorder = Recorder::new(Managers::openshift(UPGRADE - DAY), output).await?;
    recorder.scrape().await?;
    recorder.until(UPGRADE - HOUR, HOUR).await?;
    recorder.managers.switches.olm_version = OlmVersion::Skewing;
    recorder
        .managers
        .cluster
        .delete("Secret", SECRET.0, SECRET.1);
    recorder.until(UPGRADE, HOUR).await?;
    recorder.managers.advance(UPGRADE + 10 * MINUTE);
    recorder.managers.reinstall(CSV.0, CSV.1);
    // 4.9.z and 4.10 make no new skew, and do not mend the old one.
    recorder.managers.switches.olm_version = OlmVersion::Forgetting;
    recorder.scrape().await?;
    Ok(recorder)
}

async fn repair(recorder: &mut Recorder<'_>) -> anyhow::Result<()> {
    recorder
        .managers
        .cluster
        .delete("Secret", SECRET.0, SECRET.1);
    let end = recorder.managers.now() + 2 * HOUR;
    recorder.until(end, STEP).await
}

/// The phase that a number out of a hundred stands for.
fn phase(mut number: u32) -> (&'static str, &'static str) {
    for (phase, reason, share) in LOOP {
        if number < share {
            return (phase, reason);
        }
        number -= share;
    }
    unreachable!("the shares are a hundred")
}

fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map(|it| it.to_string())
        .unwrap_or_default()
}
