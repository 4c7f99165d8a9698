"""Each way to install notafter, on a cluster of its own: its service account may do what it asks for, and nothing else;
and whom that way names may scrape, and nobody else."""

import base64
import re
import unittest

from control_plane import ControlPlane, wait_for
from installed import PASSWORD, USER, Installed
from overlays import NAMESPACED, OPERATOR, PLATFORM, USER_WORKLOAD, Variant, make_namespaces
from proxy import Proxy

RBAC = "/apis/rbac.authorization.k8s.io/v1"
# Kubernetes keeps a role for whoever asks about its client certificates. It allows more than the list that we ask for.
CLIENT_CA = ("kube-system", "", "configmaps/extension-apiserver-authentication")
UNASKED = {(*CLIENT_CA, "get"), (*CLIENT_CA, "watch")}


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


def asked(target, verb):
    """What a request needs, in the same form."""
    path, _, query = target.partition("?")
    parts = path.strip("/").split("/")
    group = parts[1] if parts[0] == "apis" else ""
    namespace = parts[-2] if parts[-3] == "namespaces" else ""
    name = query.partition("fieldSelector=metadata.name%3D")[2].partition("&")[0]
    # Any secret may be asked for by its name; of ConfigMaps, only one may.
    resource = f"{parts[-1]}/{name}" if parts[-1] == "configmaps" else parts[-1]
    return namespace, group, resource, verb


class Way:
    """The tests of one way; applied as a person would, on what the cluster has before."""

    OVERLAY = None
    UNASKED = set()

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

    def scraper(self):
        """Headers and a client certificate of who may scrape."""
        raise NotImplementedError

    def known(self):
        """The same of somebody whom the cluster knows as well, and who may not; nothing where it knows nobody."""
        raise NotImplementedError

    def test_it_may_do_what_a_poll_and_a_scrape_ask_for_and_nothing_else(self):
        with Proxy(self.plane) as proxy, Installed(self.plane, self.variant, port=proxy.port).ready() as notafter:
            # Not before custom resources have been asked for twice: of a new API server that begins with a 429.
            wait_for("every list", lambda: self.is_up(notafter))
            posts = {asked(it, "create") for it in proxy.posts}
            targets = {target for target, _, _ in proxy.requests if target not in proxy.posts}
            lists = {asked(it, "list") for it in targets}
            self.assertNotIn(403, {status for _, status, _ in proxy.requests})
        self.assertGreater(len(lists), 5)
        self.assertEqual(allowed(self.plane, "notafter"), lists | posts | self.UNASKED)

    def is_up(self, notafter):
        status, _, body = notafter.get("/metrics", *self.scraper())
        self.assertEqual(status, 200, body)
        lists = re.findall(r"^notafter_list_up\{.*\} (\d)$", body.decode(), re.MULTILINE)
        return lists and set(lists) == {"1"}

    def test_whom_it_names_may_scrape_and_nobody_else(self):
        with Installed(self.plane, self.variant).ready() as notafter:
            for path in ("/metrics", "/"):
                self.assertEqual(notafter.get(path)[0], 401)
                self.assertEqual(notafter.get(path, *self.scraper())[0], 200)
                if self.known():
                    self.assertEqual(notafter.get(path, *self.known())[0], 403)
            self.assertEqual(notafter.get("/live")[0], 200)
            self.assertEqual(notafter.get("/ready")[0], 200)

    def test_it_may_not_write_and_not_get(self):
        for verb in ("get", "create", "update", "patch", "delete"):
            self.assertEqual(self.can("notafter:notafter", verb, "secrets", "--namespace=shop"), "no")
        self.assertEqual(self.can("notafter:notafter", "list", "secrets", "--namespace=shop"), "yes")


class WithScraper(Way):
    def scraper(self):
        return self.bearer("notafter-scraper")

    def known(self):
        return self.bearer("notafter")

    def bearer(self, account):
        token = self.plane.kubectl("-n", "notafter", "create", "token", account)
        return ({"Authorization": f"Bearer {token}"},)

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


class OpenshiftPlatform(FoundByPrometheus, Way, unittest.TestCase):
    OVERLAY, UNASKED = PLATFORM, UNASKED
    PROMETHEUS = "openshift-monitoring:prometheus-k8s"

    def scraper(self):
        return {}, self.plane.authority.pair(f"system:serviceaccount:{self.PROMETHEUS}")

    def known(self):
        return {}, self.plane.authority.pair("system:serviceaccount:monitoring:prometheus-k8s")


class OpenshiftUserWorkload(WithScraper, unittest.TestCase):
    OVERLAY = USER_WORKLOAD


class PrometheusOperator(FoundByPrometheus, WithScraper, unittest.TestCase):
    OVERLAY = OPERATOR
    PROMETHEUS = "monitoring:prometheus-k8s"


class Namespaced(Way, unittest.TestCase):
    OVERLAY = NAMESPACED

    def scraper(self):
        return ({"Authorization": f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"},)

    def known(self):
        return None

    def test_nothing_of_it_is_cluster_wide(self):
        for it in self.variant.objects:
            self.assertIn("namespace", it["metadata"], it["kind"])
        self.assertEqual({namespace for namespace, *_ in allowed(self.plane, "notafter")}, {"payments", "shop"})
        self.assertEqual(self.can("notafter:notafter", "list", "secrets", "--namespace=notafter"), "no")
