//! ClusterVersion: whether the cluster is an OpenShift or OKD, where the command is `oc`.

use super::{Fact, Resource};
use crate::api::body::Form;

pub(super) static CLUSTER_VERSIONS: Resource = Resource {
    name: "clusterversions.config.openshift.io",
    group: "config.openshift.io",
    version: "v1",
    plural: "clusterversions",
    purpose: "whether this is OpenShift, where the command is oc.",
    fields: None,
    labels: None,
    form: Form::Metadata,
    page: 20,
    is_namespaced: false,
    is_optional: true,
    decode: |_| Ok(Fact::OpenShift),
};
