//! A cluster in which all is well.

use std::io::Write;

use notafter_simulator::Managers;

use super::{DAY, HOUR, MINUTE, THEN};
use crate::recorder::Recorder;

const YEARS: i64 = 3 * 365 * DAY;

/// How close is closely: what an alert waits for is over in five minutes at the least.
const STEP: i64 = 3 * MINUTE;

/// So many looks are 81 minutes: alerts that wait wait for an hour.
const LOOKS: i64 = 27;

/// Three years, by the hour.
pub(super) async fn by_the_hour(output: &mut dyn Write) -> anyhow::Result<()> {
    let mut recorder = Recorder::new(Managers::openshift(THEN), output).await?;
    recorder.scrape().await?;
    recorder.until(THEN + YEARS, HOUR).await
}

/// Every rotation of three years from shortly before it until an hour after it, by managers that take their time;
/// in between nobody looks.
pub(super) async fn closely(output: &mut dyn Write) -> anyhow::Result<()> {
    let mut recorder = Recorder::new(Managers::openshift(THEN), output).await?;
    // 21 minutes for its seven Services; the real one takes 13 for a thousand.
    recorder.managers.switches.services_at_once = 1;
    while recorder.managers.now() < THEN + YEARS {
        hinder(&mut recorder.managers, 0);
        recorder.managers.advance(recorder.managers.now());
        let next = recorder.managers.next();
        recorder.unseen(next - 3 * STEP);
        for look in 0..LOOKS {
            hinder(&mut recorder.managers, look);
            let soon = recorder.managers.now() + STEP;
            recorder.until(soon, STEP).await?;
        }
    }
    Ok(())
}

/// Lets only those look who would at this look: OLM at its resync every six minutes, others when they get to it.
fn hinder(managers: &mut Managers, look: i64) {
    managers.switches.olm = look % 2 == 0;
    managers.switches.cert_manager = look % 3 == 0;
    managers.switches.certrotation = look % 5 == 0;
    managers.switches.static_pods = look % 7 == 0;
}
