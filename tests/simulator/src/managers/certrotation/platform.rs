//! A selection of the platform's signers and what they sign, with the periods of released branches
//! (openshift/cluster-kube-apiserver-operator, cluster-kube-controller-manager-operator:
//! `pkg/operator/certrotationcontroller/certrotationcontroller.go`; cluster-etcd-operator:
//! `pkg/tlshelpers/tlshelpers.go`; cluster-network-operator: `pkg/controller/pki/pki_controller.go`).

/// Where a secret is: its namespace and name.
pub(super) type Place = (&'static str, &'static str);

/// A secret with a certificate that rotates.
pub(super) struct Rotated {
    pub(super) place: Place,
    pub(super) owner: &'static str,
    /// How long it is valid, in days.
    pub(super) valid: i64,
    /// When it is renewed at the latest, in days.
    pub(super) refresh: i64,
    /// Whether the latter is said in an annotation.
    pub(super) announced: bool,
}

/// What a signer signs.
pub(super) struct Target {
    pub(super) secret: Rotated,
    pub(super) signer: Place,
    pub(super) purpose: Purpose,
}

/// What a certificate is for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// Of a client with that common name.
    Client(&'static str),
    /// Of a server with these host names.
    Server(&'static [&'static str]),
    /// To sign with, under that common name and the time.
    Signer(&'static str),
}

/// A secret whose certificate is asked for with a CSR.
pub(super) struct Requested {
    pub(super) place: Place,
    pub(super) common_name: &'static str,
    /// Whether its dates are said in annotations, as they are since 2025.
    pub(super) announced: bool,
}

const KUBE_APISERVER: &str = "openshift-kube-apiserver";
const KUBE_APISERVER_OPERATOR: &str = "openshift-kube-apiserver-operator";
const CONTROLLER_MANAGER: &str = "openshift-kube-controller-manager";
const CONTROLLER_MANAGER_OPERATOR: &str = "openshift-kube-controller-manager-operator";
const ETCD: &str = "openshift-etcd";
const OVN: &str = "openshift-ovn-kubernetes";
const CONFIG_MANAGED: &str = "openshift-config-managed";

const AGGREGATOR_SIGNER: Place = (KUBE_APISERVER_OPERATOR, "aggregator-client-signer");
const CONTROL_PLANE_SIGNER: Place = (KUBE_APISERVER_OPERATOR, "kube-control-plane-signer");
const KUBELET_SIGNER: Place = (KUBE_APISERVER_OPERATOR, "kube-apiserver-to-kubelet-signer");
const LOCALHOST_SIGNER: Place = (KUBE_APISERVER_OPERATOR, "localhost-serving-signer");
const RECOVERY_SIGNER: Place = (KUBE_APISERVER_OPERATOR, "localhost-recovery-serving-signer");
const CSR_SIGNER_SIGNER: Place = (CONTROLLER_MANAGER_OPERATOR, "csr-signer-signer");
const ETCD_SIGNER: Place = (ETCD, "etcd-signer");
const OVN_CA: Place = (OVN, "ovn-ca");

/// The CA that signs for kubelets and for whoever else asks.
pub(super) const CSR_SIGNER: Place = (CONTROLLER_MANAGER_OPERATOR, "csr-signer");

const CONTROLLER_MANAGER_CLIENT: &str = "kube-controller-manager-client-cert-key";

const fn announced(place: Place, owner: &'static str, valid: i64, refresh: i64) -> Rotated {
    Rotated {
        place,
        owner,
        valid,
        refresh,
        announced: true,
    }
}

const fn silent(place: Place, owner: &'static str, valid: i64, refresh: i64) -> Rotated {
    Rotated {
        place,
        owner,
        valid,
        refresh,
        announced: false,
    }
}

const fn target(secret: Rotated, signer: Place, purpose: Purpose) -> Target {
    Target {
        secret,
        signer,
        purpose,
    }
}

pub(super) static SIGNERS: [Rotated; 8] = [
    announced(AGGREGATOR_SIGNER, "kube-apiserver", 30, 15),
    announced(CONTROL_PLANE_SIGNER, "kube-apiserver", 60, 30),
    announced(KUBELET_SIGNER, "kube-apiserver", 365, 292),
    announced(LOCALHOST_SIGNER, "kube-apiserver", 3650, 2920),
    announced(RECOVERY_SIGNER, "kube-apiserver", 3650, 2920),
    silent(CSR_SIGNER_SIGNER, "kube-controller-manager", 60, 30),
    silent(ETCD_SIGNER, "Etcd", 1825, 1533),
    silent(OVN_CA, "Networking / cluster-network-operator", 3650, 3285),
];

pub(super) static TARGETS: [Target; 8] = [
    target(
        announced(
            (KUBE_APISERVER, "aggregator-client"),
            "kube-apiserver",
            30,
            15,
        ),
        AGGREGATOR_SIGNER,
        Purpose::Client("system:openshift-aggregator"),
    ),
    target(
        announced((KUBE_APISERVER, "kubelet-client"), "kube-apiserver", 30, 15),
        KUBELET_SIGNER,
        Purpose::Client("system:kube-apiserver"),
    ),
    target(
        announced(
            (KUBE_APISERVER, "localhost-serving-cert-certkey"),
            "kube-apiserver",
            30,
            15,
        ),
        LOCALHOST_SIGNER,
        Purpose::Server(&["127.0.0.1", "localhost"]),
    ),
    target(
        announced(
            (KUBE_APISERVER, "localhost-recovery-serving-certkey"),
            "kube-apiserver",
            3650,
            2920,
        ),
        RECOVERY_SIGNER,
        Purpose::Server(&["localhost-recovery"]),
    ),
    target(
        announced(
            (CONFIG_MANAGED, CONTROLLER_MANAGER_CLIENT),
            "kube-apiserver",
            30,
            15,
        ),
        CONTROL_PLANE_SIGNER,
        Purpose::Client("system:kube-controller-manager"),
    ),
    target(
        silent(CSR_SIGNER, "kube-controller-manager", 30, 15),
        CSR_SIGNER_SIGNER,
        Purpose::Signer("kube-csr-signer"),
    ),
    target(
        silent((ETCD, "etcd-peer-master-0"), "Etcd", 1825, 1533),
        ETCD_SIGNER,
        Purpose::Server(&["10.0.0.10", "localhost"]),
    ),
    target(
        silent(
            (OVN, "ovn-cert"),
            "Networking / cluster-network-operator",
            182,
            91,
        ),
        OVN_CA,
        Purpose::Server(&["ovn"]),
    ),
];

/// Which secrets are copied to which.
pub(super) const COPIES: [(Place, Place); 2] = [
    (
        (CONFIG_MANAGED, CONTROLLER_MANAGER_CLIENT),
        (CONTROLLER_MANAGER, CONTROLLER_MANAGER_CLIENT),
    ),
    (CSR_SIGNER, (CONTROLLER_MANAGER, "csr-signer")),
];

pub(super) static REQUESTED: [Requested; 2] = [
    Requested {
        place: ("openshift-oauth-apiserver", "openshift-authenticator-certs"),
        common_name: "system:serviceaccount:openshift-oauth-apiserver:openshift-authenticator",
        announced: false,
    },
    // Opaque in a real cluster; here a secret that notafter reads.
    Requested {
        place: ("openshift-monitoring", "metrics-client-certs"),
        common_name: "system:serviceaccount:openshift-monitoring:prometheus-k8s",
        announced: true,
    },
];
