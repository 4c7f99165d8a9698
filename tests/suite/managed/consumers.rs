//! Whoever needs a certificate: APIs, webhooks and conversions behind a Service, and what names a secret.

use serde_json::{Value, json};

/// An API that a Service answers (`namespace/name`), verified by a bundle (base64 of PEM).
pub(crate) fn api_service(name: &str, service: &str, bundle: &Value) -> Value {
    let mut spec = called(service, bundle);
    spec["group"] = name.split_once('.').unwrap().1.into();
    spec["version"] = "v1".into();
    json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": name}, "spec": spec,
    })
}

/// A configuration of webhooks.
pub(crate) fn webhooks(kind: &str, name: &str, webhooks: &[Value]) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
        "metadata": {"name": name}, "webhooks": webhooks,
    })
}

/// A webhook behind a Service, which watches those groups; with a failure policy, or (empty) with none.
pub(crate) fn webhook(service: &str, bundle: &Value, groups: &[&str], policy: &str) -> Value {
    let mut webhook = json!({
        "name": "v.example.com", "clientConfig": called(service, bundle), "sideEffects": "None",
        "rules": [{"apiGroups": groups, "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["*"]}],
    });
    if !policy.is_empty() {
        webhook["failurePolicy"] = policy.into();
    }
    webhook
}

/// A custom resource that a Service converts.
pub(crate) fn definition(name: &str, service: &str, bundle: &Value) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": {"group": "example.com", "conversion": {
            "strategy": "Webhook",
            "webhook": {"clientConfig": called(service, bundle), "conversionReviewVersions": ["v1"]},
        }},
    })
}

/// An ingress controller with a certificate of one's own, or (empty) with none.
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

/// A Route that takes its certificate from a secret.
pub(crate) fn route(namespace: &str, name: &str, secret: &str) -> Value {
    json!({
        "apiVersion": "route.openshift.io/v1", "kind": "Route",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"host": "shop.example.com", "tls": {
            "termination": "edge", "externalCertificate": {"name": secret},
        }},
    })
}

fn called(service: &str, bundle: &Value) -> Value {
    let (namespace, name) = service.split_once('/').unwrap();
    json!({"caBundle": bundle, "service": {"namespace": namespace, "name": name, "port": 443}})
}
