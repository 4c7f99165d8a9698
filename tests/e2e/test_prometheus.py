"""Real Prometheuses, Debian's 2.42 and a 3.x, scrape notafter in their preferred format."""

import subprocess
import unittest

from certificates import certificate, secret
from control_plane import shared
from exporter import Exporter, place
from objects import create
from prometheus import FOLDERS, Prometheus
from test_inventory import everything

NAMESPACE = "prometheus"


class Scraped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = shared()
        cls.plane.create_namespaces(NAMESPACE)
        awkward = certificate('quo"ted \\ and\nbroken', 9, organization="Grüße", hosts=["a", "b"])
        create(cls.plane, secret(NAMESPACE, "awkward", {"tls.crt": awkward}))

    def test_promtool_finds_nothing_wrong_with_either_format(self):
        with Exporter(self.plane).ready() as notafter:
            for folder in FOLDERS:
                text = notafter.get("/metrics")[2].decode()
                self.assertEqual(self.check(folder, text), (0, ""))
                broken = text.replace("cert_not_after_seconds", "certNotAfter_total")
                self.assertIn("certNotAfter_total", self.check(folder, broken)[1], "promtool works")

    def check(self, folder, text):
        """Returns the exit status and the complaints of promtool."""
        command = [folder / "promtool", "check", "metrics"]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_every_certificate_arrives_with_its_dates(self):
        with Exporter(self.plane).ready() as notafter:
            expected = {key: dates["not_after"] for key, dates in everything(self.plane).items()}
            for folder in FOLDERS:
                with self.subTest(folder), Prometheus(folder, notafter.url.removeprefix("http://")) as prometheus:
                    prometheus.scraped()
                    samples = prometheus.query("cert_not_after_seconds")
                    self.assertEqual({place(labels): int(value) for labels, value in samples}, expected)
                    [target] = prometheus.get("targets")["activeTargets"]
                    self.assertEqual((target["health"], target["lastError"]), ("up", ""))
                    [(labels, _)] = prometheus.query('cert_info{name="awkward"}')
                    self.assertEqual(labels["subject"], 'CN=quo\\"ted \\\\ and\\0Abroken,O=Grüße')
                    metadata = prometheus.get("metadata")
                    self.assertEqual(metadata["cert_not_after_seconds"][0]["type"], "gauge")
                    counters = [name for name in metadata if name.startswith("process_cpu_seconds")]
                    self.assertEqual([metadata[name][0]["type"] for name in counters], ["counter"])
