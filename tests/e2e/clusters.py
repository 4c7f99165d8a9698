"""Healthy and failing clusters, each with a Prometheus that evaluates the alerts, and the Prometheus
of the fleet, to which all of them write."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.error
import urllib.request

from certificates import DAY, Authority
from contexts import Process, Setup
from control_plane import ROOT, free_port, wait_for, write_kubeconfig
from dashboards import FLEET
from managed import issued, issued_secret
from prometheus import Prometheus

RULES = ROOT / "alerts/notafter.rules.yaml"


class Printing(Process):
    """A program that prints its address: the first group of `pattern`. `reads` is its input."""

    def __init__(self, *command, pattern, reads=""):
        with tempfile.TemporaryFile("w+") as given:
            given.write(reads)
            given.seek(0)
            super().__init__(*command, stdin=given, stdout=subprocess.PIPE, text=True)
        self.printed, found = "", None
        while not found:
            line = self.process.stdout.readline()
            assert line, f"{command} exited with {self.process.wait()}"
            self.printed += line
            found = re.search(pattern, line)
        self.address = found[1]

    def stop(self):
        self.process.stdout.close()
        return super().stop()


def demo(*before):
    """Returns the demo: a simulated cluster with failures, and a notafter that polls it.

    The words before its command, such as `env`, start it.
    """
    return Printing(*before, os.environ["DEMO"], pattern=r"Open http://([^\s,]+),")


def simulated(*arguments, objects=()):
    """Returns a simulated API server with these objects; `healthy` adds a healthy OpenShift."""
    reads = "\n".join(map(json.dumps, objects))
    return Printing(os.environ["SIMULATOR"], *arguments, pattern=r"^(\S+:\d+)$", reads=reads)


def neglected():
    """Returns a simulated cluster with an overdue and an expired certificate of cert-manager."""
    ca = Authority("ca", -90 * DAY, 90 * DAY)
    objects = []
    for name, ends in (("late", 20 * DAY), ("ended", -2 * DAY)):
        leaf = ca.leaf(f"{name}.shop.svc", -80 * DAY, ends, [f"{name}.shop.svc"])
        objects.append(issued("shop", name, f"{name}-tls", renews=min(ends, -DAY)))
        objects.append(issued_secret("shop", f"{name}-tls", name, leaf, ca.pem))
    return simulated(objects=objects)


def notafter(cluster, *flags):
    """Returns a notafter that polls a simulated cluster."""
    file = pathlib.Path(tempfile.mkdtemp(prefix="simulated-")) / "kubeconfig"
    kubeconfig = write_kubeconfig(file, {}, server=f"http://{cluster.address}")
    address = f"127.0.0.1:{free_port()}"
    flags = ["--listen", address, "--interval", "1s", "--kubeconfig", kubeconfig, *flags]
    program = Process(os.environ["NOTAFTER"], "serve", *flags)
    program.address = address
    return program


def is_ready(program):
    try:
        with urllib.request.urlopen(f"http://{program.address}/ready", timeout=10) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as error:
        error.close()
        return False


class Fleet(Setup):
    """A broken and a healthy cluster, one whose notafter is blind, and one whose notafter is down.

    `of` has the Prometheus of each cluster. `all` has the metrics of all clusters, and `hub` those that
    dashboards/README.md lists for a fleet.
    """

    def __init__(self, folder):
        super().__init__()
        self.folder, self.of = folder, {}

    def _begin(self):
        self.all, self.hub = (self.enter_context(self._store()) for _ in range(2))
        for store in (self.all, self.hub):
            wait_for("the fleet's Prometheus", lambda: store.get("status/buildinfo"))
        healthy, failing = self.enter_context(simulated("healthy")), self.enter_context(neglected())
        self._watch("broken", demo())
        ignored = "shop/apps-tls=the partner knows"
        self._watch("healthy", notafter(healthy, "--ignore", ignored))
        self._watch("blind", notafter(failing, "--namespace", "shop"))
        silent = self._watch("silent", notafter(healthy))
        for cluster, prometheus in self.of.items():
            wait_for(f"the rules of {cluster}", lambda: self._is_evaluated(prometheus))
            written = f'notafter:not_after_seconds{{cluster="{cluster}"}}'
            for store in (self.all, self.hub):
                wait_for(f"samples of {cluster}", lambda: store.query(written))
        failing.stop()
        silent.stop()
        blind = 'notafter_list_up{cluster="blind"}'
        wait_for("the blind cluster", lambda: {value for _, value in self.all.query(blind)} == {0})
        wait_for("the silent cluster", lambda: not self.all.query('notafter_list_up{cluster="silent"}'))
        for store in (self.all, self.hub):
            wait_for("every alert", lambda: self._has_every_alert(store))

    def _store(self):
        return Prometheus(self.folder, flags=["--web.enable-remote-write-receiver"])

    def _has_every_alert(self, store):
        """Returns whether every blind list alerts, and the store has the alerts of all clusters."""
        lists = store.query('max by (resource, scope) (notafter_list_up{cluster="blind"})')
        blind = store.query('ALERTS{alertname="NotafterBlind"}')
        received = {labels["cluster"]: count for labels, count in store.query("count by (cluster) (ALERTS)")}
        own = {cluster: len(prometheus.get("alerts")["alerts"]) for cluster, prometheus in self.of.items()}
        return len(blind) == len(lists) and received == {cluster: count for cluster, count in own.items() if count}

    def _watch(self, cluster, program):
        """Starts a Prometheus that sees two replicas, and whose alerts fire at once."""
        self.enter_context(program)
        wait_for(f"notafter in {cluster}", lambda: is_ready(program))
        rules = pathlib.Path(tempfile.mkdtemp(prefix="rules-")) / "rules.yaml"
        rules.write_text(re.sub(r"\bfor: \w+", "for: 0s", RULES.read_text()))
        port = program.address.rsplit(":", 1)[1]
        self.of[cluster] = self.enter_context(Prometheus(
            self.folder, f"127.0.0.1:{port}", f"localhost:{port}", labels={"cluster": cluster},
            rule_files=[str(rules)], remote_write=[
                {"url": f"{self.all.url}/api/v1/write"},
                {"url": f"{self.hub.url}/api/v1/write", "write_relabel_configs": [
                    {"source_labels": ["__name__"], "regex": "|".join(FLEET), "action": "keep"},
                ]},
            ],
        ))
        return program

    @staticmethod
    def _is_evaluated(prometheus):
        """Returns whether every rule has been evaluated over certificates, without a failure."""
        if not prometheus.query("notafter:not_after_seconds"):
            return False
        rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
        assert not [rule for rule in rules if rule["health"] == "err"], rules
        return all(rule["health"] == "ok" for rule in rules)
