"""Every command of the runbooks works on objects that exist."""

import re

from certificates import DAY
from consumers import api_service, gateway, route
from control_plane import ROOT
from managed import csv, ingress_controller, issued, olm_secret, olm_signer, service
from staged import ELSEWHERE, Staged

RUNBOOKS = sorted((ROOT / "docs/runbooks").glob("*.md"))
# The steps of a list are indented.
COMMAND = re.compile(r"^ *\$ (.+)$", re.MULTILINE)
# A search in a list: it prints a line for each object that has the name.
SEARCH = re.compile(r" \| grep -F ' ")
# Needs a kubelet or a controller: pods and their logs, and what changes a Deployment's status.
WITHOUT_PODS = re.compile(r"^(kubectl|oc) .*\b(logs|port-forward|rollout status)\b")
# Of kinds that are not installed here, and of objects that no other test may meet.
NOT_HERE = re.compile(r"\b(managedclusters|servicecas\.operator|(get|patch) proxy|create configmap)\b")


def named(kind, version, name, **spec):
    return {"apiVersion": version, "kind": kind, "metadata": {"namespace": "runbooks", "name": name}, "spec": spec}


def pod_spec(*volumes):
    """Returns a pod's spec that mounts those volumes, after one with another secret and one with none."""
    ca = {"projected": {"sources": [{"configMap": {"name": "ca"}}]}}
    volumes = [{"secret": {"secretName": "another"}}, ca, *volumes]
    return {
        "containers": [{"name": "main", "image": "example.com/main"}],
        "volumes": [{"name": f"volume-{index}", **volume} for index, volume in enumerate(volumes)],
    }


def consumers(secret):
    """Returns objects that use a secret, each in another way, and one that does not."""
    labels = {"app": "widgets"}
    template = {"metadata": {"labels": labels}, "spec": pod_spec({"secret": {"secretName": secret}})}
    projected = {"projected": {"sources": [{"configMap": {"name": "ca"}}, {"secret": {"name": secret}}]}}
    similar = {"secret": {"secretName": f"{secret}-2"}}
    backend = {"service": {"name": "widgets-service", "port": {"number": 443}}}
    return [
        named("Pod", "v1", "mounts", **pod_spec({"secret": {"secretName": secret}})),
        named("Pod", "v1", "projects", **pod_spec(projected)),
        named("Pod", "v1", "similar", **pod_spec(similar)),
        named("Deployment", "apps/v1", "asleep", replicas=0, selector={"matchLabels": labels}, template=template),
        named("Ingress", "networking.k8s.io/v1", "shop", defaultBackend=backend, tls=[{"secretName": secret}]),
        route("runbooks", "shop", secret),
        gateway("runbooks", "front", "another", f"runbooks/{secret}"),
    ]


class Runbooks(Staged):
    NAMESPACES = ("runbooks", "openshift-ingress-operator")

    def setUp(self):
        operator = self.put(csv("runbooks", "widgets.v1.4.2", "widgets", phase="Installing"))
        signer = olm_signer(20 * DAY)
        made = self.put(olm_secret(operator, "widgets", signer, 20 * DAY, 2))
        self.put(service("runbooks", "widgets-service"))
        self.put(api_service("runbooks.example.com", "runbooks", "widgets-service", signer.pem))
        self.put(issued("runbooks", "checkout", "checkout-tls", -DAY))
        self.put(ingress_controller("runbooks"))
        secret = made["metadata"]["name"]
        for consumer in consumers(secret):
            self.put(consumer)
        self.names = {
            "NAMESPACE": "runbooks", "NAME": secret, "CSV": "widgets.v1.4.2", "SERVICE": "widgets-service",
            "CERTIFICATE": "checkout", "DEPLOYMENT": "asleep", "CONTROLLER": "runbooks",
            "CERT_FILE": self.pair[0], "KEY_FILE": self.pair[1], "HOST": "localhost", "PORT": str(self.plane.port),
        }

    def filled(self, command):
        for placeholder, name in self.names.items():
            command = re.sub(rf"(?<![A-Z_]){placeholder}(?![A-Z_])", name, command)
        # The API server answers in place of a forwarded port.
        return command.replace("localhost:8443", f"localhost:{self.plane.port}")

    def commands(self):
        """Returns each command with its runbook."""
        return [(book.name, command) for book in RUNBOOKS for command in COMMAND.findall(book.read_text())]

    def test_every_command_works(self):
        # Each once: the same Deployment cannot be restarted twice within a second.
        typed = set()
        for runbook, command in self.commands():
            if command.startswith(ELSEWHERE) or WITHOUT_PODS.match(command) or NOT_HERE.search(command) or command in typed:
                continue
            typed.add(command)
            with self.subTest(runbook, command=command):
                self.assertTypes(self.filled(command))
        self.assertGreater(len(typed), 40)

    def test_searches_find_every_consumer_and_no_secret_of_a_similar_name(self):
        found = set()
        for runbook, command in self.commands():
            if SEARCH.search(command) and not NOT_HERE.search(command):
                status, output, errors = self.shell.run(self.filled(command), ROOT)
                self.assertEqual(status, 0, f"{runbook}: {command}: {errors}")
                found |= {line.split(":")[0] for line in output.splitlines()}
        self.assertEqual(found, {"Pod/mounts", "Pod/projects", "Deployment/asleep", "Ingress/shop", "shop", "runbooks/front"})
