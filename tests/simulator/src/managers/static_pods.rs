//! The operators of static pods: a copy of a secret for every revision of the pods that mount it
//! (openshift/library-go: `pkg/operator/revisioncontroller/revision_controller.go`).

use serde_json::{Value, json};

use super::round::Round;
use crate::object::{Place, reference};

/// The secrets of which copies are kept.
const ORIGINALS: [Place<'_>; 2] = [
    (
        "openshift-kube-apiserver",
        "localhost-recovery-serving-certkey",
    ),
    ("openshift-kube-controller-manager", "serving-cert"),
];

/// Makes a new revision where an original is not what its newest copy is.
pub(super) fn sync(round: &Round<'_>) {
    for place in ORIGINALS {
        let Some(original) = round.secret(place) else {
            continue;
        };
        let (namespace, name) = place;
        let copy = |revision: u32| round.secret((namespace, &format!("{name}-{revision}")));
        let newest = (1..u32::MAX)
            .take_while(|revision| copy(*revision).is_some())
            .last();
        let newest = newest.unwrap_or_default();
        if copy(newest).is_some_and(|copy| content(&copy) == content(&original)) {
            continue;
        }
        let revision = newest + 1;
        // It owns the copies of a revision.
        let status = format!("revision-status-{revision}");
        round.cluster.apply(json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"namespace": namespace, "name": status},
        }));
        let status = round.cluster.find("ConfigMap", namespace, &status);
        let owners = json!([status.map(|status| reference(&status))]);
        round.copy(
            &original,
            (namespace, &format!("{name}-{revision}")),
            owners,
        );
    }
}

fn content(secret: &Value) -> [&Value; 3] {
    let metadata = &secret["metadata"];
    [
        &secret["data"],
        &metadata["labels"],
        &metadata["annotations"],
    ]
}
