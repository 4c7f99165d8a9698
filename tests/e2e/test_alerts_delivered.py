"""Every alert, from its cause on the real API server to its receiver and its resolution.

A real Prometheus scrapes two replicas of notafter, and a real Alertmanager has the example configuration.
"""

import collections
import re

import alertmanager
import prometheus
from causes import ACCOUNT, DOWN, NAMESPACES, ROUTES, Causes
from control_plane import free_port, wait_for
from exporter import Exporter, ServiceAccount
from promtool import ALERTS
from staged import Typed
from watched import Watched, alert

# There is no pod whose log it could show.
WITHOUT_POD = "kubectl -n notafter logs --selector=app.kubernetes.io/name=notafter --prefix"
RUNBOOKS = "https://github.com/notafter/notafter/blob/main/docs/runbooks"


def receivers(sent):
    """Returns the receivers of an alert by the example configuration."""
    team = ["shop"] if sent.namespace == "shop" else []
    return {"critical": ["pager", *team], "info": ["notes"], "warning": team or ["queue"]}[sent.severity]


class Delivered(Typed):
    NAMESPACES = NAMESPACES

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.causes = cls.enterClassContext(Causes(cls.plane))
        cls.expected = {(receiver, sent) for sent in cls.causes.sent for receiver in receivers(sent)}
        ports = [free_port(), free_port()]
        targets = [f"127.0.0.1:{port}" for port in ports]
        cls.watched = [
            cls.enterClassContext(Watched(*folders, targets, cls.causes.concern))
            for folders in zip(prometheus.FOLDERS, alertmanager.FOLDERS)
        ]
        for watched in cls.watched:
            watched.until("NotafterDown", {("queue", DOWN)}, watched.delivered)
        account = ServiceAccount(cls.plane, ACCOUNT)
        cls.replicas = [cls.enterClassContext(Exporter(cls.plane, account=account, listen=port)) for port in ports]
        for watched in cls.watched:
            watched.until("every notification", cls.expected, watched.delivered)
            watched.until("every inhibited alert", cls.causes.inhibited, watched.inhibited)
            watched.before, watched.found_before = watched.notifications(), watched.found()
        cls.repair()

    @classmethod
    def repair(cls):
        cls.causes.repair()
        for replica in cls.replicas:
            replica.after_a_poll("secrets")
            replica.after_a_poll(ROUTES)
        for watched in cls.watched:
            watched.forget()
            watched.found_after = watched.found()
            watched.until("every resolution", cls.expected, watched.resolved)

    def test_every_alert_of_every_severity_has_a_cause(self):
        rules = {(rule["alert"], rule["labels"]["severity"]) for rule in ALERTS}
        self.assertEqual({(sent.alertname, sent.severity) for sent in self.causes.sent}, rules)

    def test_exactly_the_caused_alerts_fire(self):
        for watched in self.watched:
            with self.subTest(watched.name):
                self.assertEqual(watched.found_before, self.causes.sent.keys() - {DOWN} | self.causes.inhibited)

    def test_every_alert_reaches_exactly_its_receivers(self):
        for watched in self.watched:
            with self.subTest(watched.name):
                self.assertEqual({(receiver, alert(sent["labels"])) for receiver, _, sent in watched.before}, self.expected)

    def test_two_replicas_raise_one_alert_and_no_message_repeats_another(self):
        for watched in self.watched:
            with self.subTest(watched.name):
                alerts = collections.defaultdict(set)
                for receiver, _, sent in watched.before:
                    alerts[receiver, alert(sent["labels"])].add(sent["fingerprint"])
                self.assertEqual({len(same) for same in alerts.values()}, {1})
                last = {}
                for receiver, message in watched.messages():
                    content = {(sent["fingerprint"], sent["status"]) for sent in message["alerts"]}
                    self.assertEqual(len(content), len(message["alerts"]))
                    self.assertNotEqual(content, last.get((receiver, message["groupKey"])))
                    last[receiver, message["groupKey"]] = content

    def test_inhibited_alerts_fire_but_are_not_sent(self):
        self.assertTrue(self.causes.inhibited)
        for watched in self.watched:
            with self.subTest(watched.name):
                self.assertLessEqual(self.causes.inhibited, watched.found_before)
                self.assertFalse(self.causes.inhibited & {alert(sent["labels"]) for *_, sent in watched.before})

    def test_every_notification_has_the_impact_a_command_that_works_and_the_runbook(self):
        commands = set()
        for watched in self.watched:
            with self.subTest(watched.name):
                for _, _, sent in watched.before:
                    annotations, labels = sent["annotations"], alert(sent["labels"])
                    description = annotations["description"]
                    self.assertEqual(annotations.keys(), {"summary", "description", "runbook_url"})
                    self.assertEqual(annotations["runbook_url"], f"{RUNBOOKS}/{labels.alertname}.md")
                    self.assertIn(self.causes.sent[labels], description)
                    if labels.what and not labels.alertname.startswith("Notafter"):
                        self.assertIn(f"{labels.namespace}/{labels.what}", description)
                    [command] = re.findall(r"(?:Fix|Look at): (.+)$", description)
                    commands.add(command)
        for command in commands - {"no safe command is known; see the runbook", WITHOUT_POD}:
            with self.subTest(command):
                self.assertTypes(command)

    def test_the_pager_and_the_chat_get_the_command_too(self):
        command = "kubectl -n shop delete secret hung-service-cert"
        for watched in self.watched:
            with self.subTest(watched.name):
                events = [event for event in watched.receivers.of("pagerduty", "pager") if "hung-service-cert" in str(event)]
                expired = [event for event in events if "CertificateExpired" in event["payload"]["summary"]]
                self.assertEqual([event["event_action"] for event in expired], ["trigger", "resolve"])
                self.assertEqual(len({event["dedup_key"] for event in expired}), 1)
                self.assertIn(command, expired[0]["payload"]["custom_details"]["firing"])
                texts = lambda: [message["attachments"][0]["text"] for message in watched.receivers.of("slack", "shop")]
                what = "The certificate in Secret shop/hung-service-cert expired"
                first = next(text for text in texts() if command in text)
                self.assertRegex(first, f"(?m)^firing .critical.: {what}")
                self.assertIn(f"{RUNBOOKS}/CertificateExpired.md", first)
                # The chat has groups of its own, which may be told a moment later. What is said of the operator while it
                # is half repaired may come after that.
                resolved = f"(?m)^resolved .critical.: {what}.* {command}$"
                wait_for("the chat to be told that it is resolved", lambda: any(re.search(resolved, text) for text in texts()), 60)

    def test_repaired_causes_resolve_every_alert(self):
        for watched in self.watched:
            with self.subTest(watched.name):
                self.assertEqual(watched.found_after, set())
                watched.until_silent()
