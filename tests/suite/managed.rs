//! Objects as their managers leave them, in the shapes that were seen in real clusters.

mod cert_manager;
mod certrotation;
mod consumers;
mod olm;
mod service_ca;

use jiff::Timestamp;
use notafter_simulator::Cluster;
use serde_json::{Value, json};

pub(crate) use self::cert_manager::{RENEWAL, asked, issued};
pub(crate) use self::certrotation::{SIGNER, TARGET, requested, rotated};
pub(crate) use self::consumers::{
    api_service, definition, ingress_controller, route, webhook, webhooks,
};
pub(crate) use self::olm::{
    CSV, END, FIXED, UNFIXED, WELL, WIDGETS, csv, olm_secret, olm_secret_under, packageserver,
    remembering,
};
pub(crate) use self::service_ca::{SIGNING_KEY, ServiceCa, WEB, given_up, service};

/// A cluster that has every resource there is, no object, and so no ClusterVersion.
pub(crate) fn cluster() -> Cluster {
    let cluster = Cluster::with_olm();
    cluster.install_cert_manager(true);
    cluster.install_openshift(true);
    cluster
}

/// The object that makes a cluster an OpenShift.
pub(crate) fn cluster_version() -> Value {
    json!({
        "apiVersion": "config.openshift.io/v1", "kind": "ClusterVersion",
        "metadata": {"name": "version"},
    })
}

/// The object with one annotation more, or another value of it; an empty one takes it away.
pub(crate) fn annotated(mut object: Value, name: &str, value: &str) -> Value {
    annotate(&mut object, name, value);
    object
}

/// The same for one that is in a cluster.
pub(crate) fn annotate(object: &mut Value, name: &str, value: &str) {
    let annotations = &mut object["metadata"]["annotations"];
    if value.is_empty() {
        annotations.as_object_mut().unwrap().remove(name);
    } else {
        annotations[name] = value.into();
    }
}

/// The object with one label more.
pub(crate) fn labelled(mut object: Value, name: &str, value: &str) -> Value {
    object["metadata"]["labels"][name] = value.into();
    object
}

/// The object, owned by another one and by no other.
pub(crate) fn owned(mut object: Value, kind: &str, name: &str) -> Value {
    object["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "v1", "kind": kind, "name": name,
        "uid": "7b730372-bfd8-4182-b87b-eed48bb4f418",
    }]);
    object
}

/// The object under another name, as a copy of it would be.
pub(crate) fn copied(object: &Value, namespace: &str, name: &str) -> Value {
    let mut copy = object.clone();
    copy["metadata"]["namespace"] = namespace.into();
    copy["metadata"]["name"] = name.into();
    copy
}

/// A time as Kubernetes writes it.
pub(crate) fn rfc3339(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap().to_string()
}
