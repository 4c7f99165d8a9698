"""The objects of the chart are those of the manifests for the same choices, and its rights those that notafter prints."""

import json
import os
import subprocess
import unittest

import yaml

from chart import EXAMPLES, Rendered, example
from control_plane import ROOT, shared
from overlays import NAMESPACED, OPERATOR, PLATFORM, USER_WORKLOAD, Variant

NO_RELEASE = ("--set=serviceMonitor.labels.release=null", "--set=prometheusRule.labels.release=null")
FILES = {
    "caFile": "/etc/prometheus/configmaps/serving-certs-ca-bundle/service-ca.crt",
    "certFile": "/etc/prometheus/secrets/metrics-client-certs/tls.crt",
    "keyFile": "/etc/prometheus/secrets/metrics-client-certs/tls.key",
}
# The variants of the manifests, and the values for the same: an example, and more.
SAME = {
    ("base",): ("", "--set=serviceMonitor.enabled=false,prometheusRule.enabled=false"),
    (OPERATOR,): ("kube-prometheus",),
    (OPERATOR, "cert-manager", "two-replicas"): ("cert-manager", *example("kube-prometheus")),
    (USER_WORKLOAD,): ("openshift-user-workload",),
    (PLATFORM,): ("openshift-platform",),
    (PLATFORM, "without-scrape-classes"): (
        "openshift-platform", "--set=serviceMonitor.scrapeClass=",
        *(f"--set=serviceMonitor.tlsConfig.{field}={file}" for field, file in FILES.items()),
    ),
    (NAMESPACED,): ("namespaced", *NO_RELEASE),
}
# The labels that only the chart has. Several releases would otherwise select each other's pods.
OF_HELM = ("app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart")
# A namespace cannot be an object of a release in it; helm creates it. The namespaces to read are flags.
# The dashboards for Grafana have a kustomization of their own.
ONLY_THERE = {("Namespace", None, "notafter"), ("ConfigMap", "notafter", "notafter-namespaces")}
ONLY_HERE = {("ConfigMap", "notafter", "notafter-dashboards")}


def without_labels_of_helm(tree):
    if isinstance(tree, dict):
        return {key: without_labels_of_helm(value) for key, value in tree.items() if key not in OF_HELM}
    return [without_labels_of_helm(part) for part in tree] if isinstance(tree, list) else tree


def comparable(objects):
    """Returns objects by kind, namespace and name, without what is different on purpose."""
    found = {}
    for object in map(without_labels_of_helm, objects):
        text = json.dumps(object).replace('"notafter-prometheus"', '"prometheus-k8s"')
        object = json.loads(text)
        metadata = object["metadata"]
        name, _, suffix = metadata["name"].rpartition("-")
        if name == "notafter-namespaces":  # kustomize appends a hash
            metadata["name"] = name
        if object["kind"] == "PodDisruptionBudget":  # kustomize does not know the version of the API server
            object["spec"].pop("unhealthyPodEvictionPolicy", None)
        if object["kind"] == "Deployment":
            [container] = object["spec"]["template"]["spec"]["containers"]
            for field in ("image", "imagePullPolicy", "envFrom"):
                container.pop(field, None)
            container["args"] = [flag for flag in container["args"] if not flag.startswith("--namespace=")]
        found[object["kind"], metadata.get("namespace"), metadata["name"]] = object
    return found


class SameAsTheManifests(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.plane = shared()

    def test_the_same_choices_are_the_same_objects(self):
        for parts, (name, *more) in SAME.items():
            variant, rendered = Variant(self.plane, *parts), Rendered(name, *more)
            with self.subTest(variant.name):
                there, here = comparable(variant.objects), comparable(rendered.objects)
                self.assertLessEqual(here.keys() - there.keys(), ONLY_HERE)
                self.assertLessEqual(there.keys() - here.keys(), ONLY_THERE)
                for key in there.keys() & here.keys():
                    self.assertEqual(here[key], there[key])

    def test_every_example_is_compared(self):
        self.assertEqual({name for name, *_ in SAME.values()} - {""}, set(EXAMPLES))

    def test_the_dashboards_are_those_of_the_kustomization(self):
        there = yaml.safe_load(self.plane.kubectl("kustomize", str(ROOT / "dashboards")))
        [here] = Rendered("", "--set=rbac.create=false").all("ConfigMap")
        self.assertEqual(here["data"], there["data"])
        self.assertEqual(without_labels_of_helm(here["metadata"]["labels"]), there["metadata"]["labels"])

    def test_the_rights_are_those_that_notafter_prints(self):
        for arguments, namespace, flags in (
            ((), "notafter", ["--token-review"]),
            (example("openshift-platform"), "notafter", ["--client-ca-from-cluster"]),
            (example("namespaced"), "notafter", ["--namespace=payments,shop"]),
            (("--set=watch=false,namespaces={a,b}",), "ops", ["--no-watch", "--namespace=a,b", "--token-review"]),
            (("--set=watch=false,serviceAccount.name=x",), "ops", ["--no-watch", "--token-review"]),
        ):
            account = "x" if "name=x" in str(arguments) else "notafter"
            command = [os.environ["NOTAFTER"], "rights", *flags, f"--service-account={namespace}/{account}"]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            # Printed bindings have the account in their name, and the chart's that of the release.
            printed = printed.replace(f".{namespace}.{account}\n", "\n")
            with self.subTest(flags):
                expected = comparable(yaml.safe_load_all(printed))
                here = comparable(Rendered("", *arguments, namespace=namespace).objects)
                rights = {key for key in here if "Role" in key[0] and not key[2].endswith(("-scraper", "prometheus-k8s"))}
                self.assertEqual(rights, expected.keys())
                for key, object in expected.items():
                    object["metadata"]["labels"] = {"app.kubernetes.io/name": "notafter"}
                    self.assertEqual(here[key], object)


if __name__ == "__main__":
    unittest.main()
