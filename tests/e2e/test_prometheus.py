"""Real Prometheuses scrape notafter: Debian's 2.42 and a 3.x, each in the format that it prefers."""

import unittest

from certificates import certificate, secret
from control_plane import shared
from exporter import Exporter
from prometheus import FOLDERS, Prometheus, check_metrics
from test_inventory import everything, put

NAMESPACE = "prometheus"


class Scraped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = shared()
        cls.plane.kubectl("create", "namespace", NAMESPACE)
        awkward = certificate('quo"ted \\ and\nbroken', 9, organization="Grüße", hosts=["a", "b"])
        put(cls.plane, secret(NAMESPACE, "awkward", {"tls.crt": awkward}))

    def test_promtool_finds_nothing_wrong_with_either_format(self):
        with Exporter(self.plane).ready() as notafter:
            for folder in FOLDERS:
                text = notafter.get("/metrics")[2].decode()
                self.assertEqual(check_metrics(folder, text), "")
                broken = text.replace("cert_not_after_seconds", "certNotAfter_total")
                self.assertIn("certNotAfter_total", check_metrics(folder, broken), "it does look")

    def test_every_certificate_arrives_with_its_dates(self):
        with Exporter(self.plane).ready() as notafter:
            expected = {it: told["not_after"] for it, told in everything(self.plane).items()}
            for folder in FOLDERS:
                with self.subTest(folder), Prometheus(folder, notafter.url.removeprefix("http://")) as prometheus:
                    prometheus.scraped()
                    scraped = {
                        (it["cert_namespace"], it["name"], it["key"], int(it["position"])): int(value)
                        for it, value in prometheus.query("cert_not_after_seconds")
                    }
                    self.assertEqual(scraped, expected)
                    [target] = prometheus.get("targets")["activeTargets"]
                    self.assertEqual((target["health"], target["lastError"]), ("up", ""))
                    [(labels, _)] = prometheus.query('cert_info{name="awkward"}')
                    self.assertEqual(labels["subject"], 'CN=quo\\"ted \\\\ and\\0Abroken,O=Grüße')
                    metadata = prometheus.get("metadata")
                    self.assertEqual(metadata["cert_not_after_seconds"][0]["type"], "gauge")
                    counters = [it for it in metadata if it.startswith("process_cpu_seconds")]
                    self.assertEqual([metadata[it][0]["type"] for it in counters], ["counter"])
