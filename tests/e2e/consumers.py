"""Objects that refer to a certificate."""

import base64

# No object has this label. Nothing serves these webhooks, so the API server must not call them.
NOTHING = {"matchLabels": {"notafter.example.com/called": "never"}}


def called(namespace, service, ca):
    return {"caBundle": base64.b64encode(ca).decode(), "service": {"namespace": namespace, "name": service}}


def webhooks(name, namespace, service, ca, group, *, kind="ValidatingWebhookConfiguration", policy="Fail"):
    """Returns a webhook for a group of resources, as OLM configures it."""
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
    """Returns a CRD with two versions and a webhook that converts between them."""
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
    """Returns a Route whose certificate is in a secret."""
    return {
        "apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "host": f"{name}.example.com", "to": {"kind": "Service", "name": name},
            "tls": {"termination": "edge", "externalCertificate": {"name": secret}},
        },
    }


def kubernetes_ingress(namespace, name, secret):
    """Returns an Ingress of Kubernetes with a certificate, and a name that has none."""
    backend = {"service": {"name": name, "port": {"number": 443}}}
    return {
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "defaultBackend": backend,
            "tls": [{"hosts": [f"{name}.example.com"], "secretName": secret}, {"hosts": ["www.example.com"]}],
        },
    }


def gateway(namespace, name, *secrets):
    """Returns a Gateway whose listeners have these certificates, each as `name` or `namespace/name`."""
    def listener(number, secret):
        *elsewhere, of = secret.split("/")
        reference = {"name": of, **({"namespace": elsewhere[0]} if elsewhere else {})}
        return {"name": f"https-{number}", "port": 443 + number, "protocol": "HTTPS",
                "tls": {"mode": "Terminate", "certificateRefs": [reference]}}

    listeners = [{"name": "http", "port": 80, "protocol": "HTTP"}, *map(listener, range(len(secrets)), secrets)]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
        "metadata": {"namespace": namespace, "name": name}, "spec": {"gatewayClassName": "x", "listeners": listeners},
    }


def api_server(*secrets):
    """Returns OpenShift's APIServer with certificates of a user."""
    named = [{"names": [f"{name}.example.com"], "servingCertificate": {"name": name}} for name in secrets]
    return {
        "apiVersion": "config.openshift.io/v1", "kind": "APIServer", "metadata": {"name": "cluster"},
        "spec": {"servingCerts": {"namedCertificates": named}},
    }


def ingress(secret):
    """Returns OpenShift's Ingress with a certificate of a user for the console."""
    console = {
        "namespace": "openshift-console", "name": "console", "hostname": "console.example.com",
        "servingCertKeyPairSecret": {"name": secret},
    }
    return {
        "apiVersion": "config.openshift.io/v1", "kind": "Ingress", "metadata": {"name": "cluster"},
        "spec": {"domain": "apps.example.com", "componentRoutes": [console]},
    }
