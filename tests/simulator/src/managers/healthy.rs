//! A healthy OpenShift cluster: what its managers look after, and what they have made of it in 97 days.

use serde_json::{Value, json};

use super::Managers;
use super::round::DAY;
use crate::cluster::Cluster;

/// How old the cluster is, and how often its managers have looked at it until now, in days; not a multiple, so that
/// nothing becomes due in this very second.
const AGE: i64 = 97;
const STEP: usize = 5;

/// What the rest of the cluster needs, from its first day on.
const PLATFORM: &str = include_str!("healthy/platform.yaml");

/// What was installed later: after how many days, and what.
const LATER: [(i64, &str); 3] = [
    (15, include_str!("healthy/own_certificates.yaml")),
    (40, include_str!("healthy/operator.yaml")),
    (85, include_str!("healthy/tenant.yaml")),
];

/// The cluster at a time (Unix seconds).
pub(super) fn openshift(now: i64) -> Managers {
    let cluster = Cluster::with_olm();
    cluster.install_openshift(true);
    cluster.install_cert_manager(true);
    let installed = now - AGE * DAY;
    cluster.set_time(installed);
    cluster.apply_yaml(PLATFORM);
    for (namespace, service, secret, headless) in SERVICES {
        cluster.apply(service_with_certificate(
            namespace, service, secret, headless,
        ));
    }
    let mut managers = Managers::new(cluster, installed);
    for day in (0..AGE).step_by(STEP).chain([AGE]) {
        managers.cluster.set_time(installed + day * DAY);
        for (_, objects) in LATER.iter().filter(|(later, _)| *later == day) {
            managers.cluster.apply_yaml(objects);
        }
        managers.advance(installed + day * DAY);
    }
    managers
}

/// Services with a certificate of the service-ca: namespace, name, secret, and whether they are headless.
const SERVICES: [(&str, &str, &str, bool); 7] = [
    ("openshift-apiserver", "api", "serving-cert", false),
    (
        "openshift-etcd-operator",
        "metrics",
        "etcd-operator-serving-cert",
        false,
    ),
    (
        "openshift-image-registry",
        "image-registry",
        "image-registry-tls",
        false,
    ),
    (
        "openshift-kube-controller-manager",
        "kube-controller-manager",
        "serving-cert",
        false,
    ),
    (
        "openshift-monitoring",
        "node-exporter",
        "node-exporter-tls",
        true,
    ),
    (
        "openshift-monitoring",
        "prometheus-k8s",
        "prometheus-k8s-tls",
        false,
    ),
    (
        "openshift-operator-lifecycle-manager",
        "olm-operator-metrics",
        "olm-operator-serving-cert",
        false,
    ),
];

fn service_with_certificate(namespace: &str, name: &str, secret: &str, headless: bool) -> Value {
    let mut service = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {
            "namespace": namespace, "name": name,
            "annotations": {"service.beta.openshift.io/serving-cert-secret-name": secret},
        },
        "spec": {"ports": [{"name": "https", "port": 8443}]},
    });
    if headless {
        service["spec"]["clusterIP"] = "None".into();
    }
    service
}
