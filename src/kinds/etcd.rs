//! OpenShift's etcd: the nodes that it runs on.
//!
//! They are read here and not from the Nodes, whose status every kubelet writes every few minutes.

use std::sync::Arc;

use serde::Deserialize;

use super::{ObjectFacts, Resource, report_invalid};
use crate::facts::Fact;
use crate::object::Kind;
use crate::wire::{Item, Malformed};

pub(super) static ETCDS: Resource =
    Resource::new(Kind::Etcd, ("operator.openshift.io", "v1"), "etcds", read)
        .cluster_scoped()
        .optional()
        .page(20)
        .purpose("the nodes of etcd; certificates of others are left-overs.");

/// The operator removes the state of a node that is gone (openshift/library-go:
/// `pkg/operator/staticpod/controller/node/node_controller.go`).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    node_statuses: Vec<NodeStatus>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct NodeStatus {
    node_name: Box<str>,
}

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    match item.status::<Status>() {
        Ok(status) => {
            let nodes = status.node_statuses.into_iter();
            let nodes: Arc<[Box<str>]> = nodes.map(|node| node.node_name).collect();
            // Before the operator has looked it names none.
            if !nodes.is_empty() {
                facts.push(Fact::EtcdNodes(nodes));
            }
        }
        Err(Malformed) => report_invalid(item, ["status"], facts),
    }
    Ok(())
}
