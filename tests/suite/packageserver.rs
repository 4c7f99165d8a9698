//! The incident that notafter was written for, day by day: what it would have reported, and when.

use notafter::facts::Phase;
use notafter_simulator::managers::OlmVersion;

use crate::world::{DAY, THEN};
use crate::years::Years;

const NAMESPACE: &str = "openshift-operator-lifecycle-manager";
const SECRET: &str = "packageserver-service-cert";
const MINUTE: i64 = 60;

/// Time of the upgrade to 4.9, 2022-02-24T10:07:05Z: 729 days before the certificate expires, which
/// is the lifetime that this version of OLM gives it.
const UPGRADE: i64 = THEN - 729 * DAY;

impl Years {
    fn packageserver_evidence(&self) -> Option<&'static str> {
        self.evidence(NAMESPACE, SECRET)
    }

    fn packageserver_phase(&self) -> Option<Phase> {
        let operators = self.snapshot().inventory.operators();
        let found = operators
            .iter()
            .find(|operator| &*operator.object.name == "packageserver");
        found.and_then(|operator| operator.phase)
    }

    async fn advance_to(&mut self, time: i64) {
        self.managers.advance(time);
        self.look().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_packageserver_failure_is_reported_every_day_for_two_years_in_advance() {
    let mut years = Years::from(UPGRADE - DAY).await;
    assert_eq!(years.packageserver_evidence(), None);

    // The old OLM issues the certificate; its next sync postpones the rotation date but does not
    // renew the certificate.
    years.managers.switches.olm_version = OlmVersion::Skewing;
    years.managers.cluster.delete("Secret", NAMESPACE, SECRET);
    years.advance_to(UPGRADE).await;
    years.advance_to(UPGRADE + 10 * MINUTE).await;
    years.managers.reinstall(NAMESPACE, "packageserver");
    years.advance_to(UPGRADE + 12 * MINUTE).await;
    let (expiry, _) = years.leaf(NAMESPACE, SECRET).unwrap();
    assert_eq!(expiry, THEN, "2024-02-23T10:07:05Z");
    assert_eq!(
        years.packageserver_evidence(),
        Some("rotate_at_too_late"),
        "on the day of the upgrade, 728 days before the certificate expires"
    );
    let remedy =
        "oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert";
    assert_eq!(years.remedy(NAMESPACE, SECRET), remedy);

    // 4.9.z and 4.10 do not skew the date again, but do not repair the existing skew either.
    years.managers.switches.olm_version = OlmVersion::Forgetting;
    for day in 1..729 {
        years.advance_to(UPGRADE + day * DAY).await;
        assert_eq!(years.packageserver_phase(), Some(Phase::Succeeded));
        assert_eq!(
            years.packageserver_evidence(),
            Some("rotate_at_too_late"),
            "day {day}"
        );
    }

    // The morning of the incident: the phase has changed, but the remedy has not.
    years.advance_to(THEN + MINUTE).await;
    assert_eq!(years.packageserver_phase(), Some(Phase::Installing));
    assert_eq!(years.packageserver_evidence(), Some("installing"));
    assert_eq!(years.remedy(NAMESPACE, SECRET), remedy);

    years.managers.cluster.delete("Secret", NAMESPACE, SECRET);
    years.advance_to(THEN + 10 * MINUTE).await;
    assert_eq!(years.packageserver_phase(), Some(Phase::Succeeded));
    assert_eq!(years.packageserver_evidence(), None);
    let (expiry, _) = years.leaf(NAMESPACE, SECRET).unwrap();
    assert_eq!(expiry, THEN + 10 * MINUTE + 730 * DAY);
}
