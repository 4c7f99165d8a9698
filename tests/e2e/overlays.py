"""The variants of the manifests, built by kubectl."""

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

# Each overlay alone, and with the components that it is meant for.
VARIANTS = (
    *((overlay,) for overlay in OVERLAYS),
    ("base", "cert-manager"),
    (PLATFORM, "without-scrape-classes", "two-replicas"),
    (USER_WORKLOAD, "two-replicas"),
    (OPERATOR, "cert-manager", "two-replicas"),
    (NAMESPACED, "two-replicas"),
)

# The namespaces of OpenShift, of kube-prometheus, and those of the overlay `namespaced`.
NAMESPACES = (
    "notafter", "openshift-monitoring", "openshift-user-workload-monitoring", "openshift-config-managed", "monitoring",
    "payments", "shop",
)


class Variant:
    """An overlay with components, and its objects."""

    def __init__(self, plane, overlay, *components):
        self.name = " + ".join((overlay, *components))
        folder = tempfile.mkdtemp(prefix="kustomization-", dir=plane.folder)
        manifests = os.path.relpath(ROOT / "manifests", os.path.realpath(folder))
        kustomization = {
            "resources": [f"{manifests}/{overlay}"],
            "components": [f"{manifests}/components/{name}" for name in components],
        }
        (pathlib.Path(folder) / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        self.text = plane.kubectl("kustomize", folder)
        self.objects = list(yaml.safe_load_all(self.text))

    def all(self, kind):
        return [object for object in self.objects if object["kind"] == kind]

    def one(self, kind):
        """Returns the only object of a kind, or the one that is called notafter."""
        found = self.all(kind)
        if len(found) > 1:
            found = [object for object in found if object["metadata"]["name"] == "notafter"]
        assert len(found) == 1, f"{self.name}: {len(found)} of {kind}"
        return found[0]

    def template(self):
        """Returns the pod template of the Deployment."""
        return self.one("Deployment")["spec"]["template"]

    def container(self):
        [container] = self.template()["spec"]["containers"]
        return container

    def arguments(self):
        """Returns the arguments of notafter as (flag, value)."""
        command, *flags = self.container()["args"]
        assert command == "serve", command
        return [tuple(flag.split("=", 1)) if "=" in flag else (flag, None) for flag in flags]

    def scope(self):
        """Returns the namespaces of the environment as flags."""
        maps = {object["metadata"]["name"]: object["data"] for object in self.all("ConfigMap")}
        given = [maps[source["configMapRef"]["name"]] for source in self.container().get("envFrom", [])]
        return [f"--namespace={data['NOTAFTER_NAMESPACE']}" for data in given]

    def monitor(self):
        """Returns the endpoint of the ServiceMonitor, if there is one."""
        for monitor in self.all("ServiceMonitor"):
            [endpoint] = monitor["spec"]["endpoints"]
            return endpoint


def referred(tree):
    """Yields the name of every Secret or ConfigMap that an object takes a key from."""
    if isinstance(tree, dict):
        if set(tree) == {"name", "key"}:
            yield tree["name"]
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from referred(part)


def of_each(test):
    """Runs a test with every variant."""

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
        cls.plane.create_namespaces(*NAMESPACES)
        cls.variants = [Variant(cls.plane, *parts) for parts in VARIANTS]

    def of(self, name):
        [variant] = [variant for variant in self.variants if variant.name == name]
        return variant
