"""The ways to install notafter, as kubectl builds them."""

import functools
import os
import pathlib
import tempfile
import unittest

import yaml

from control_plane import ROOT, shared

PLATFORM, USER_WORKLOAD = "overlays/openshift-platform", "overlays/openshift-user-workload"
OPERATOR, NAMESPACED = "overlays/prometheus-operator", "overlays/namespaced"
OVERLAYS = ("base", PLATFORM, USER_WORKLOAD, OPERATOR, NAMESPACED)

# Each by itself, and what people make of them by components.
VARIANTS = (
    *((it,) for it in OVERLAYS),
    ("base", "cert-manager"),
    (PLATFORM, "without-scrape-classes", "two-replicas"),
    (USER_WORKLOAD, "two-replicas"),
    (OPERATOR, "cert-manager", "two-replicas"),
    (NAMESPACED, "two-replicas"),
)

# What a cluster has before: OpenShift's namespaces, kube-prometheus's, and those that are looked at.
NAMESPACES = (
    "notafter", "openshift-monitoring", "openshift-user-workload-monitoring", "openshift-config-managed", "monitoring",
    "payments", "shop",
)


def make_namespaces(plane):
    for name in NAMESPACES:
        status, _, body = plane.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        assert status in (201, 409), body


class Variant:
    """An overlay with components, and its objects."""

    def __init__(self, plane, overlay, *components):
        self.name = " + ".join((overlay, *components))
        folder = tempfile.mkdtemp(prefix="kustomization-", dir=plane.folder)
        manifests = os.path.relpath(ROOT / "manifests", os.path.realpath(folder))
        kustomization = {
            "resources": [f"{manifests}/{overlay}"],
            "components": [f"{manifests}/components/{it}" for it in components],
        }
        (pathlib.Path(folder) / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        self.text = plane.kubectl("kustomize", folder)
        self.objects = list(yaml.safe_load_all(self.text))

    def all(self, kind):
        return [it for it in self.objects if it["kind"] == kind]

    def one(self, kind):
        """The only one of a kind, or the one that is called notafter."""
        found = self.all(kind)
        if len(found) > 1:
            found = [it for it in found if it["metadata"]["name"] == "notafter"]
        assert len(found) == 1, f"{self.name}: {len(found)} of {kind}"
        return found[0]

    def template(self):
        """The pod."""
        return self.one("Deployment")["spec"]["template"]

    def container(self):
        [container] = self.template()["spec"]["containers"]
        return container

    def arguments(self):
        """What is given to notafter, as (flag, value)."""
        command, *flags = self.container()["args"]
        assert command == "serve", command
        return [tuple(it.split("=", 1)) if "=" in it else (it, None) for it in flags]

    def scope(self):
        """The namespaces that it is confined to, as flags."""
        maps = {it["metadata"]["name"]: it["data"] for it in self.all("ConfigMap")}
        given = [maps[it["configMapRef"]["name"]] for it in self.container().get("envFrom", [])]
        return [f"--namespace={it['NOTAFTER_NAMESPACE']}" for it in given]

    def monitor(self):
        """How it is scraped, if it is said."""
        for it in self.all("ServiceMonitor"):
            [endpoint] = it["spec"]["endpoints"]
            return endpoint


def referred(tree):
    """Every name of a Secret or ConfigMap that something in a tree of an object takes a key from, with that key."""
    if isinstance(tree, list):
        for it in tree:
            yield from referred(it)
    elif isinstance(tree, dict):
        if set(tree) == {"name", "key"}:
            yield tree["name"], tree["key"]
        for it in tree.values():
            yield from referred(it)


def of_each(test):
    """A test of every variant."""

    @functools.wraps(test)
    def tests(self):
        for variant in self.variants:
            with self.subTest(variant.name):
                test(self, variant)

    return tests


class ManifestTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = shared()
        make_namespaces(cls.plane)
        cls.variants = [Variant(cls.plane, *it) for it in VARIANTS]

    def of(self, name):
        [variant] = [it for it in self.variants if it.name == name]
        return variant
