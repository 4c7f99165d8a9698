//! Names that managers give by convention, where no field of an object says them.

/// The secret in which OLM keeps the certificate of an operator's deployment
/// (operator-framework/operator-lifecycle-manager: pkg/controller/install/certresources.go,
/// `SecretName`).
pub fn olm_secret(deployment: &str) -> String {
    format!("{deployment}{OLM_SECRET}")
}

/// The deployment that an OLM secret of that name is for.
pub fn olm_deployment(secret: &str) -> Option<&str> {
    secret.strip_suffix(OLM_SECRET)
}

/// The Service that OLM creates for a deployment (the same file, `ServiceName`).
pub fn olm_service(deployment: &str) -> String {
    format!("{deployment}-service")
}

const OLM_SECRET: &str = "-service-cert";

/// The namespace and name of the secret that holds the service CA's key
/// (openshift/service-ca-operator: pkg/operator/starter.go).
pub const SERVICE_CA: (&str, &str) = ("openshift-service-ca", "signing-key");

/// The nodes that an etcd certificate of that namespace and name may be for: none for any other
/// secret, and two where a node's name may begin with `metrics-` (openshift/cluster-etcd-operator:
/// pkg/operator/etcdcertsigner/etcdcertsignercontroller.go, `createNodeCertConfigs`).
pub fn etcd_nodes<'a>((namespace, secret): (&str, &'a str)) -> impl Iterator<Item = &'a str> {
    let prefixes = ["etcd-peer-", "etcd-serving-metrics-", "etcd-serving-"];
    let is_etcds = namespace == "openshift-etcd";
    let nodes = prefixes.into_iter().filter(move |_| is_etcds);
    nodes.filter_map(|prefix| secret.strip_prefix(prefix))
}

/// The namespace of OpenShift's routers and of their certificates.
pub const ROUTERS: &str = "openshift-ingress";

/// The secret in [`ROUTERS`] that holds the default certificate of an ingress controller
/// (openshift/cluster-ingress-operator: pkg/operator/controller/names.go,
/// `RouterEffectiveDefaultCertificateSecretName`).
pub fn router_secret(controller: &str) -> String {
    format!("{ROUTER_SECRET}{controller}")
}

/// The ingress controller that a router secret of that name is for.
pub fn router_controller(secret: &str) -> Option<&str> {
    secret.strip_prefix(ROUTER_SECRET)
}

const ROUTER_SECRET: &str = "router-certs-";
