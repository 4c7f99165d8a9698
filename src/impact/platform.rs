//! The certificates that OpenShift itself depends on without an object that names their secret: what
//! stops when one of them expires.
//!
//! The secrets are those of OpenShift 4.17 to 4.20, as their operators name them (openshift/api:
//! `tls/docs/Autoregenerate After Offline Expiry`). Metrics, recovery and administrators' access are
//! missing on purpose: the cluster goes on without them.

/// Secrets of one namespace, and what stops with them.
struct Platform {
    namespace: &'static str,
    /// Names; a `*` at the end stands for the name of a node.
    secrets: &'static [&'static str],
    stops: &'static str,
}

/// The start of the names of secrets for etcd's metrics, which `etcd-serving-*` would include.
const METRICS_OF_ETCD: &str = "etcd-serving-metrics-";

static PLATFORM: [Platform; 11] = [
    Platform {
        namespace: "openshift-service-ca",
        secrets: &["signing-key"],
        stops: "every certificate of the service CA",
    },
    Platform {
        namespace: "openshift-etcd",
        secrets: &[
            "etcd-signer",
            "etcd-peer-*",
            "etcd-serving-*",
            "etcd-client",
        ],
        stops: "etcd",
    },
    Platform {
        namespace: "openshift-kube-apiserver",
        secrets: &[
            "aggregator-client",
            "external-loadbalancer-serving-certkey",
            "internal-loadbalancer-serving-certkey",
            "kubelet-client",
            "localhost-serving-cert-certkey",
            "service-network-serving-certkey",
        ],
        stops: "the API server of the cluster",
    },
    Platform {
        namespace: "openshift-kube-apiserver-operator",
        secrets: &[
            "aggregator-client-signer",
            "kube-apiserver-to-kubelet-signer",
            "kube-control-plane-signer",
            "loadbalancer-serving-signer",
            "localhost-serving-signer",
            "service-network-serving-signer",
        ],
        stops: "the API server of the cluster",
    },
    Platform {
        namespace: "openshift-config-managed",
        secrets: &["kube-controller-manager-client-cert-key"],
        stops: "kube-controller-manager",
    },
    Platform {
        namespace: "openshift-config-managed",
        secrets: &["kube-scheduler-client-cert-key"],
        stops: "kube-scheduler",
    },
    Platform {
        namespace: "openshift-kube-controller-manager",
        secrets: &["csr-signer"],
        stops: "every kubelet's certificates",
    },
    Platform {
        namespace: "openshift-kube-controller-manager-operator",
        secrets: &["csr-signer", "csr-signer-signer"],
        stops: "every kubelet's certificates",
    },
    Platform {
        namespace: "openshift-authentication",
        secrets: &["v4-0-config-system-serving-cert"],
        stops: "logging in",
    },
    Platform {
        namespace: "openshift-oauth-apiserver",
        secrets: &["openshift-authenticator-certs"],
        stops: "logging in",
    },
    Platform {
        namespace: "openshift-console",
        secrets: &["console-serving-cert"],
        stops: "the web console",
    },
];

/// Returns what stops when the certificate of that secret expires, in words; nothing for any other
/// secret.
pub(super) fn stops(namespace: &str, name: &str) -> Option<&'static str> {
    let mut rows = PLATFORM.iter().filter(|row| row.namespace == namespace);
    let row = rows.find(|row| row.secrets.iter().any(|secret| matches(secret, name)))?;
    Some(row.stops).filter(|_| !name.starts_with(METRICS_OF_ETCD))
}

fn matches(secret: &str, name: &str) -> bool {
    match secret.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == secret,
    }
}
