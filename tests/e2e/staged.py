"""Objects on the shared control plane for the time of a test, and what notafter makes of them.

Every command that it prints is typed, as far as this machine has what it calls.
"""

import os
import pathlib
import shlex
import subprocess
import tempfile
import time
import unittest

from control_plane import ROOT, shared, wait_for
from exporter import Exporter

# Where the objects of a kind are: the plural, and whether they are in namespaces.
KINDS = {
    "Namespace": ("namespaces", False),
    "Secret": ("secrets", True),
    "Service": ("services", True),
    "ConfigMap": ("configmaps", True),
    "ClusterServiceVersion": ("clusterserviceversions", True),
    "Certificate": ("certificates", True),
    "Route": ("routes", True),
    "IngressController": ("ingresscontrollers", True),
    "APIService": ("apiservices", False),
    "ValidatingWebhookConfiguration": ("validatingwebhookconfigurations", False),
    "MutatingWebhookConfiguration": ("mutatingwebhookconfigurations", False),
    "CustomResourceDefinition": ("customresourcedefinitions", False),
    "ClusterVersion": ("clusterversions", False),
    "APIServer": ("apiservers", False),
    "Ingress": ("ingresses", False),
}

# What is typed goes to the real API server, which only says what it would do; `oc` is kubectl, and more that is not
# here: only whether a shell can read that is tried. What is typed into notafter's pod runs here.
TYPED = """#!/bin/sh
case " $* " in
  *" exec deployment/notafter -- "*) while [ "$1" != -- ]; do shift; done; shift; exec "$@" ;;
  *" delete "* | *" annotate "* | *" patch "* | *" apply -k "*) set -- "$@" --dry-run=server ;;
esac
exec {kubectl} --kubeconfig={kubeconfig} "$@"
"""
ELSEWHERE = ("oc adm ", "cmctl ")


def path(it):
    """Where an object is to be created."""
    plural, is_namespaced = KINDS[it["kind"]]
    root = "/api/v1" if it["apiVersion"] == "v1" else f"/apis/{it['apiVersion']}"
    return f"{root}/namespaces/{it['metadata']['namespace']}/{plural}" if is_namespaced else f"{root}/{plural}"


def location(it):
    """Where an object is."""
    return f"{path(it)}/{it['metadata']['name']}"


def create(plane, it):
    """Creates an object, with its status if it has one, and returns it as it is then."""
    created = plane.json("POST", path(it), it)
    if "status" in it:
        # It is no part of what is created where it is a resource of its own.
        created = plane.json("PUT", f"{location(it)}/status", {**created, "status": it["status"]})
    return created


class Typed(unittest.TestCase):
    """A test with namespaces on the control plane, and commands that are typed there."""

    maxDiff = None
    NAMESPACES = ()

    @classmethod
    def setUpClass(cls):
        cls.plane = shared()
        for name in cls.NAMESPACES:
            status, _, body = cls.plane.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
            assert status in (201, 409), body
        cls.typed = pathlib.Path(tempfile.mkdtemp(prefix="typed-", dir=cls.plane.folder))
        for tool in ("kubectl", "oc"):
            text = TYPED.format(kubectl=os.environ["KUBECTL"], kubeconfig=cls.plane.kubeconfig)
            (cls.typed / tool).write_text(text)
            (cls.typed / tool).chmod(0o755)
        cls.pair = cls.typed / "new.crt", cls.typed / "new.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=x", "-out", cls.pair[0], "-keyout", cls.pair[1]], check=True, capture_output=True)
        (cls.typed / "notafter").symlink_to(os.environ["NOTAFTER"])

    def assertTypes(self, command):
        """That a command can be typed: it names what is there, and every word of it is known."""
        for flag, file in zip(("--cert", "--key"), self.pair):
            command = command.replace(f"{flag}=FILE", f"{flag}={file}")
        self.assertTrue(shlex.split(command))
        if command.startswith(ELSEWHERE):
            return
        environment = {"PATH": f"{self.typed}:{os.environ['PATH']}", "HOME": str(self.typed)}
        done = subprocess.run(["sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stdout}{done.stderr}")


class Staged(Typed):
    """A test with a running notafter, before which objects are put on the control plane."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notafter = cls.enterClassContext(Exporter(cls.plane)).ready()

    def put(self, it):
        """Creates an object, and returns it as it is then. It goes with the test."""
        self.addCleanup(self.plane.request, "DELETE", location(it))
        return create(self.plane, it)

    def edit(self, it, change):
        """Changes an object by a merge patch."""
        return self.plane.json("PATCH", location(it), change)

    def delete(self, it):
        self.plane.json("DELETE", location(it))

    def later(self):
        """Waits for the next second of the API server's clock: what is created then is younger."""
        second = int(time.time())
        wait_for("the next second", lambda: int(time.time()) > second)

    def scrape(self):
        """What notafter says once it has seen everything."""
        return self.notafter.after_a_poll()

    def assertIs(self, scrape, secret, manager, due=None, *blocked):
        """That the manager of a secret, when it is due (Unix seconds) and what blocks it (reason and remedy) are these.

        And that the remedies can be typed.
        """
        place = {"cert_namespace": secret["metadata"]["namespace"], "name": secret["metadata"]["name"]}
        leaf = {**place, "key": "tls.crt", "position": "0"}
        told = {it.labels["manager"] for it in scrape.all("cert_not_after_seconds", **place)}
        obstacles = scrape.all("cert_rotation_blocked", **place)
        found = [(it.labels["reason"], it.labels["remedy"]) for it in obstacles]
        with self.subTest(**place):
            self.assertEqual(told, {manager})
            self.assertEqual({it.labels["manager"] for it in obstacles}, {manager} if blocked else set())
            self.assertEqual(found, list(blocked))
            self.assertEqual(scrape.value("cert_renewal_due_seconds", **leaf), due)
            for _, remedy in found:
                self.assertTypes(remedy)
