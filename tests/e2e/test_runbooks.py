"""Every command of the runbooks works on objects that exist."""

import re

from certificates import DAY
from consumers import api_service
from control_plane import ROOT
from managed import csv, issued, olm_secret, olm_signer, service
from staged import ELSEWHERE, Staged

RUNBOOKS = sorted((ROOT / "docs/runbooks").glob("*.md"))
COMMAND = re.compile(r"^\$ (.+)$", re.MULTILINE)
# Pods and their logs need a kubelet.
WITHOUT_PODS = re.compile(r"^(kubectl|oc) .*\blogs\b")


class Runbooks(Staged):
    NAMESPACES = ("runbooks",)

    def setUp(self):
        operator = self.put(csv("runbooks", "widgets.v1.4.2", "widgets", phase="Installing"))
        signer = olm_signer(20 * DAY)
        made = self.put(olm_secret(operator, "widgets", signer, 20 * DAY, 2))
        self.put(service("runbooks", "widgets-service"))
        self.put(api_service("runbooks.example.com", "runbooks", "widgets-service", signer.pem))
        self.put(issued("runbooks", "checkout", "checkout-tls", -DAY))
        self.names = {
            "NAMESPACE": "runbooks", "NAME": made["metadata"]["name"], "CSV": "widgets.v1.4.2",
            "SERVICE": "widgets-service", "CERTIFICATE": "checkout",
        }

    def filled(self, command):
        for placeholder, name in self.names.items():
            command = re.sub(rf"(?<![A-Z]){placeholder}(?![A-Z])", name, command)
        return command

    def test_every_command_works(self):
        typed = 0
        for runbook in RUNBOOKS:
            for command in COMMAND.findall(runbook.read_text()):
                if command.startswith(ELSEWHERE) or WITHOUT_PODS.match(command):
                    continue
                with self.subTest(runbook.name, command=command):
                    self.assertTypes(self.filled(command))
                    typed += 1
        self.assertGreater(typed, 30)
