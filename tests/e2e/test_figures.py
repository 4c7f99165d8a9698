"""What it costs at 10,000 TLS secrets with two certificates each, and 2,000 Services. Times are printed; sizes are
checked, too."""

import gzip
import statistics
import threading
import time
import unittest

from certificates import certificate, secret
from control_plane import ROOT, ControlPlane, wait_for
from exporter import OPEN_METRICS, Exporter
from managed import service
from proxy import Proxy

SECRETS, SERVICES, NAMESPACES, MIB = 10_000, 2_000, 100, 1 << 20


def fill(plane):
    """Leaf and intermediate in every secret, each leaf another one, over four connections."""
    chain = certificate("intermediate", 900, kind="rsa", issuer="root")

    def create(part):
        connection = plane.connect()
        for index in range(part, SECRETS, 4):
            namespace = f"load-{index % NAMESPACES:03}"
            if index < NAMESPACES:
                plane.json("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}}, connection)
            hosts = [f"svc-{index}.{namespace}.svc", f"svc-{index}.{namespace}.svc.cluster.local"]
            leaf = certificate(hosts[0], 90, hosts=hosts, issuer="intermediate")
            it = secret(namespace, f"svc-{index}-tls", {"tls.crt": leaf + chain}, annotations={"note": "x" * 200})
            plane.json("POST", f"/api/v1/namespaces/{namespace}/secrets", it, connection)
            if index < SERVICES:
                it = service(namespace, f"svc-{index}", serving_cert_secret_name=f"svc-{index}-tls")
                plane.json("POST", f"/api/v1/namespaces/{namespace}/services", it, connection)
        connection.close()

    threads = [threading.Thread(target=create, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = ControlPlane()
        cls.addClassCleanup(cls.plane.stop)
        cls.plane.start()
        cls.plane.define()
        cls.plane.kubectl("apply", "-k", str(ROOT / "manifests/base"))
        fill(cls.plane)
        # Until an API server has served a custom resource once, it asks to come back in a second (429).
        operators = "/apis/operators.coreos.com/v1alpha1/clusterserviceversions"
        wait_for("custom resources", lambda: cls.plane.request("GET", operators)[0] == 200)

    def say(self, what, value):
        print(f"\n  {what:<58} {value:>14}", end="", flush=True)

    def test_ten_thousand_secrets(self):
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
        self.say("first complete /metrics, from the start of the process", f"{first:.2f} s")
        self.say("a poll of a quiet cluster", f"{poll * 1000:.0f} ms")
        self.say("CPU time for the start and two or three polls", f"{cpu:.2f} s")
        self.say("resident memory, at most", f"{at_most / MIB:.1f} MiB")
        self.say("resident memory, at rest", f"{at_rest / MIB:.1f} MiB")
        self.say("received from the API server by the first poll", f"{first_bytes / 1e6:.1f} MB")
        self.say("received by a poll of a quiet cluster", f"{steady[0] / 1e6:.2f} MB")
        self.say("received by the first poll, of all lists", f"{first_of_all / 1e6:.1f} MB")
        self.say("received by a poll of a quiet cluster, of all lists", f"{of_all / 1e6:.2f} MB")
        self.say("text of a scrape, for a certificate", f"{text / (2 * SECRETS):.0f} B")
        self.say("a scrape with gzip, transferred", f"{len(body) / 1e6:.2f} MB")
        self.say("a scrape with gzip, median of 20", f"{statistics.median(times) * 1000:.1f} ms")
        print()
        self.assertLessEqual(at_most, 40 * MIB)
        self.assertLessEqual(max(steady), first_bytes / 20)
        self.assertLessEqual(text, 1000 * 2 * SECRETS)
