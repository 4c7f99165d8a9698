"""A real Prometheus with the shipped rules, and a real Alertmanager with the example configuration."""

import datetime
import pathlib
import re
import tempfile
import time

import yaml

from alertmanager import Alertmanager, Receivers, pointed_at
from causes import Alert
from contexts import Setup
from control_plane import ROOT, wait_for
from prometheus import Prometheus

RULES = ROOT / "alerts/notafter.rules.yaml"
EXAMPLE = ROOT / "alerts/examples/alertmanager.yaml"
# An hour takes six seconds; waits keep their order.
FASTER = 600
# The series that the rules remember for ten minutes after they have disappeared.
EVIDENCE = ("notafter_problem", "olm_csv_info")


def sooner(duration):
    return f"{int(duration[:-1]) * {'s': 1, 'm': 60, 'h': 3600}[duration[-1]] * 1000 // FASTER}ms"


def impatient(rules):
    """Returns the shipped rules with a shorter `for`, and with as little patience for a manager that recovers."""
    return re.sub(r"(?<=\bfor: )\w+", lambda it: sooner(it[0]), rules).replace("55 * 60", f"55 * 60 / {FASTER}")


def hasty(config):
    """Returns a configuration of Alertmanager that sends sooner and repeats no sooner."""
    def hastened(route):
        waits = {wait: sooner(route[wait]) for wait in ("group_wait", "group_interval") if wait in route}
        return route | waits | {"routes": list(map(hastened, route.get("routes", [])))}

    return config | {"route": hastened(config["route"])}


def alert(labels):
    what = labels.get("name") or labels.get("csv") or labels.get("resource") or ""
    return Alert(labels["alertname"], labels["severity"], labels["namespace"], what)


class Watched(Setup):
    """Both, with the receivers of their notifications, until the end of a context.

    `concern` decides which alerts count.
    """

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
            # It finds an Alertmanager after five seconds, and sends again what it sent before.
            flags=["--web.enable-admin-api", "--rules.alert.resend-delay=5s"],
            alerting={"alertmanagers": [{"static_configs": [{"targets": [self.alertmanager.address]}]}]},
        ))

    def messages(self):
        """Returns the receiver and the message of every webhook, in order."""
        return [(receiver, message) for kind, receiver, message in list(self.receivers.heard) if kind == "webhook"]

    def notifications(self):
        """Returns every alert of every message: the receiver, whether it fires, and the alert itself."""
        found = [
            (receiver, sent["status"] == "firing", sent)
            for receiver, message in self.messages() for sent in message["alerts"]
        ]
        return [notification for notification in found if self.concern(alert(notification[2]["labels"]))]

    def delivered(self):
        """Returns for each receiver and alert whether the receiver was last told that it fires."""
        return {(receiver, alert(sent["labels"])): firing for receiver, firing, sent in self.notifications()}

    def resolved(self):
        return {key for key, firing in self.delivered().items() if not firing}

    def firing(self):
        return self.delivered().keys() - self.resolved()

    def until_silent(self):
        """Waits until every alert is resolved for every receiver.

        An hour takes six seconds here, but the memory of the rules still ten minutes, so an alert may fire for a moment
        while its cause is half repaired.
        """
        try:
            wait_for("silence", lambda: not self.firing())
        except AssertionError as error:
            raise AssertionError(f"{error}: {sorted(map(str, self.firing()))}") from error

    def inhibited(self):
        return set(filter(self.concern, map(alert, self.alertmanager.inhibited())))

    def found(self):
        """Returns the alerts of Prometheus, pending ones included."""
        alerts = self.prometheus.get("alerts")["alerts"]
        return set(filter(self.concern, (alert(active["labels"]) for active in alerts)))

    def until(self, what, expected, found):
        """Waits until everything expected is found."""
        try:
            wait_for(what, lambda: expected <= set(found()))
        except AssertionError as error:
            raise AssertionError(f"{error}: {sorted(map(str, expected - set(found())))}") from error

    def forget(self):
        """Makes the rules forget series that have disappeared, as ten minutes would."""
        self._scraped()
        self.prometheus.forget(*EVIDENCE)
        self._scraped()
        now = datetime.datetime.now(datetime.UTC)
        last = lambda group: datetime.datetime.fromisoformat(group["lastEvaluation"])
        wait_for("an evaluation", lambda: all(last(it) > now for it in self.prometheus.get("rules")["groups"]))

    def _scraped(self):
        """Waits until every target has been scraped once more."""
        now = time.time()
        wait_for("a scrape", lambda: [it for _, it in self.prometheus.query("min(timestamp(up == 1))") if it > now])
