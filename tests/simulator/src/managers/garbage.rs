//! The garbage collector: what all of whose owners are gone goes too.

use std::collections::BTreeSet;

use serde_json::Value;

use super::round::{Round, name, namespace, text};

/// Deletes what is left over. Owners of kinds that the cluster does not know are taken to be there.
pub(super) fn collect(round: &Round<'_>) {
    let kinds: Vec<&str> = round
        .cluster
        .state()
        .resources()
        .map(|it| it.kind)
        .collect();
    let objects: Vec<_> = kinds
        .iter()
        .flat_map(|kind| round.cluster.objects(kind))
        .collect();
    let uids: BTreeSet<&str> = objects
        .iter()
        .map(|it| text(&it["metadata"]["uid"]))
        .collect();
    let is_gone = |owner: &Value| {
        kinds.contains(&text(&owner["kind"])) && !uids.contains(text(&owner["uid"]))
    };
    for object in &objects {
        let owners = object["metadata"]["ownerReferences"].as_array();
        let left_over = owners.is_some_and(|it| !it.is_empty() && it.iter().all(is_gone));
        if left_over {
            let kind = text(&object["kind"]);
            round
                .cluster
                .try_delete(kind, namespace(object), name(object));
        }
    }
}
