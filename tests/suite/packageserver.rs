//! The story that notafter is for, day by day: what it would have said, and when.

use notafter::facts::Phase;
use notafter_simulator::managers::OlmVersion;

use crate::world::{DAY, THEN};
use crate::years::Years;

const NAMESPACE: &str = "openshift-operator-lifecycle-manager";
const SECRET: &str = "packageserver-service-cert";
const MINUTE: i64 = 60;

/// The upgrade to 4.9, 2022-02-24T10:07:05Z: 729 days before the end, as that OLM has it.
const UPGRADE: i64 = THEN - 729 * DAY;

impl Years {
    fn evidence_of_packageserver(&self) -> Option<&'static str> {
        self.evidence(NAMESPACE, SECRET)
    }

    fn phase_of_packageserver(&self) -> Option<Phase> {
        let operators = self.snapshot().inventory.operators();
        let found = operators
            .iter()
            .find(|operator| &*operator.object.name == "packageserver");
        found.and_then(|it| it.phase)
    }

    async fn at(&mut self, time: i64) {
        self.managers.advance(time);
        self.look().await;
    }
}

#[tokio::test]
async fn the_packageservers_end_would_have_been_announced_two_years_before_and_every_day_since() {
    let mut years = Years::from(UPGRADE - DAY).await;
    assert_eq!(years.evidence_of_packageserver(), None);

    // The old OLM makes the certificate, and its next pass moves the date on but not the certificate.
    years.managers.switches.olm_version = OlmVersion::Skewing;
    years.managers.cluster.delete("Secret", NAMESPACE, SECRET);
    years.at(UPGRADE).await;
    years.at(UPGRADE + 10 * MINUTE).await;
    years.managers.reinstall(NAMESPACE, "packageserver");
    years.at(UPGRADE + 12 * MINUTE).await;
    let (end, _) = years.leaf(NAMESPACE, SECRET).unwrap();
    assert_eq!(end, THEN, "2024-02-23T10:07:05Z");
    assert_eq!(
        years.evidence_of_packageserver(),
        Some("rotate_at_too_late"),
        "on the day of the upgrade, 728 days before"
    );
    let remedy =
        "oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert";
    assert_eq!(years.remedy(NAMESPACE, SECRET), remedy);

    // 4.9.z and 4.10 make no new skew, and do not mend the old one.
    years.managers.switches.olm_version = OlmVersion::Forgetting;
    for day in 1..729 {
        years.at(UPGRADE + day * DAY).await;
        assert_eq!(years.phase_of_packageserver(), Some(Phase::Succeeded));
        assert_eq!(
            years.evidence_of_packageserver(),
            Some("rotate_at_too_late"),
            "day {day}"
        );
    }

    // The morning on which everybody was paged: the phase has changed, and what to type has not.
    years.at(THEN + MINUTE).await;
    assert_eq!(years.phase_of_packageserver(), Some(Phase::Installing));
    assert_eq!(years.evidence_of_packageserver(), Some("installing"));
    assert_eq!(years.remedy(NAMESPACE, SECRET), remedy);

    years.managers.cluster.delete("Secret", NAMESPACE, SECRET);
    years.at(THEN + 10 * MINUTE).await;
    assert_eq!(years.phase_of_packageserver(), Some(Phase::Succeeded));
    assert_eq!(years.evidence_of_packageserver(), None);
    let (end, _) = years.leaf(NAMESPACE, SECRET).unwrap();
    assert_eq!(end, THEN + 10 * MINUTE + 730 * DAY);
}
