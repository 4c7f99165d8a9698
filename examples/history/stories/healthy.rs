//! A healthy cluster.

use std::io::Write;

use notafter_simulator::Managers;

use super::{DAY, HOUR, MINUTE, THEN};
use crate::recorder::Recorder;

const YEARS: i64 = 3 * 365 * DAY;

/// The interval of close observation. The shortest delay of an alert is five minutes.
const STEP: i64 = 3 * MINUTE;

/// The scrapes after a rotation: 81 minutes, since most alerts wait for an hour.
const LOOKS: i64 = 27;

/// Writes three years, hour by hour.
pub(super) async fn by_the_hour(output: &mut dyn Write) -> anyhow::Result<()> {
    let mut recorder = Recorder::new(Managers::openshift(THEN), output);
    recorder.scrape().await?;
    recorder.until(THEN + YEARS, HOUR).await
}

/// Writes every rotation of three years by slow managers, from shortly before until an hour after
/// it, without scrapes in between.
pub(super) async fn closely(output: &mut dyn Write) -> anyhow::Result<()> {
    let mut recorder = Recorder::new(Managers::openshift(THEN), output);
    // 21 minutes for seven Services; the real service-ca takes 13 for a thousand.
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

/// Lets a manager run only at some of the scrapes: OLM at its resync every six minutes, others less
/// often.
fn hinder(managers: &mut Managers, look: i64) {
    managers.switches.olm = look % 2 == 0;
    managers.switches.cert_manager = look % 3 == 0;
    managers.switches.certrotation = look % 5 == 0;
    managers.switches.static_pods = look % 7 == 0;
}
