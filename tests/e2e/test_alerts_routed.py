"""The example configuration of Alertmanager is valid, and routes every severity and namespace as documented."""

import pathlib
import subprocess
import tempfile
import unittest

from alertmanager import FOLDERS
from promtool import ALERTS
from watched import EXAMPLE

# The receivers by severity and namespace.
RECEIVERS = {
    ("critical", "openshift-operator-lifecycle-manager"): "pager",
    ("warning", "openshift-operator-lifecycle-manager"): "queue",
    ("info", "openshift-operator-lifecycle-manager"): "notes",
    ("critical", "shop"): "pager,shop",
    ("warning", "shop"): "shop",
    ("warning", "shop-test"): "shop",
    ("warning", "workshop"): "queue",
    ("info", "shop"): "notes",
    ("warning", "notafter"): "queue",
}


def amtool(folder, *arguments):
    """Returns the exit status of amtool, and all that it prints."""
    command = [folder / "amtool", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


class Routed(unittest.TestCase):
    def test_amtool_accepts_the_example(self):
        with tempfile.TemporaryDirectory() as work:
            broken = pathlib.Path(work, "broken.yaml")
            broken.write_text(EXAMPLE.read_text().replace("receiver: pager", "receiver: page"))
            for folder in FOLDERS:
                status, said = amtool(folder, "check-config", EXAMPLE)
                self.assertEqual(status, 0, said)
                self.assertIn("1 inhibit rule", said)
                status, said = amtool(folder, "check-config", broken)
                self.assertIn('undefined receiver "page"', said)
                self.assertNotEqual(status, 0)

    def test_every_severity_and_namespace_has_its_receivers(self):
        for folder in FOLDERS:
            for (severity, namespace), receivers in RECEIVERS.items():
                with self.subTest(folder=folder, severity=severity, namespace=namespace):
                    self.assertRoutes(folder, receivers, f"severity={severity}", f"namespace={namespace}")

    def test_every_severity_of_the_rules_has_a_receiver(self):
        severities = {rule["labels"]["severity"] for rule in ALERTS}
        self.assertEqual(severities, {severity for severity, _ in RECEIVERS})

    def assertRoutes(self, folder, receivers, *labels):
        routes = ["config", "routes", "test", f"--config.file={EXAMPLE}"]
        status, said = amtool(folder, *routes, f"--verify.receivers={receivers}", *labels)
        self.assertEqual(status, 0, said)
        status, said = amtool(folder, *routes, "--verify.receivers=nobody", *labels)
        self.assertNotEqual(status, 0)
