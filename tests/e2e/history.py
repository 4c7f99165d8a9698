"""Years of a simulated cluster, scraped by notafter's own code and judged by Prometheus's own."""

import collections
import concurrent.futures
import dataclasses
import functools
import json
import os
import re
import subprocess

from control_plane import ROOT

RULES = ROOT / "alerts" / "notafter.rules.yaml"
HOUR, DAY = 3600, 24 * 3600


@dataclasses.dataclass
class Change:
    """An alert that began to fire, or was resolved."""

    time: int
    state: str
    value: float
    labels: dict
    annotations: dict

    @property
    def alert(self):
        return f"{self.labels['alertname']} ({self.labels['severity']})"

    @property
    def key(self):
        """What makes it this alert and no other."""
        return frozenset(self.labels.items())

    def concerns(self, namespace, name):
        """Whether it is about the certificate of that secret, or about the operator beside it."""
        labels = self.labels
        place = (labels.get("cert_namespace"), labels.get("name"))
        return place == (namespace, name) or ("name" not in labels and labels.get("csv_namespace") == namespace)


@dataclasses.dataclass
class Replay:
    """What a Prometheus with the shipped rules made of a history."""

    changes: list
    scrapes: int
    samples: int
    # When the last scrape was (Unix seconds).
    until: int
    # For how many seconds an alert waited at most without firing, by its name.
    waited: dict

    @property
    def fired(self):
        return [it for it in self.changes if it.state == "firing"]

    def about(self, namespace, name):
        """The changes about a secret, in their order."""
        return [it for it in self.changes if it.concerns(namespace, name)]


def stories():
    """The stories of broken managers, by name: which one, how, and the secret that is not renewed then."""
    text = subprocess.run([os.environ["HISTORY"]], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in text.splitlines()]
    return {name: (manager, what, (namespace, secret)) for name, manager, what, namespace, secret in
            (row for row in rows if len(row) > 1)}


def renewals(story):
    """How often leaves were renewed in a story, by manager; copies do not count."""
    begins = re.compile(r'cert_not_before_seconds{kind="Secret",(.*),role="leaf",manager="(.*)"} (.*)')
    with subprocess.Popen([os.environ["HISTORY"], story], stdout=subprocess.PIPE, text=True) as told:
        leaves = {found.groups() for found in map(begins.match, told.stdout) if found}
    renewed = collections.Counter()
    for (manager, _), times in collections.Counter((manager, place) for place, manager, _ in leaves).items():
        renewed[manager] += times - 1
    return {manager: times for manager, times in renewed.items() if times and manager != "copy"}


def evaluate(history, rules=RULES):
    """Runs the rules over a history, which is a file; the process, when it has ended."""
    return subprocess.run([os.environ["REPLAY"], rules], stdin=history, capture_output=True, text=True)


def replay(story):
    """Tells a story to a Prometheus."""
    with subprocess.Popen([os.environ["HISTORY"], story], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as told:
        heard = evaluate(told.stdout)
        seed = told.stderr.read().decode()
    if told.returncode or heard.returncode or heard.stderr:
        raise AssertionError(f"{story}: {seed}{heard.stderr}exit status {told.returncode}, {heard.returncode}")
    *changes, count = map(json.loads, heard.stdout.splitlines())
    if seed:
        print(f"{story}: {seed.strip()}")
    return Replay([Change(**it) for it in changes], **count)


# As many at once as there are processors: a Prometheus evaluates on one.
POOL = concurrent.futures.ThreadPoolExecutor(os.cpu_count())


@functools.cache
def begun(story):
    return POOL.submit(replay, story)


def replayed(story):
    """The replay of a story; each is told once."""
    return begun(story).result()
