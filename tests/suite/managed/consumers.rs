//! Consumers of certificates: APIs, webhooks and conversions served by a Service, and objects that
//! name a secret.

use serde_json::{Value, json};

/// An API served by a Service (`namespace/name`), verified with a CA bundle (base64 of PEM).
pub(crate) fn api_service(name: &str, service: &str, bundle: &Value) -> Value {
    let mut spec = client_config(service, bundle);
    spec["group"] = name.split_once('.').unwrap().1.into();
    spec["version"] = "v1".into();
    json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": name}, "spec": spec,
    })
}

/// A validating or mutating webhook configuration.
pub(crate) fn webhooks(kind: &str, name: &str, webhooks: &[Value]) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
        "metadata": {"name": name}, "webhooks": webhooks,
    })
}

/// A webhook served by a Service for some API groups; an empty `policy` leaves the failure policy
/// unset.
pub(crate) fn webhook(service: &str, bundle: &Value, groups: &[&str], policy: &str) -> Value {
    let mut webhook = json!({
        "name": "v.example.com", "clientConfig": client_config(service, bundle), "sideEffects": "None",
        "rules": [{"apiGroups": groups, "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["*"]}],
    });
    if !policy.is_empty() {
        webhook["failurePolicy"] = policy.into();
    }
    webhook
}

/// A `CustomResourceDefinition` with a conversion webhook served by a Service.
pub(crate) fn definition(name: &str, service: &str, bundle: &Value) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": {"group": "example.com", "conversion": {
            "strategy": "Webhook",
            "webhook": {"clientConfig": client_config(service, bundle), "conversionReviewVersions": ["v1"]},
        }},
    })
}

/// An ingress controller with a default certificate; an empty `certificate` leaves it unset.
pub(crate) fn ingress_controller(name: &str, certificate: &str) -> Value {
    let mut controller = json!({
        "apiVersion": "operator.openshift.io/v1", "kind": "IngressController",
        "metadata": {"namespace": "openshift-ingress-operator", "name": name}, "spec": {"replicas": 2},
    });
    if !certificate.is_empty() {
        controller["spec"]["defaultCertificate"]["name"] = certificate.into();
    }
    controller
}

/// OpenShift's etcd, on those nodes.
pub(crate) fn etcd(nodes: &[&str]) -> Value {
    let state = |node: &&str| json!({"nodeName": node, "currentRevision": 7});
    let states: Vec<Value> = nodes.iter().map(state).collect();
    json!({
        "apiVersion": "operator.openshift.io/v1", "kind": "Etcd", "metadata": {"name": "cluster"},
        "spec": {"managementState": "Managed"}, "status": {"nodeStatuses": states},
    })
}

/// A Route whose certificate comes from a secret.
pub(crate) fn route(namespace: &str, name: &str, secret: &str) -> Value {
    json!({
        "apiVersion": "route.openshift.io/v1", "kind": "Route",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"host": "shop.example.com", "tls": {
            "termination": "edge", "externalCertificate": {"name": secret},
        }},
    })
}

/// The client configuration of a Service on port 443.
fn client_config(service: &str, bundle: &Value) -> Value {
    let (namespace, name) = service.split_once('/').unwrap();
    json!({"caBundle": bundle, "service": {"namespace": namespace, "name": name, "port": 443}})
}
