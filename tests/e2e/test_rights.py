"""Each overlay on a cluster of its own: its service account has the rights that its requests need,
and only its scraper may scrape."""

import base64
import re
import unittest

from control_plane import ControlPlane, wait_for
from installed import PASSWORD, USER, Installed
from overlays import NAMESPACED, NAMESPACES, OPERATOR, PLATFORM, USER_WORKLOAD, Variant
from proxy import Proxy

RBAC = "/apis/rbac.authorization.k8s.io/v1"
# Kubernetes has a role for readers of its client CA. It allows more than the list that we request.
CLIENT_CA = ("kube-system", "", "configmaps/extension-apiserver-authentication")
UNUSED = {(*CLIENT_CA, "get")}


def allowed(plane, account):
    """Returns the rights of a service account: namespace or "", group, resource and verb."""
    subject = {"kind": "ServiceAccount", "name": account, "namespace": "notafter"}
    found = set()
    for kind in ("rolebindings", "clusterrolebindings"):
        for binding in plane.json("GET", f"{RBAC}/{kind}")["items"]:
            if subject not in binding.get("subjects", []):
                continue
            namespace, role = binding["metadata"].get("namespace", ""), binding["roleRef"]
            folder = f"namespaces/{namespace}/roles" if role["kind"] == "Role" else "clusterroles"
            for rule in plane.json("GET", f"{RBAC}/{folder}/{role['name']}")["rules"]:
                found |= {(namespace, *right) for right in rights(rule)}
    return found


def rights(rule):
    """Yields the rights that a rule grants: the group, the resource, the verb."""
    names = [f"/{name}" for name in rule.get("resourceNames", [])] or [""]
    resources = [f"{resource}{name}" for resource in rule.get("resources", []) for name in names]
    for verb in rule["verbs"]:
        yield from ((group, resource, verb) for group in rule.get("apiGroups", []) for resource in resources)
        yield from (("", url, verb) for url in rule.get("nonResourceURLs", []))


def needed(target, verb):
    """Returns the right that a request needs."""
    path, _, query = target.partition("?")
    parts = path.strip("/").split("/")
    group = parts[1] if parts[0] == "apis" else ""
    namespace = parts[-2] if parts[-3] == "namespaces" else ""
    name = query.partition("fieldSelector=metadata.name%3D")[2].partition("&")[0]
    # Only the rule for ConfigMaps is restricted to a name.
    resource = f"{parts[-1]}/{name}" if parts[-1] == "configmaps" else parts[-1]
    return namespace, group, resource, verb


def polls(proxy, verb):
    """Returns the rights that the lists or the watches so far need."""
    targets = [target for target, _, _ in proxy.requests if target not in proxy.posts]
    return {needed(target, verb) for target in targets if ("watch=true" in target) == (verb == "watch")}


class Rights:
    """The tests of one overlay, applied as a user applies it."""

    OVERLAY = None
    UNUSED = set()

    @classmethod
    def setUpClass(cls):
        cls.plane = ControlPlane()
        cls.addClassCleanup(cls.plane.stop)
        cls.plane.start()
        cls.plane.define()
        cls.plane.create_namespaces(*NAMESPACES)
        cls.variant = Variant(cls.plane, cls.OVERLAY)
        flags = ("--server-side", "--force-conflicts", "--validate=strict", "--filename=-")
        cls.plane.kubectl("apply", *flags, stdin=cls.variant.text)

    def can(self, account, *question):
        """Returns the answer of the real authorizer."""
        arguments = ("auth", "can-i", *question, f"--as=system:serviceaccount:{account}")
        return self.plane.run_kubectl(*arguments).stdout.strip()

    def scraper(self):
        """Returns the headers, and perhaps the client certificate, of a client that may scrape."""
        raise NotImplementedError

    def unauthorized(self):
        """Returns those of an authenticated client that may not scrape, or None."""
        raise NotImplementedError

    def test_it_has_exactly_the_rights_that_polls_and_scrapes_need(self):
        with Proxy(self.plane) as proxy, Installed(self.plane, self.variant, port=proxy.port).ready() as notafter:
            # A new API server answers the first requests for custom resources with 429.
            wait_for("every list", lambda: self.is_up(notafter))
            wait_for("every watch", lambda: len(polls(proxy, "watch")) == len(polls(proxy, "list")))
            posts = {needed(target, "create") for target in proxy.posts}
            polled = polls(proxy, "list") | polls(proxy, "watch")
            self.assertNotIn(403, {status for _, status, _ in proxy.requests})
        self.assertGreater(len(polled), 10)
        self.assertEqual(allowed(self.plane, "notafter"), polled | posts | self.UNUSED)

    def is_up(self, notafter):
        status, _, body = notafter.get("/metrics", *self.scraper())
        # Until the list of the client CA is complete, no client certificate is accepted.
        lists = re.findall(r"^notafter_list_up\{.*\} (\d)$", body.decode(), re.MULTILINE)
        return status == 200 and lists and set(lists) == {"1"}

    def test_only_its_scraper_may_scrape(self):
        with Installed(self.plane, self.variant).ready() as notafter:
            # Until the list of the client CA is complete, no client certificate is accepted.
            wait_for("authentication", lambda: notafter.get("/", *self.scraper())[0] == 200)
            for path in ("/metrics", "/"):
                self.assertEqual(notafter.get(path)[0], 401)
                self.assertEqual(notafter.get(path, *self.scraper())[0], 200)
                if self.unauthorized():
                    self.assertEqual(notafter.get(path, *self.unauthorized())[0], 403)
            self.assertEqual(notafter.get("/live")[0], 200)
            self.assertEqual(notafter.get("/ready")[0], 200)

    def test_it_may_list_secrets_but_neither_get_nor_write_them(self):
        for verb in ("get", "create", "update", "patch", "delete"):
            self.assertEqual(self.can("notafter:notafter", verb, "secrets", "--namespace=shop"), "no")
        self.assertEqual(self.can("notafter:notafter", "list", "secrets", "--namespace=shop"), "yes")


class WithScraper(Rights):
    def scraper(self):
        return self.bearer("notafter-scraper")

    def unauthorized(self):
        return self.bearer("notafter")

    def bearer(self, account):
        token = self.plane.kubectl("-n", "notafter", "create", "token", account)
        return ({"Authorization": f"Bearer {token}"},)

    def test_the_scraper_may_read_metrics_and_nothing_else(self):
        self.assertEqual(allowed(self.plane, "notafter-scraper"), {("", "", "/metrics", "get")})
        self.assertEqual(self.can("notafter:notafter-scraper", "get", "/metrics"), "yes")
        self.assertEqual(self.can("notafter:notafter-scraper", "list", "secrets", "--namespace=notafter"), "no")


class FoundByPrometheus:
    PROMETHEUS = None

    def test_prometheus_may_discover_the_pods_and_read_no_secret(self):
        for resource in ("services", "endpoints", "pods", "endpointslices.discovery.k8s.io"):
            for verb in ("get", "list", "watch"):
                self.assertEqual(self.can(self.PROMETHEUS, verb, resource, "--namespace=notafter"), "yes", resource)
        self.assertEqual(self.can(self.PROMETHEUS, "list", "secrets", "--namespace=notafter"), "no")


class Base(WithScraper, unittest.TestCase):
    OVERLAY = "base"


class OpenshiftPlatform(FoundByPrometheus, Rights, unittest.TestCase):
    OVERLAY, UNUSED = PLATFORM, UNUSED
    PROMETHEUS = "openshift-monitoring:prometheus-k8s"

    def scraper(self):
        return {}, self.plane.authority.pair(f"system:serviceaccount:{self.PROMETHEUS}")

    def unauthorized(self):
        return {}, self.plane.authority.pair("system:serviceaccount:monitoring:prometheus-k8s")


class OpenshiftUserWorkload(WithScraper, unittest.TestCase):
    OVERLAY = USER_WORKLOAD


class PrometheusOperator(FoundByPrometheus, WithScraper, unittest.TestCase):
    OVERLAY = OPERATOR
    PROMETHEUS = "monitoring:prometheus-k8s"


class Namespaced(Rights, unittest.TestCase):
    OVERLAY = NAMESPACED

    def scraper(self):
        return ({"Authorization": f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"},)

    def unauthorized(self):
        return None

    def test_none_of_its_objects_is_cluster_wide(self):
        for object in self.variant.objects:
            self.assertIn("namespace", object["metadata"], object["kind"])
        self.assertEqual({namespace for namespace, *_ in allowed(self.plane, "notafter")}, {"payments", "shop"})
        self.assertEqual(self.can("notafter:notafter", "list", "secrets", "--namespace=notafter"), "no")
