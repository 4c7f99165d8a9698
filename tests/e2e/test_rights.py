"""Each way to install notafter, on a cluster of its own: its service account may do what it asks for, and nothing else."""

import unittest

from control_plane import ControlPlane, wait_for
from exporter import Exporter
from overlays import NAMESPACED, OPERATOR, PLATFORM, USER_WORKLOAD, Variant, make_namespaces
from proxy import Proxy

RBAC = "/apis/rbac.authorization.k8s.io/v1"
# What the roles allow that Kubernetes keeps for whoever asks about tokens, and about its client certificates.
TOKEN_REVIEW = {
    ("", "authentication.k8s.io", "tokenreviews", "create"),
    ("", "authorization.k8s.io", "subjectaccessreviews", "create"),
}
CLIENT_CA = {("kube-system", "", "configmaps/extension-apiserver-authentication", it) for it in ("get", "list", "watch")}


def allowed(plane, account):
    """What roles allow a service account of notafter's: in which namespace (or all), of which group, what, and the verb."""
    subject = {"kind": "ServiceAccount", "name": account, "namespace": "notafter"}
    found = set()
    for kind in ("rolebindings", "clusterrolebindings"):
        for binding in plane.json("GET", f"{RBAC}/{kind}")["items"]:
            if subject not in binding.get("subjects", []):
                continue
            namespace, role = binding["metadata"].get("namespace", ""), binding["roleRef"]
            folder = f"namespaces/{namespace}/roles" if role["kind"] == "Role" else "clusterroles"
            for rule in plane.json("GET", f"{RBAC}/{folder}/{role['name']}")["rules"]:
                found |= {(namespace, *it) for it in each(rule)}
    return found


def each(rule):
    """What a rule allows, one by one."""
    names = [f"/{it}" for it in rule.get("resourceNames", [])] or [""]
    resources = [f"{it}{name}" for it in rule.get("resources", []) for name in names]
    for verb in rule["verbs"]:
        yield from ((group, it, verb) for group in rule.get("apiGroups", []) for it in resources)
        yield from (("", it, verb) for it in rule.get("nonResourceURLs", []))


def asked(target):
    """What a request needs, in the same form."""
    parts = target.split("?")[0].strip("/").split("/")
    group = parts[1] if parts[0] == "apis" else ""
    namespace = parts[-2] if parts[-3] == "namespaces" else ""
    return namespace, group, parts[-1], "list"


class Installed:
    """The tests of one way; applied as a person would, on what the cluster has before."""

    OVERLAY = None
    DELEGATED = set()

    @classmethod
    def setUpClass(cls):
        cls.plane = ControlPlane()
        cls.addClassCleanup(cls.plane.stop)
        cls.plane.start()
        cls.plane.define()
        make_namespaces(cls.plane)
        cls.variant = Variant(cls.plane, cls.OVERLAY)
        flags = ("--server-side", "--force-conflicts", "--validate=strict", "--filename=-")
        cls.plane.kubectl("apply", *flags, stdin=cls.variant.text)

    def can(self, account, *question):
        """The answer of the real authorizer."""
        arguments = ("auth", "can-i", *question, f"--as=system:serviceaccount:{account}")
        return self.plane.run_kubectl(*arguments).stdout.strip()

    def test_it_may_do_what_a_poll_asks_for_and_nothing_else(self):
        scope = self.variant.scope()
        with Proxy(self.plane) as proxy, Exporter(self.plane, *scope, port=proxy.port).ready() as notafter:
            # Not before custom resources have been asked for twice: of a new API server that begins with a 429.
            up = lambda: {it.value for it in notafter.scrape().all("notafter_list_up")} == {1}
            wait_for("every list", up)
            lists = {asked(target) for target, _, _ in proxy.requests}
            self.assertNotIn(403, {status for _, status, _ in proxy.requests})
        self.assertGreater(len(lists), 5)
        self.assertEqual(allowed(self.plane, "notafter"), lists | self.DELEGATED)

    def test_it_may_not_write_and_not_get(self):
        for verb in ("get", "create", "update", "patch", "delete"):
            self.assertEqual(self.can("notafter:notafter", verb, "secrets", "--namespace=shop"), "no")
        self.assertEqual(self.can("notafter:notafter", "list", "secrets", "--namespace=shop"), "yes")


class WithScraper(Installed):
    DELEGATED = TOKEN_REVIEW

    def test_who_scrapes_may_read_metrics_and_nothing_else(self):
        self.assertEqual(allowed(self.plane, "notafter-scraper"), {("", "", "/metrics", "get")})
        self.assertEqual(self.can("notafter:notafter-scraper", "get", "/metrics"), "yes")
        self.assertEqual(self.can("notafter:notafter-scraper", "list", "secrets", "--namespace=notafter"), "no")


class FoundByPrometheus:
    PROMETHEUS = None

    def test_prometheus_finds_the_pods_and_reads_no_secret(self):
        for resource in ("services", "endpoints", "pods", "endpointslices.discovery.k8s.io"):
            for verb in ("get", "list", "watch"):
                self.assertEqual(self.can(self.PROMETHEUS, verb, resource, "--namespace=notafter"), "yes", resource)
        self.assertEqual(self.can(self.PROMETHEUS, "list", "secrets", "--namespace=notafter"), "no")


class Base(WithScraper, unittest.TestCase):
    OVERLAY = "base"


class OpenshiftPlatform(FoundByPrometheus, Installed, unittest.TestCase):
    OVERLAY, DELEGATED = PLATFORM, CLIENT_CA
    PROMETHEUS = "openshift-monitoring:prometheus-k8s"


class OpenshiftUserWorkload(WithScraper, unittest.TestCase):
    OVERLAY = USER_WORKLOAD


class PrometheusOperator(FoundByPrometheus, WithScraper, unittest.TestCase):
    OVERLAY = OPERATOR
    PROMETHEUS = "monitoring:prometheus-k8s"


class Namespaced(Installed, unittest.TestCase):
    OVERLAY = NAMESPACED

    def test_nothing_of_it_is_cluster_wide(self):
        for it in self.variant.objects:
            self.assertIn("namespace", it["metadata"], it["kind"])
        self.assertEqual({namespace for namespace, *_ in allowed(self.plane, "notafter")}, {"payments", "shop"})
        self.assertEqual(self.can("notafter:notafter", "list", "secrets", "--namespace=notafter"), "no")
