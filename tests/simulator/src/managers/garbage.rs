//! The garbage collector: deletes secrets all of whose owners are gone.

use serde_json::Value;

use super::round::Round;
use crate::object::{name, namespace, text};

pub(super) fn sync(round: &Round<'_>) {
    for secret in round.cluster.objects("Secret") {
        let is_gone = |owner: &Value| {
            let (kind, name) = (text(&owner["kind"]), text(&owner["name"]));
            let found = round.cluster.find(kind, namespace(&secret), name);
            found.is_none_or(|found| found["metadata"]["uid"] != owner["uid"])
        };
        let owners = secret["metadata"]["ownerReferences"].as_array();
        if owners.is_some_and(|owners| !owners.is_empty() && owners.iter().all(is_gone)) {
            round
                .cluster
                .delete("Secret", namespace(&secret), name(&secret));
        }
    }
}
