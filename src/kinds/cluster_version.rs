//! ClusterVersions, which only OpenShift and OKD have.

use super::{ObjectFacts, Resource};
use crate::facts::Fact;
use crate::object::Kind;
use crate::wire::{Form, Item, Malformed};

pub(super) static CLUSTER_VERSIONS: Resource = Resource::new(
    Kind::ClusterVersion,
    ("config.openshift.io", "v1"),
    "clusterversions",
    read,
)
.cluster_scoped()
.optional()
.form(Form::Metadata)
.page(20)
.purpose("whether the cluster is an OpenShift, whose command is oc.");

fn read(_: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    facts.push(Fact::OpenShift);
    Ok(())
}
