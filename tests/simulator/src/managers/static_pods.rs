//! The operators of static pods: a copy of every secret for every revision of the pods
//! (openshift/library-go: `pkg/operator/revisioncontroller/revision_controller.go`).

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::round::{Round, name, namespace};

/// The secrets of each operand, by its namespace.
const SOURCES: [(&str, &[&str]); 2] = [
    (
        "openshift-kube-apiserver",
        &["localhost-recovery-serving-certkey"],
    ),
    ("openshift-kube-controller-manager", &["serving-cert"]),
];

/// So many revisions stay.
const KEPT: usize = 5;

/// The operators of static pods, with their revisions.
pub struct StaticPods {
    /// Whether they run.
    pub running: bool,
}

// === impl StaticPods ===

impl StaticPods {
    pub(super) fn new() -> Self {
        Self { running: true }
    }

    /// One sync of every operand: a new revision if a source is not what it was.
    pub(super) fn look(round: &Round<'_>) {
        for (namespace, names) in SOURCES {
            let sources: Vec<_> = names
                .iter()
                .filter_map(|it| round.secret(namespace, it))
                .collect();
            let revisions = revisions(round, namespace, names);
            let newest = revisions.last().copied().unwrap_or_default();
            let is_copied = |source: &Arc<Value>| {
                let copy = round.secret(namespace, &format!("{}-{newest}", name(source)));
                copy.is_some_and(|copy| content(&copy) == content(source))
            };
            if sources.len() < names.len() || sources.iter().all(is_copied) {
                continue;
            }
            let status = status(round, namespace, newest + 1);
            for source in &sources {
                copy(round, source, newest + 1, &status);
            }
            let old = (revisions.len() + 1).saturating_sub(KEPT);
            for (revision, name) in revisions
                .iter()
                .take(old)
                .flat_map(|it| names.iter().map(move |name| (it, name)))
            {
                round
                    .cluster
                    .try_delete("Secret", namespace, &format!("{name}-{revision}"));
            }
        }
    }
}

/// The revisions there are, the newest last.
fn revisions(round: &Round<'_>, operand: &str, names: &[&str]) -> BTreeSet<u32> {
    let objects = round.cluster.objects("Secret");
    let here = objects.iter().filter(|it| namespace(it) == operand);
    let revision = |it: &Arc<Value>| {
        let (source, revision) = name(it).rsplit_once('-')?;
        names.contains(&source).then_some(revision)?.parse().ok()
    };
    here.filter_map(revision).collect()
}

fn content(secret: &Value) -> [&Value; 3] {
    let metadata = &secret["metadata"];
    [
        &secret["data"],
        &metadata["labels"],
        &metadata["annotations"],
    ]
}

/// What owns the copies of a revision, and outlives them here.
fn status(round: &Round<'_>, namespace: &str, revision: u32) -> Value {
    let name = format!("revision-status-{revision}");
    round.cluster.apply(json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": name},
        "data": {"revision": revision.to_string()},
    }));
    let status = round.cluster.find("ConfigMap", namespace, &name);
    let uid = status.map(|it| it["metadata"]["uid"].clone());
    json!({"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": uid})
}

fn copy(round: &Round<'_>, source: &Value, revision: u32, owner: &Value) {
    let metadata = &source["metadata"];
    round.cluster.apply(json!({
        "apiVersion": "v1", "kind": "Secret", "type": source["type"], "data": source["data"],
        "metadata": {
            "namespace": namespace(source), "name": format!("{}-{revision}", name(source)),
            "labels": metadata["labels"], "annotations": metadata["annotations"],
            "ownerReferences": [owner],
        },
    }));
}
