//! The incident that notafter was written for: the package server's certificate expired on 23
//! February 2024.

use std::io::Write;

use notafter_simulator::Managers;
use notafter_simulator::managers::OlmVersion;

use super::{DAY, HOUR, MINUTE, OLM, THEN, to_the_end};
use crate::recorder::Recorder;

const SECRET: (&str, &str) = (OLM, "packageserver-service-cert");
const CSV: (&str, &str) = (OLM, "packageserver");

/// The upgrade to 4.9, 729 days before expiry as that OLM calculates it.
const UPGRADE: i64 = THEN - 729 * DAY;

/// The interval of scrapes around the expiry.
const STEP: i64 = 2 * MINUTE;

/// The time until somebody repairs the operator.
const MORNING: i64 = 26 * HOUR;

/// The phases of the endless loop, each with its reason and its share of a hundred polls.
const LOOP: [(&str, &str, u32); 5] = [
    ("Failed", "APIServiceResourceIssue", 22),
    ("Installing", "InstallSucceeded", 25),
    ("InstallReady", "AllRequirementsMet", 21),
    ("Succeeded", "InstallSucceeded", 20),
    ("Pending", "APIServiceResourcesNeedReinstall", 12),
];

/// Writes the two years, after which the operator stays in Installing until somebody deletes the
/// secret.
pub(super) async fn stuck(output: &mut dyn Write) -> anyhow::Result<()> {
    let mut recorder = upgraded(output).await?;
    to_the_end(&mut recorder, SECRET).await?;
    recorder.until(THEN + MORNING, STEP).await?;
    repair(&mut recorder).await
}

/// Writes the last days, after which the operator loops through all phases eight times a second,
/// because connections were kept alive, until somebody deletes the secret.
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

/// Returns a cluster whose old OLM issues the certificate, and whose next pass moves the date but
/// not the certificate.
async fn upgraded(output: &mut dyn Write) -> anyhow::Result<Recorder<'_>> {
    let mut recorder = Recorder::new(Managers::openshift(UPGRADE - DAY), output);
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
    // 4.9.z and 4.10 cause no new skew, and do not repair the old one.
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

/// Returns the phase for a number below a hundred.
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
