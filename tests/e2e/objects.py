"""Objects of Kubernetes: where they are, and how they are created on a control plane."""

import copy
import functools

import yaml

from control_plane import ROOT


def path(object):
    """Returns the path at which an object is created."""
    kind, version, metadata = object["kind"].lower(), object["apiVersion"], object["metadata"]
    root = "/api/v1" if version == "v1" else f"/apis/{version}"
    scope = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    return f"{root}{scope}/{kind}{'es' if kind.endswith('s') else 's'}"


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
