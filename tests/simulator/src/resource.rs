//! The resources that the simulated API server has.

/// A resource: where it is, and what its lists are called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource {
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) kind: &'static str,
}

/// Built into every Kubernetes.
pub(crate) const SECRETS: Resource = Resource {
    group: "",
    version: "v1",
    plural: "secrets",
    kind: "Secret",
};

/// There once OLM is.
pub(crate) const OPERATORS: Resource = Resource {
    group: "operators.coreos.com",
    version: "v1alpha1",
    plural: "clusterserviceversions",
    kind: "ClusterServiceVersion",
};

impl Resource {
    /// Custom resources are not served in protobuf, and have fewer field labels.
    pub(crate) fn is_custom(&self) -> bool {
        !self.group.is_empty()
    }

    /// `group/version`, or the version alone for the core group.
    pub(crate) fn api_version(&self) -> String {
        let Self { group, version, .. } = self;
        if group.is_empty() {
            (*version).into()
        } else {
            format!("{group}/{version}")
        }
    }
}
