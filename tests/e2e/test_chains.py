"""An intermediate counts if the best path from the leaf needs it, as OpenSSL builds it."""

import pathlib
import subprocess
import tempfile
import unittest

from certificates import DAY, NOW, Authority, secret
from control_plane import shared
from exporter import Exporter
from objects import create, location

NAMESPACE = "chains"


def accepted(leaf, others, root, moment):
    """Returns whether OpenSSL accepts a chain at a time (an offset from now), with one trusted root."""
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder, name) for name in ("leaf", "others", "root")]
        for file, pem in zip(files, (leaf, others, root)):
            file.write_bytes(pem)
        leaf, others, root = files
        command = ["openssl", "verify", "-no-CApath", "-CAfile", root, "-untrusted", others,
                   "-attime", str(int((NOW + moment).timestamp())), leaf]
        return subprocess.run(command, capture_output=True).returncode == 0


class Chains(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = shared()
        cls.plane.create_namespaces(NAMESPACE)
        cls.root, former = Authority("root", -900 * DAY, 900 * DAY), Authority("former", -900 * DAY, -10 * DAY)
        middle = Authority("middle")
        cls.leaf = middle.leaf("web", -DAY, 90 * DAY, ["web.example.com"])
        cls.middle = cls.root.certify(middle, -900 * DAY, 300 * DAY)
        cls.short = cls.root.certify(middle, -900 * DAY, 20 * DAY)
        cls.cross = former.certify(cls.root, -900 * DAY, -10 * DAY)

    def judge(self, scrape):
        """Returns the role of each certificate, and the time until the secret expires."""
        found = scrape.all("cert_not_after_seconds", cert_namespace=NAMESPACE)
        found.sort(key=lambda sample: int(sample.labels["position"]))
        expiry = scrape.value("cert_expiry_seconds", cert_namespace=NAMESPACE)
        return [sample.labels["role"] for sample in found], round(expiry - NOW.timestamp()) // DAY.total_seconds()

    def test_what_counts_is_what_openssl_needs(self):
        leaf, root = self.leaf, self.root.pem
        left_over = [self.middle, root, self.cross]
        create(self.plane, secret(NAMESPACE, "web", {"tls.crt": b"".join([leaf, *left_over])}))
        with Exporter(self.plane).ready() as notafter:
            self.assertEqual(self.judge(notafter.scrape()), (["leaf", "chain", "root", "unused"], 90))
            self.assertTrue(accepted(leaf, b"".join(left_over), root, 89 * DAY))
            self.assertFalse(accepted(leaf, b"".join(left_over), root, 91 * DAY))
            for others, roles, days in (
                ([self.short, root, self.middle], ["leaf", "unused", "root", "chain"], 90),
                ([self.cross, self.short, root], ["leaf", "unused", "chain", "root"], 20),
                ([self.middle, self.cross], ["leaf", "chain", "chain"], -10),
            ):
                with self.subTest(roles=roles):
                    changed = secret(NAMESPACE, "web", {"tls.crt": b"".join([leaf, *others])})
                    self.plane.json("PUT", location(changed), changed)
                    self.assertEqual(self.judge(notafter.after_a_poll()), (roles, days))
                    if days > 0:
                        self.assertTrue(accepted(leaf, b"".join(others), root, (days - 1) * DAY))
                        self.assertFalse(accepted(leaf, b"".join(others), root, (days + 1) * DAY))
