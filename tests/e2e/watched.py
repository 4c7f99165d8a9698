"""A real Prometheus with the shipped rules, which sends to a real Alertmanager with the example's configuration."""

import datetime
import pathlib
import re
import tempfile
import time

import yaml

from alertmanager import Alertmanager, Receivers, pointed_at
from causes import Told
from contexts import Setup
from control_plane import ROOT, wait_for
from prometheus import Prometheus

RULES = ROOT / "alerts/notafter.rules.yaml"
EXAMPLE = ROOT / "alerts/examples/alertmanager.yaml"
# An hour is six seconds: what waits longer than something else still does.
FASTER = 600
# What is remembered for ten minutes after notafter has stopped to say it.
EVIDENCE = ("cert_rotation_blocked", "notafter_problem", "olm_csv_info")


def sooner(duration):
    return f"{int(duration[:-1]) * {'s': 1, 'm': 60, 'h': 3600}[duration[-1]] * 1000 // FASTER}ms"


def impatient(rules):
    """The rules as they are shipped, but for `for`."""
    return re.sub(r"(?<=\bfor: )\w+", lambda it: sooner(it[0]), rules)


def hasty(config):
    """A configuration of Alertmanager by which everything is sent sooner, and nothing is repeated sooner."""
    def hastened(route):
        waits = {it: sooner(route[it]) for it in ("group_wait", "group_interval") if it in route}
        return route | waits | {"routes": [hastened(it) for it in route.get("routes", [])]}

    return config | {"route": hastened(config["route"])}


def told(labels):
    what = labels.get("name") or labels.get("csv") or labels.get("resource") or ""
    return Told(labels["alertname"], labels["severity"], labels["namespace"], what)


class Watched(Setup):
    """Both, until the end of a context, and who receives what they send. What it tells of is what concerns somebody."""

    def __init__(self, prometheus, alertmanager, targets, concern):
        super().__init__()
        self.name = f"{prometheus}, {alertmanager}"
        self.folders, self.targets, self.concern = (prometheus, alertmanager), targets, concern

    def _begin(self):
        prometheus, alertmanager = self.folders
        self.receivers = self.enter_context(Receivers())
        config = pointed_at(self.receivers.url, hasty(yaml.safe_load(EXAMPLE.read_text())))
        self.alertmanager = self.enter_context(Alertmanager(alertmanager, config)).ready()
        rules = pathlib.Path(tempfile.mkdtemp(prefix="rules-")) / "rules.yaml"
        rules.write_text(impatient(RULES.read_text()))
        self.prometheus = self.enter_context(Prometheus(
            prometheus, *self.targets, rule_files=[str(rules)],
            # It knows of an Alertmanager after five seconds, and says again what it has said before.
            flags=["--web.enable-admin-api", "--rules.alert.resend-delay=5s"],
            alerting={"alertmanagers": [{"static_configs": [{"targets": [self.alertmanager.address]}]}]},
        ))

    def messages(self):
        """What webhooks were sent, in its order: the receiver, and the message."""
        return [(receiver, message) for kind, receiver, message in list(self.receivers.heard) if kind == "webhook"]

    def notifications(self):
        """Every alert in every message: the receiver, whether it fires, and the alert as it was sent."""
        found = [
            (receiver, it["status"] == "firing", it) for receiver, message in self.messages() for it in message["alerts"]
        ]
        return [it for it in found if self.concern(told(it[2]["labels"]))]

    def delivered(self):
        """By receiver and alert, whether it fires as far as the receiver knows."""
        return {(receiver, told(it["labels"])): firing for receiver, firing, it in self.notifications()}

    def resolved(self):
        return {it for it, firing in self.delivered().items() if not firing}

    def firing(self):
        return self.delivered().keys() - self.resolved()

    def until_silent(self):
        """Waits until nobody believes that anything fires. An hour is six seconds here, and what the rules remember for ten
        minutes is not shorter: what is half mended may be told of, for a moment."""
        try:
            wait_for("silence", lambda: not self.firing())
        except AssertionError as error:
            raise AssertionError(f"{error}: {sorted(map(str, self.firing()))}") from error

    def inhibited(self):
        return {it for it in map(told, self.alertmanager.inhibited()) if self.concern(it)}

    def found(self):
        """What Prometheus finds, whether it is told or waits."""
        alerts = self.prometheus.get("alerts")["alerts"]
        return {it for it in map(told, (alert["labels"] for alert in alerts)) if self.concern(it)}

    def until(self, what, expected, found):
        """Waits until all that is expected has been found."""
        try:
            wait_for(what, lambda: expected <= set(found()))
        except AssertionError as error:
            raise AssertionError(f"{error}: {sorted(map(str, expected - set(found())))}") from error

    def forget(self):
        """What notafter says no more is as if it had not said it for ten minutes, and the rules have seen that."""
        self._scraped()
        self.prometheus.forget(*EVIDENCE)
        self._scraped()
        now = datetime.datetime.now(datetime.UTC)
        last = lambda group: datetime.datetime.fromisoformat(group["lastEvaluation"])
        wait_for("an evaluation", lambda: all(last(it) > now for it in self.prometheus.get("rules")["groups"]))

    def _scraped(self):
        """Waits until everything has been scraped once more."""
        now = time.time()
        wait_for("a scrape", lambda: [it for _, it in self.prometheus.query("min(timestamp(up == 1))") if it > now])
