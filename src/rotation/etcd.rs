//! Certificates of nodes that etcd no longer runs on. Its operator maintains those of existing nodes
//! and leaves the others behind: of the node that bootstrapped the cluster, and of every replaced
//! one (openshift/cluster-etcd-operator: `pkg/operator/etcdcertsigner/etcdcertsignercontroller.go`).

use super::index::Index;
use super::{Evidence, Manager, Remedy, Rotation};
use crate::facts::Holder;

pub(super) fn judge(index: &Index<'_>, holder: &Holder) -> Option<Rotation> {
    let is_gone = index.facts.is_of_gone_etcd_node(holder.object.place());
    let rotation = Rotation::by(Manager::CertRotation, None, Remedy::Nothing);
    is_gone.then(|| rotation.lost(Evidence::NodeGone, Remedy::DeleteSecret))
}
