"""Years of a simulated cluster, exposed by notafter's own code and evaluated by Prometheus's own."""

import collections
import concurrent.futures
import dataclasses
import functools
import json
import os
import re
import subprocess
import tempfile

import yaml

from control_plane import ROOT

RULES = ROOT / "alerts" / "notafter.rules.yaml"
URGENCY = ROOT / "tests" / "e2e" / "urgency.yaml"
HOUR, DAY = 3600, 24 * 3600


@dataclasses.dataclass
class Change:
    """The start or the resolution of an alert."""

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
        """The identity of the alert."""
        return frozenset(self.labels.items())

    def concerns(self, namespace, name):
        """Returns whether the alert is about that secret, or about an operator in its namespace."""
        labels = self.labels
        place = (labels.get("cert_namespace"), labels.get("name"))
        return place == (namespace, name) or ("name" not in labels and labels.get("csv_namespace") == namespace)


@dataclasses.dataclass
class Replay:
    """The alerts of a Prometheus with the shipped rules over a history."""

    changes: list
    # The objects whose urgency notafter and the rules assess differently.
    differing: list
    scrapes: int
    samples: int
    # The time of the last scrape (Unix seconds).
    until: int
    # The longest time in seconds that an alert was pending without firing, by its name.
    waited: dict

    @property
    def fired(self):
        return [change for change in self.changes if change.state == "firing"]

    def about(self, namespace, name):
        """Returns the changes about a secret, in order."""
        return [change for change in self.changes if change.concerns(namespace, name)]


def stories():
    """Returns the stories of broken managers by name: the manager, the fault, and the secret that it affects."""
    text = subprocess.run([os.environ["HISTORY"]], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in text.splitlines()]
    return {name: (manager, what, (namespace, secret)) for name, manager, what, namespace, secret in
            (row for row in rows if len(row) > 1)}


def renewals(story):
    """Returns the number of renewals of leaves in a story, by manager, without copies."""
    not_before = re.compile(r'cert_not_before_seconds{kind="Secret",(.*),role="leaf",manager="(.*)"} (.*)')
    with subprocess.Popen([os.environ["HISTORY"], story], stdout=subprocess.PIPE, text=True) as recorded:
        leaves = {found.groups() for found in map(not_before.match, recorded.stdout) if found}
    renewed = collections.Counter()
    for (manager, _), times in collections.Counter((manager, place) for place, manager, _ in leaves).items():
        renewed[manager] += times - 1
    return {manager: times for manager, times in renewed.items() if times and manager != "copy"}


def evaluate(history, rules=RULES):
    """Runs the rules over a history, which is a file, and returns the finished process."""
    return subprocess.run([os.environ["REPLAY"], rules], stdin=history, capture_output=True, text=True)


def with_urgency(story):
    """Returns the shipped rules, and those that compare them with the urgency that notafter itself assesses.

    The rules look ten minutes back, so stories that are told by the minute may differ for that long.
    """
    tolerance = "0s" if story == "healthy" or story.startswith("broken") else "11m"
    groups = yaml.safe_load(RULES.read_text())["groups"]
    groups += yaml.safe_load(URGENCY.read_text().replace("TOLERANCE", tolerance))["groups"]
    return yaml.safe_dump({"groups": groups}, sort_keys=False)


def replay(story):
    """Replays a story to a Prometheus."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as rules:
        rules.write(with_urgency(story))
        rules.flush()
        return replay_with(story, rules.name)


def replay_with(story, rules):
    with subprocess.Popen([os.environ["HISTORY"], story], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as recorded:
        evaluated = evaluate(recorded.stdout, rules)
        seed = recorded.stderr.read().decode()
    if recorded.returncode or evaluated.returncode or evaluated.stderr:
        raise AssertionError(f"{story}: {seed}{evaluated.stderr}exit status {recorded.returncode}, {evaluated.returncode}")
    *changes, count = map(json.loads, evaluated.stdout.splitlines())
    if seed:
        print(f"{story}: {seed.strip()}")
    changes = [Change(**change) for change in changes]
    differing = [change for change in changes if change.labels["alertname"] == "UrgencyDiffers"]
    count["waited"].pop("UrgencyDiffers", None)
    return Replay([change for change in changes if change not in differing], differing, **count)


# One replay per processor: a Prometheus evaluates on one.
POOL = concurrent.futures.ThreadPoolExecutor(os.cpu_count())


@functools.cache
def begun(story):
    return POOL.submit(replay, story)


def replayed(story):
    """Returns the replay of a story; each story is replayed once."""
    return begun(story).result()
