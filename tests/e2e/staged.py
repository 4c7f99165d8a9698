"""Objects on the shared control plane for the time of a test, and notafter's view of them.

Every command that notafter recommends is run, as far as this machine has its tools.
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
from objects import create, location

# Commands that change something go to the real API server as a dry run, and those in notafter's pod
# run here.
KUBECTL = """case " $* " in
  *" exec deployment/notafter -- "*) while [ "$1" != -- ]; do shift; done; shift; exec "$@" ;;
  *" --dry-run="*) ;;
  *" delete "* | *" annotate "* | *" patch "* | *" apply -k "* | *" create secret "*) set -- "$@" --dry-run=server ;;
esac
"""
# Of these, only the quoting is checked: `oc` is kubectl here, and cmctl is not installed.
ELSEWHERE = ("oc adm ", "cmctl ")


class Shell:
    """A shell that finds notafter, and scripts instead of kubectl, oc and more tools."""

    def __init__(self, plane, kubectl, **scripts):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="shell-", dir=plane.folder))
        kubectl += f'exec {os.environ["KUBECTL"]} --kubeconfig={plane.kubeconfig} "$@"\n'
        for tool, script in {"kubectl": kubectl, "oc": kubectl, **scripts}.items():
            (self.folder / tool).write_text(f"#!/bin/sh\n{script}")
            (self.folder / tool).chmod(0o755)
        (self.folder / "notafter").symlink_to(os.environ["NOTAFTER"])

    def run(self, command, folder, shell=("sh",)):
        """Returns the exit status of a command, its output, and its error messages."""
        environment = {"PATH": f"{self.folder}:{os.environ['PATH']}", "HOME": str(self.folder)}
        done = subprocess.run([*shell, "-c", command], cwd=folder, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr


class Typed(unittest.TestCase):
    """A test with namespaces on the shared control plane, and commands that are run against it."""

    maxDiff = None
    NAMESPACES = ()
    SCRIPT = KUBECTL

    @classmethod
    def setUpClass(cls):
        cls.plane = shared()
        cls.plane.create_namespaces(*cls.NAMESPACES)
        cls.shell = Shell(cls.plane, cls.SCRIPT)
        cls.pair = cls.plane.authority.pair("new")

    def assertTypes(self, command):
        """Asserts that a command works: its objects exist, and the tool knows every word of it. Returns its output."""
        for flag, file in zip(("--cert", "--key"), self.pair):
            command = command.replace(f"{flag}=FILE", f"{flag}={file}")
        self.assertTrue(shlex.split(command))
        if command.startswith(ELSEWHERE):
            return ""
        status, output, errors = self.shell.run(command, ROOT)
        self.assertEqual(status, 0, f"{command}: {output}{errors}")
        return output


class Staged(Typed):
    """A test with a running notafter, and objects that it creates on the control plane."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notafter = cls.enterClassContext(Exporter(cls.plane)).ready()

    def put(self, object):
        """Creates an object until the end of the test, and returns the result."""
        self.addCleanup(self.plane.request, "DELETE", location(object))
        return create(self.plane, object)

    def edit(self, object, change):
        """Changes an object by a merge patch."""
        return self.plane.json("PATCH", location(object), change)

    def delete(self, object):
        self.plane.json("DELETE", location(object))

    def next_second(self):
        """Waits for the next second of the API server's clock, so that new objects are younger."""
        second = int(time.time())
        wait_for("the next second", lambda: int(time.time()) > second)

    def scrape(self):
        """Returns a scrape in which everything that exists now has been seen."""
        return self.notafter.after_a_poll()

    def assertRotation(self, scrape, secret, manager, due=None, *blocked):
        """Asserts who manages a secret, when it is due (Unix seconds) and what blocks its rotation.

        Each of `blocked` is a reason and the remedy for it; the remedy is run.
        """
        place = {"cert_namespace": secret["metadata"]["namespace"], "name": secret["metadata"]["name"]}
        leaf = {**place, "key": "tls.crt", "position": "0"}
        managers = {sample.labels["manager"] for sample in scrape.all("cert_not_after_seconds", **place)}
        obstacles = [sample.labels for sample in scrape.all("cert_rotation_blocked", **place)]
        with self.subTest(**place):
            self.assertEqual(managers, {manager})
            self.assertEqual({labels["manager"] for labels in obstacles}, {manager} if blocked else set())
            self.assertEqual([(labels["reason"], labels["remedy"]) for labels in obstacles], list(blocked))
            self.assertEqual(scrape.value("cert_renewal_due_seconds", **leaf), due)
            for labels in obstacles:
                self.assertTypes(labels["remedy"])
