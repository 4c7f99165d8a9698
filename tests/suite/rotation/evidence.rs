//! Every kind of evidence: a state that shows it, the remedy, and the nearest state that does not
//! show it.

mod cases;

use std::collections::BTreeSet;

use notafter::rotation::Evidence;
use notafter_simulator::Cluster;
use strum::VariantArray;

use crate::managed::{cluster, cluster_version};
use crate::verdict::Verdict;
use crate::world::World;

/// Applies objects to a cluster.
type Scene = fn(&Cluster);

/// A state in which a certificate will not be renewed, and the nearest one without evidence against
/// its renewal.
struct Case {
    evidence: Evidence,
    manager: &'static str,
    /// The secret: `namespace/name`.
    place: &'static str,
    /// The command, with `kubectl`.
    remedy: &'static str,
    blocked: Scene,
    healthy: Scene,
}

impl Case {
    fn shown(&self, remedy: &str) -> [String; 1] {
        [format!("{}: {remedy}", self.evidence.as_str())]
    }
}

#[test]
fn every_kind_of_evidence_has_a_case() {
    let shown: BTreeSet<Evidence> = cases::all().iter().map(|case| case.evidence).collect();
    let all: BTreeSet<Evidence> = Evidence::VARIANTS.iter().copied().collect();
    assert_eq!(shown, all);
}

#[test]
fn a_certificate_that_will_not_be_renewed_is_blocked_for_one_reason_with_one_command() {
    for case in cases::all() {
        let cluster = cluster();
        (case.blocked)(&cluster);
        let verdict = Verdict::of(&cluster, case.place);
        assert_eq!(verdict.manager, case.manager, "{:?}", case.evidence);
        assert_eq!(verdict.blocked, case.shown(case.remedy));
    }
}

#[test]
fn in_the_nearest_healthy_state_nothing_is_blocked() {
    for case in cases::all() {
        let cluster = cluster();
        (case.healthy)(&cluster);
        let verdict = Verdict::of(&cluster, case.place);
        assert!(
            verdict.blocked.is_empty(),
            "{:?}: {verdict:?}",
            case.evidence
        );
    }
}

#[test]
fn on_openshift_the_same_command_uses_oc() {
    for case in cases::all() {
        let cluster = cluster();
        cluster.apply(cluster_version());
        (case.blocked)(&cluster);
        let verdict = Verdict::of(&cluster, case.place);
        let remedy = case.remedy.replace("kubectl ", "oc ");
        assert_eq!(verdict.blocked, case.shown(&remedy));
    }
}

#[tokio::test(start_paused = true)]
async fn a_repaired_state_is_no_longer_reported_after_the_next_poll() {
    for case in cases::all() {
        let mut world = World::of(cluster());
        (case.blocked)(&world.cluster);
        let blocked = Verdict::read(&world.poll().await, case.place).blocked;
        assert_eq!(blocked, case.shown(case.remedy));
        clear(&world.cluster);
        (case.healthy)(&world.cluster);
        let blocked = Verdict::read(&world.poll().await, case.place).blocked;
        assert!(blocked.is_empty(), "{blocked:?}");
    }
}

/// Deletes every object that a case may have applied.
fn clear(cluster: &Cluster) {
    let operators = ["ClusterServiceVersion", "ValidatingWebhookConfiguration"];
    for kind in ["Secret", "Service", "Certificate"]
        .iter()
        .chain(&operators)
    {
        for object in cluster.list(kind) {
            let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
            cluster.delete(kind, text("namespace"), text("name"));
        }
    }
}
