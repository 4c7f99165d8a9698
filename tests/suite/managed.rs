//! Objects as certificate managers create them, modelled on real clusters.

mod cert_manager;
mod certrotation;
mod consumers;
mod olm;
mod service_ca;

use jiff::Timestamp;
use notafter_simulator::Cluster;
use serde_json::{Value, json};

pub(crate) use self::cert_manager::{RENEWAL, asked, issued};
pub(crate) use self::certrotation::{SIGNER, TARGET, etcd_peer, requested, rotated};
pub(crate) use self::consumers::{
    api_service, definition, etcd, ingress_controller, route, webhook, webhooks,
};
pub(crate) use self::olm::{
    CSV, END, FIXED, UNFIXED, WELL, WIDGETS, csv, olm_secret, olm_secret_under, packageserver,
    remembering,
};
pub(crate) use self::service_ca::{SIGNING_KEY, ServiceCa, WEB, given_up, service};

/// A cluster that serves every resource but holds no objects, and hence no ClusterVersion.
pub(crate) fn cluster() -> Cluster {
    let cluster = Cluster::with_olm();
    cluster.install_cert_manager(true);
    cluster.install_openshift(true);
    cluster
}

/// The object that marks a cluster as OpenShift.
pub(crate) fn cluster_version() -> Value {
    json!({
        "apiVersion": "config.openshift.io/v1", "kind": "ClusterVersion",
        "metadata": {"name": "version"},
    })
}

/// Returns the object with an annotation set; an empty value removes the annotation.
pub(crate) fn annotated(mut object: Value, name: &str, value: &str) -> Value {
    annotate(&mut object, name, value);
    object
}

/// Sets an annotation of an object in place; an empty value removes the annotation.
pub(crate) fn annotate(object: &mut Value, name: &str, value: &str) {
    let annotations = &mut object["metadata"]["annotations"];
    if value.is_empty() {
        annotations.as_object_mut().unwrap().remove(name);
    } else {
        annotations[name] = value.into();
    }
}

/// Returns the object with a label set.
pub(crate) fn labelled(mut object: Value, name: &str, value: &str) -> Value {
    object["metadata"]["labels"][name] = value.into();
    object
}

/// Returns the object with exactly one owner reference.
pub(crate) fn owned(mut object: Value, kind: &str, name: &str) -> Value {
    object["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "v1", "kind": kind, "name": name,
        "uid": "7b730372-bfd8-4182-b87b-eed48bb4f418",
    }]);
    object
}

/// Returns a copy of the object in another namespace, under another name.
pub(crate) fn copied(object: &Value, namespace: &str, name: &str) -> Value {
    let mut copy = object.clone();
    copy["metadata"]["namespace"] = namespace.into();
    copy["metadata"]["name"] = name.into();
    copy
}

/// A time in the format of Kubernetes.
pub(crate) fn rfc3339(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap().to_string()
}
