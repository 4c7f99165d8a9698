"""Objects of Kubernetes: where they are, and how they are created on a control plane."""

import copy
import functools

import yaml

from control_plane import ROOT

# The plural of each kind, and whether its objects are in namespaces.
KINDS = {
    "Namespace": ("namespaces", False),
    "Secret": ("secrets", True),
    "Service": ("services", True),
    "ConfigMap": ("configmaps", True),
    "ClusterServiceVersion": ("clusterserviceversions", True),
    "Certificate": ("certificates", True),
    "Route": ("routes", True),
    "IngressController": ("ingresscontrollers", True),
    "APIService": ("apiservices", False),
    "ValidatingWebhookConfiguration": ("validatingwebhookconfigurations", False),
    "MutatingWebhookConfiguration": ("mutatingwebhookconfigurations", False),
    "CustomResourceDefinition": ("customresourcedefinitions", False),
    "ClusterVersion": ("clusterversions", False),
    "APIServer": ("apiservers", False),
    "Ingress": ("ingresses", False),
}


def path(object):
    """Returns the path at which an object is created."""
    plural, is_namespaced = KINDS[object["kind"]]
    version = object["apiVersion"]
    root = "/api/v1" if version == "v1" else f"/apis/{version}"
    return f"{root}/namespaces/{object['metadata']['namespace']}/{plural}" if is_namespaced else f"{root}/{plural}"


def location(object):
    """Returns the path of an object itself."""
    return f"{path(object)}/{object['metadata']['name']}"


def create(plane, object):
    """Creates an object with its status, if it has one, and returns the result."""
    created = plane.json("POST", path(object), object)
    if "status" in object:
        # A status that is a subresource is ignored when the object is created.
        created = plane.json("PUT", f"{location(object)}/status", {**created, "status": object["status"]})
    return created


def fixture(name):
    """Returns an object as OLM 0.28.0 left it, without finalizers and fields of the API server."""
    object = copy.deepcopy(_read(ROOT / f"tests/fixtures/olm-0.28.0/expired/{name}.yaml"))
    kept = object["metadata"].keys() & {"namespace", "name", "labels", "annotations"}
    return object | {"metadata": {key: object["metadata"][key] for key in kept}}


@functools.cache
def _read(file):
    return yaml.safe_load(file.read_text())
