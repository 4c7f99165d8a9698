"""Clusters in which all is well and in which it is not, each with a Prometheus of its own that evaluates the alerts,
and the one to which all of them write, as those of a fleet do."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.error
import urllib.request

from control_plane import ROOT, free_port, wait_for
from managed import issued, issued_secret
from prometheus import Prometheus
from signer import DAY, Signer

RULES = ROOT / "alerts/notafter.rules.yaml"


class Program:
    """A program until the end of a context. It listens where what it prints says, or where it was told to."""

    def __init__(self, *command, reads="", says=None, address=None):
        with tempfile.TemporaryFile("w+") as given:
            given.write(reads)
            given.seek(0)
            out, log = subprocess.PIPE if says else None, subprocess.DEVNULL
            self.process = subprocess.Popen(command, stdin=given, stdout=out, stderr=log, text=True)
        self.address = address
        while not self.address:
            line = self.process.stdout.readline()
            assert line, f"{command} ended with {self.process.wait()}"
            found = re.search(says, line)
            self.address = found and found[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        if self.process.stdout:
            self.process.stdout.close()


def demo():
    """The simulated cluster that has trouble, with the notafter that polls it."""
    return Program(os.environ["DEMO"], says=r"http://(\S+)/metrics")


def healthy():
    """A simulated cluster that has none."""
    return Program(os.environ["SIMULATOR"], "healthy", says=r"^(\S+:\d+)$")


def late():
    """A simulated cluster with a certificate that cert-manager should have renewed by now, and one that has ended."""
    ca = Signer("ca", -90 * DAY, 90 * DAY)
    objects = []
    for name, ends in (("late", 20 * DAY), ("ended", -2 * DAY)):
        leaf = ca.leaf(f"{name}.shop.svc", -80 * DAY, ends, [f"{name}.shop.svc"])
        objects.append(issued("shop", name, f"{name}-tls", renews=min(ends, -DAY)))
        objects.append(issued_secret("shop", f"{name}-tls", name, leaf, ca.pem))
    return Program(os.environ["SIMULATOR"], reads="\n".join(map(json.dumps, objects)), says=r"^(\S+:\d+)$")


def notafter(cluster, *flags):
    """A notafter that polls a simulated cluster."""
    kubeconfig = pathlib.Path(tempfile.mkdtemp(prefix="simulated-")) / "kubeconfig"
    kubeconfig.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "it", "users": [{"name": "it", "user": {}}],
        "clusters": [{"name": "it", "cluster": {"server": f"http://{cluster.address}"}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
    }))
    address = f"127.0.0.1:{free_port()}"
    flags = ["--listen", address, "--interval", "1s", "--kubeconfig", kubeconfig, *flags]
    return Program(os.environ["NOTAFTER"], "serve", *flags, address=address)


def is_ready(program):
    try:
        with urllib.request.urlopen(f"http://{program.address}/ready", timeout=10) as it:
            return it.status == 200
    except urllib.error.HTTPError as error:
        error.close()
        return False


class Fleet(contextlib.ExitStack):
    """Four clusters: one is `broken`, one `healthy`, in one notafter has become `blind`, and in one it is `silent`.

    `of` has the Prometheus of each, and `all` the one of the fleet."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.of = folder, {}

    def __enter__(self):
        try:
            self._begin()
        except BaseException:
            self.close()
            raise
        return self

    def _begin(self):
        self.all = self.enter_context(Prometheus(self.folder, flags=["--web.enable-remote-write-receiver"]))
        wait_for("the fleet's Prometheus", lambda: self.all.get("status/buildinfo"))
        well, lost = self.enter_context(healthy()), self.enter_context(late())
        self._watch("broken", demo())
        self._watch("healthy", notafter(well))
        self._watch("blind", notafter(lost, "--namespace", "shop"))
        silent = self._watch("silent", notafter(well))
        for cluster, prometheus in self.of.items():
            wait_for(f"the rules of {cluster}", lambda: self._is_evaluated(prometheus))
            written = f'notafter:not_after_seconds{{cluster="{cluster}"}}'
            wait_for(f"what {cluster} writes", lambda: self.all.query(written))
        lost.__exit__()
        silent.__exit__()
        blind = 'notafter_list_up{cluster="blind"}'
        wait_for("blindness", lambda: {value for _, value in self.all.query(blind)} == {0})
        wait_for("silence", lambda: not self.all.query('notafter_list_up{cluster="silent"}'))
        wait_for("every alert", self._has_every_alert)

    def _has_every_alert(self):
        """The blind cluster and the broken one tell of all that is wrong, and the fleet has heard it."""
        lists = len(self.all.query('max by (resource, scope) (notafter_list_up{cluster="blind"})'))
        told = self.all.query("count by (cluster) (ALERTS)")
        own = {it: len(prometheus.get("alerts")["alerts"]) for it, prometheus in self.of.items()}
        blind = self.all.query('ALERTS{alertname="NotafterBlind"}')
        return len(blind) == lists and {it["cluster"]: n for it, n in told} == {it: n for it, n in own.items() if n}

    def _watch(self, cluster, program):
        """Two replicas, as far as Prometheus knows; its alerts wait for nothing."""
        self.enter_context(program)
        wait_for(f"notafter in {cluster}", lambda: is_ready(program))
        rules = pathlib.Path(tempfile.mkdtemp(prefix="rules-")) / "rules.yaml"
        rules.write_text(re.sub(r"\bfor: \w+", "for: 0s", RULES.read_text()))
        port = program.address.rsplit(":", 1)[1]
        self.of[cluster] = self.enter_context(Prometheus(
            self.folder, f"127.0.0.1:{port}", f"localhost:{port}", labels={"cluster": cluster},
            rule_files=[str(rules)], remote_write=[{"url": f"{self.all.url}/api/v1/write"}],
        ))
        return program

    @staticmethod
    def _is_evaluated(prometheus):
        """Every rule has been evaluated while certificates were there, and none of them with an error."""
        if not prometheus.query("notafter:not_after_seconds"):
            return False
        rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
        assert not [it for it in rules if it["health"] == "err"], rules
        return all(it["health"] == "ok" for it in rules)
