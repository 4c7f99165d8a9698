"""The cost of 10,000 TLS secrets with two certificates each, and of 2,000 Services.

Times are printed; sizes are also checked.
"""

import concurrent.futures
import gzip
import statistics
import time
import unittest

from certificates import DAY, HOUR, Authority, certificate, secret
from control_plane import ROOT, ControlPlane, wait_for
from exporter import OPEN_METRICS, Exporter
from managed import service
from objects import path
from proxy import Proxy

SECRETS, SERVICES, NAMESPACES, MIB = 10_000, 2_000, 100, 1 << 20


def fill(plane):
    """Creates secrets with a leaf of their own and an intermediate, over four connections."""
    intermediate, chain = Authority("intermediate"), certificate("intermediate", 900, kind="rsa")

    def create(part):
        connection = plane.connect()
        for index in range(part, SECRETS, 4):
            namespace = f"load-{index % NAMESPACES:03}"
            if index < NAMESPACES:
                plane.json("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}}, connection)
            hosts = [f"svc-{index}.{namespace}.svc", f"svc-{index}.{namespace}.svc.cluster.local"]
            name, data = f"svc-{index}-tls", {"tls.crt": intermediate.leaf(hosts[0], -HOUR, 90 * DAY, hosts) + chain}
            objects = [secret(namespace, name, data, annotations={"note": "x" * 200})]
            if index < SERVICES:
                objects.append(service(namespace, f"svc-{index}", serving_cert_secret_name=name))
            for object in objects:
                plane.json("POST", path(object), object, connection)
        connection.close()

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(create, range(4)))


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = ControlPlane()
        cls.addClassCleanup(cls.plane.stop)
        cls.plane.start()
        cls.plane.define()
        cls.plane.kubectl("apply", "-k", str(ROOT / "manifests/base"))
        fill(cls.plane)
        # An API server answers the first requests for custom resources with 429.
        operators = "/apis/operators.coreos.com/v1alpha1/clusterserviceversions"
        wait_for("custom resources", lambda: cls.plane.request("GET", operators)[0] == 200)

    def show(self, figure, value):
        print(f"\n  {figure:<58} {value:>14}", end="", flush=True)

    def test_ten_thousand_secrets_cost_no_more_than_promised(self):
        began = time.monotonic()
        with Exporter(self.plane) as notafter:
            wait_for("readiness", lambda: notafter.get("/ready")[0] == 200)
            first = time.monotonic() - began
            scrape = notafter.after_a_poll()
            self.assertEqual(len(scrape.all("cert_not_after_seconds")), 2 * SECRETS)
            body = notafter.get("/metrics", {"Accept": OPEN_METRICS, "Accept-Encoding": "gzip"})[2]
            times = []
            for _ in range(20):
                start = time.monotonic()
                notafter.get("/metrics", {"Accept-Encoding": "gzip"})
                times.append(time.monotonic() - start)
            at_rest, at_most = notafter.memory()
            cpu = scrape.value("process_cpu_seconds_total")
            poll = scrape.value("notafter_list_duration_seconds", resource="secrets")
        with Proxy(self.plane) as proxy, Exporter(self.plane, port=proxy.port).ready() as notafter:
            first_bytes = sum(size for target, _, size in proxy.requests if "/secrets" in target)
            first_of_all = sum(size for _, _, size in proxy.requests)
            count = len(proxy.requests)
            notafter.after_a_poll()
            quiet = proxy.requests[count:]
            steady = [size for target, _, size in quiet if "/secrets" in target]
            of_all = sum(size for _, _, size in quiet) / len(steady)
        text = len(gzip.decompress(body))
        self.show("first complete /metrics, from the start of the process", f"{first:.2f} s")
        self.show("a poll of a quiet cluster", f"{poll * 1000:.0f} ms")
        self.show("CPU time for the start and two or three polls", f"{cpu:.2f} s")
        self.show("resident memory, at most", f"{at_most / MIB:.1f} MiB")
        self.show("resident memory, at rest", f"{at_rest / MIB:.1f} MiB")
        self.show("received from the API server by the first poll", f"{first_bytes / 1e6:.1f} MB")
        self.show("received by a poll of a quiet cluster", f"{steady[0] / 1e6:.2f} MB")
        self.show("received by the first poll, of all lists", f"{first_of_all / 1e6:.1f} MB")
        self.show("received by a poll of a quiet cluster, of all lists", f"{of_all / 1e6:.2f} MB")
        self.show("text of a scrape, for a certificate", f"{text / (2 * SECRETS):.0f} B")
        self.show("a scrape with gzip, transferred", f"{len(body) / 1e6:.2f} MB")
        self.show("a scrape with gzip, median of 20", f"{statistics.median(times) * 1000:.1f} ms")
        print()
        self.assertLessEqual(at_most, 40 * MIB)
        self.assertLessEqual(max(steady), first_bytes / 20)
        self.assertLessEqual(text, 1000 * 2 * SECRETS)
