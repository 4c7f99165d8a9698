"""The example of an Alertmanager's configuration is one, and sends what the rules say to whom it is meant for."""

import pathlib
import subprocess
import tempfile
import unittest

from alertmanager import FOLDERS
from test_alerts import ALERTS
from watched import EXAMPLE

# Who is told, by severity and namespace.
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
    """Its exit status, and all that it prints."""
    command = [folder / "amtool", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


class Routed(unittest.TestCase):
    def test_amtool_finds_nothing_wrong_with_the_example(self):
        with tempfile.TemporaryDirectory() as work:
            broken = pathlib.Path(work, "broken.yaml")
            broken.write_text(EXAMPLE.read_text().replace("receiver: pager", "receiver: page"))
            for folder in FOLDERS:
                status, said = amtool(folder, "check-config", EXAMPLE)
                self.assertEqual(status, 0, said)
                self.assertIn("2 inhibit rules", said)
                status, said = amtool(folder, "check-config", broken)
                self.assertIn('undefined receiver "page"', said, "it does look")
                self.assertNotEqual(status, 0)

    def test_every_severity_and_namespace_has_its_receivers(self):
        for folder in FOLDERS:
            for (severity, namespace), receivers in RECEIVERS.items():
                with self.subTest(folder=folder, severity=severity, namespace=namespace):
                    self.assertRoutes(folder, receivers, f"severity={severity}", f"namespace={namespace}")

    def test_the_rules_have_no_severity_that_nobody_is_meant_for(self):
        severities = {it["labels"]["severity"] for it in ALERTS}
        self.assertEqual(severities, {severity for severity, _ in RECEIVERS})

    def assertRoutes(self, folder, receivers, *labels):
        routes = ["config", "routes", "test", f"--config.file={EXAMPLE}"]
        status, said = amtool(folder, *routes, f"--verify.receivers={receivers}", *labels)
        self.assertEqual(status, 0, said)
        status, said = amtool(folder, *routes, "--verify.receivers=nobody", *labels)
        self.assertNotEqual(status, 0, "it does compare")
