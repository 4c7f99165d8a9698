//! Every kind of evidence: a state that shows it, what to type then, and the nearest state that does not.

mod cases;

use std::collections::BTreeSet;

use notafter::rotation::Evidence;
use notafter_simulator::Cluster;
use strum::VariantArray;

use crate::managed::{cluster, cluster_version};
use crate::verdict::Verdict;
use crate::world::World;

/// Puts objects into a cluster.
type Scene = fn(&Cluster);

/// A state in which a certificate will not be renewed, and the nearest one in which nothing is known against it.
struct Case {
    evidence: Evidence,
    manager: &'static str,
    /// The secret: `namespace/name`.
    place: &'static str,
    /// With `kubectl`.
    remedy: &'static str,
    ill: Scene,
    well: Scene,
}

impl Case {
    fn shown(&self, remedy: &str) -> [String; 1] {
        [format!("{}: {remedy}", self.evidence.as_str())]
    }
}

#[test]
fn no_kind_of_evidence_is_without_a_case() {
    let shown: BTreeSet<Evidence> = cases::all().iter().map(|it| it.evidence).collect();
    let all: BTreeSet<Evidence> = Evidence::VARIANTS.iter().copied().collect();
    assert_eq!(shown, all);
}

#[test]
fn what_will_not_be_renewed_is_blocked_for_one_reason_with_one_command() {
    for case in cases::all() {
        let cluster = cluster();
        (case.ill)(&cluster);
        let verdict = Verdict::of(&cluster, case.place);
        assert_eq!(verdict.manager, case.manager, "{:?}", case.evidence);
        assert_eq!(verdict.blocked, case.shown(case.remedy));
    }
}

#[test]
fn in_the_nearest_healthy_state_nothing_is_blocked() {
    for case in cases::all() {
        let cluster = cluster();
        (case.well)(&cluster);
        let verdict = Verdict::of(&cluster, case.place);
        assert!(
            verdict.blocked.is_empty(),
            "{:?}: {verdict:?}",
            case.evidence
        );
    }
}

#[test]
fn on_openshift_the_same_is_typed_with_oc() {
    for case in cases::all() {
        let cluster = cluster();
        cluster.apply(cluster_version());
        (case.ill)(&cluster);
        let verdict = Verdict::of(&cluster, case.place);
        let remedy = case.remedy.replace("kubectl ", "oc ");
        assert_eq!(verdict.blocked, case.shown(&remedy));
    }
}

#[tokio::test]
async fn a_state_that_is_mended_is_forgotten_with_the_next_poll() {
    for case in cases::all() {
        let mut world = World::of(cluster()).await;
        (case.ill)(&world.cluster);
        let blocked = Verdict::read(&world.poll().await, case.place).blocked;
        assert_eq!(blocked, case.shown(case.remedy));
        clear(&world.cluster);
        (case.well)(&world.cluster);
        let blocked = Verdict::read(&world.poll().await, case.place).blocked;
        assert!(blocked.is_empty(), "{blocked:?}");
    }
}

/// Deletes whatever a case may have put there.
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
