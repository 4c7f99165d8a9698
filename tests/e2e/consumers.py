"""Objects that name a certificate they need."""

import base64

# No request is ever sent to a webhook here: there is nobody behind it, and what it watches is to go on working.
NOTHING = {"matchLabels": {"notafter.example.com/called": "never"}}


def called(namespace, service, ca):
    return {"caBundle": base64.b64encode(ca).decode(), "service": {"namespace": namespace, "name": service}}


def webhooks(name, namespace, service, ca, group, *, kind="ValidatingWebhookConfiguration", policy="Fail"):
    """A webhook that watches a group of resources, as OLM configures it."""
    rule = {"apiGroups": [group], "apiVersions": ["*"], "resources": ["*"], "operations": ["CREATE", "UPDATE"]}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name},
        "webhooks": [{
            "name": f"{name}.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "clientConfig": called(namespace, service, ca), "rules": [rule], "failurePolicy": policy,
            "objectSelector": NOTHING,
        }],
    }


def api_service(group, namespace, service, ca):
    return {
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": f"v1.{group}"},
        "spec": {
            "group": group, "version": "v1", "groupPriorityMinimum": 2000, "versionPriority": 15,
            **called(namespace, service, ca),
        },
    }


def converted(group, namespace, service, ca):
    """A definition of things in two versions, between which a webhook converts."""
    schema = {"openAPIV3Schema": {"type": "object"}}
    versions = [{"name": name, "served": True, "storage": name == "v1", "schema": schema} for name in ("v1", "v2")]
    webhook = {"conversionReviewVersions": ["v1"], "clientConfig": called(namespace, service, ca)}
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group, "scope": "Namespaced", "versions": versions,
            "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
            "conversion": {"strategy": "Webhook", "webhook": webhook},
        },
    }


def route(namespace, name, secret):
    """A Route that takes its certificate from a secret."""
    return {
        "apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "host": f"{name}.example.com", "to": {"kind": "Service", "name": name},
            "tls": {"termination": "edge", "externalCertificate": {"name": secret}},
        },
    }


def api_server(*secrets):
    """The API server of OpenShift, with certificates that a user gave it."""
    named = [{"names": [f"{it}.example.com"], "servingCertificate": {"name": it}} for it in secrets]
    return {
        "apiVersion": "config.openshift.io/v1", "kind": "APIServer", "metadata": {"name": "cluster"},
        "spec": {"servingCerts": {"namedCertificates": named}},
    }


def ingress(secret):
    """The ingress of OpenShift, whose console has a certificate that a user gave it."""
    console = {
        "namespace": "openshift-console", "name": "console", "hostname": "console.example.com",
        "servingCertKeyPairSecret": {"name": secret},
    }
    return {
        "apiVersion": "config.openshift.io/v1", "kind": "Ingress", "metadata": {"name": "cluster"},
        "spec": {"domain": "apps.example.com", "componentRoutes": [console]},
    }
