//! The rules as pure functions: the facts of a simulated cluster, without any API server, and the
//! judgement of them.

use std::sync::Arc;

use notafter::facts::{Facts, KnownList};
use notafter::kinds::{self, Resource};
use notafter::rotation::Declarations;
use notafter::snapshot::Inventory;
use notafter::wire::Item;
use notafter_simulator::Cluster;
use serde_json::Value;

/// Judges everything in a cluster. Every list that the cluster has counts as complete.
pub(crate) fn judge(cluster: &Cluster) -> Inventory {
    Inventory::judge(Arc::new(facts(cluster)), &Declarations::default())
}

fn facts(cluster: &Cluster) -> Facts {
    let mut facts = Facts::default();
    let name = |resource: &Resource| format!("{}.{}", resource.kind.as_str(), resource.group);
    let is_there = |resource: &&&Resource| cluster.has(&name(resource));
    for resource in kinds::ALL.iter().filter(is_there) {
        let objects = cluster.list(&name(resource));
        for object in objects.iter().filter(|object| selects(resource, object)) {
            let text = object.to_string();
            let item = Item::json(resource.kind, text.as_bytes()).unwrap();
            let yielded = resource.read(&item).unwrap();
            yielded.into_iter().for_each(|fact| facts.add(fact));
        }
        facts.known.push(KnownList {
            list: resource.name(),
            namespace: None,
        });
    }
    facts
}

/// Returns whether a list selects an object, as the API server would.
fn selects(resource: &Resource, object: &Value) -> bool {
    let is_tls = resource.fields.is_none() || object["type"] == "kubernetes.io/tls";
    let is_copy = object["metadata"]["labels"].get("olm.copiedFrom").is_some();
    is_tls && !(resource.labels.is_some() && is_copy)
}
