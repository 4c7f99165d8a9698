"""Every alert is caused on the real API server, found by a real Prometheus in what two replicas of notafter say, sent by a
real Alertmanager with the example's configuration, received, and resolved when its cause is mended."""

import collections
import re

import alertmanager
import prometheus
from causes import ACCOUNT, DOWN, NAMESPACES, ROUTES, Causes
from control_plane import free_port
from exporter import Exporter, ServiceAccount
from staged import Typed
from test_alerts import ALERTS
from watched import Watched, told

# Its command shows the log of a pod, and there is none.
WITHOUT_POD = "kubectl -n notafter logs deployment/notafter"
RUNBOOKS = "https://github.com/notafter/notafter/blob/main/docs/runbooks"


def receivers(alert):
    """Who is to be told of an alert, as the example says."""
    team = ["shop"] if alert.namespace == "shop" else []
    return {"critical": ["pager", *team], "info": ["notes"], "warning": team or ["queue"]}[alert.severity]


class Delivered(Typed):
    NAMESPACES = NAMESPACES

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.causes = cls.enterClassContext(Causes(cls.plane))
        cls.expected = {(receiver, it) for it in cls.causes.told for receiver in receivers(it)}
        ports = [free_port(), free_port()]
        targets = [f"127.0.0.1:{it}" for it in ports]
        cls.watched = [
            cls.enterClassContext(Watched(*folders, targets, cls.causes.concern))
            for folders in zip(prometheus.FOLDERS, alertmanager.FOLDERS)
        ]
        for it in cls.watched:
            it.until("notafter to be missed", {("queue", DOWN)}, it.delivered)
        account = ServiceAccount(cls.plane, ACCOUNT)
        cls.replicas = [cls.enterClassContext(Exporter(cls.plane, account=account, listen=it)) for it in ports]
        for it in cls.watched:
            it.until("everybody to be told", cls.expected, it.delivered)
            it.until("what goes with it", cls.causes.inhibited, it.inhibited)
            it.before, it.found_before = it.notifications(), it.found()
        cls.mend()

    @classmethod
    def mend(cls):
        cls.causes.mend()
        for it in cls.replicas:
            it.after_a_poll("secrets")
            it.after_a_poll(ROUTES)
        for it in cls.watched:
            it.forget()
            it.found_after = it.found()
            it.until("everything to be resolved", cls.expected, it.resolved)

    def test_every_alert_of_every_severity_is_caused(self):
        # There is none that could not be. Whoever adds one adds its cause.
        rules = {(it["alert"], it["labels"]["severity"]) for it in ALERTS}
        self.assertEqual({(it.alertname, it.severity) for it in self.causes.told}, rules)

    def test_these_are_found_and_no_others(self):
        for it in self.watched:
            with self.subTest(it.name):
                self.assertEqual(it.found_before, self.causes.told.keys() - {DOWN} | self.causes.inhibited)

    def test_everybody_who_is_concerned_is_told_and_nobody_else(self):
        for it in self.watched:
            with self.subTest(it.name):
                self.assertEqual({(receiver, told(alert["labels"])) for receiver, _, alert in it.before}, self.expected)

    def test_two_replicas_are_one_alert_and_nobody_is_told_twice(self):
        for it in self.watched:
            with self.subTest(it.name):
                alerts = collections.defaultdict(set)
                for receiver, _, alert in it.before:
                    alerts[receiver, told(alert["labels"])].add(alert["fingerprint"])
                self.assertEqual({len(same) for same in alerts.values()}, {1})
                last = {}
                for receiver, message in it.messages():
                    says = {(alert["fingerprint"], alert["status"]) for alert in message["alerts"]}
                    self.assertEqual(len(says), len(message["alerts"]))
                    self.assertNotEqual(says, last.get((receiver, message["groupKey"])), "a message says something new")
                    last[receiver, message["groupKey"]] = says

    def test_what_goes_with_another_alert_is_kept_back(self):
        self.assertTrue(self.causes.inhibited)
        for it in self.watched:
            with self.subTest(it.name):
                self.assertLessEqual(self.causes.inhibited, it.found_before)
                self.assertFalse(self.causes.inhibited & {told(alert["labels"]) for *_, alert in it.before})

    def test_what_is_received_says_what_breaks_what_to_type_and_where_to_read_on(self):
        commands = set()
        for it in self.watched:
            with self.subTest(it.name):
                for _, _, alert in it.before:
                    annotations, labels = alert["annotations"], told(alert["labels"])
                    description = annotations["description"]
                    self.assertEqual(annotations.keys(), {"summary", "description", "runbook_url"})
                    self.assertEqual(annotations["runbook_url"], f"{RUNBOOKS}/{labels.alertname}.md")
                    self.assertIn(self.causes.told[labels], description)
                    if not labels.alertname.startswith("Notafter"):
                        self.assertIn(f"{labels.namespace}/{labels.what}", description)
                    [command] = re.findall(r"What to type: (.+)$", description)
                    commands.add(command)
        nothing = {it for it in commands if it.startswith("nothing that is sure to help")}
        for command in commands - nothing - {WITHOUT_POD}:
            with self.subTest(command):
                self.assertTypes(command)

    def test_a_pager_and_a_chat_are_sent_the_command_too(self):
        command = "kubectl -n shop delete secret hung-service-cert"
        for it in self.watched:
            with self.subTest(it.name):
                events = [it for it in it.receivers.of("pagerduty", "pager") if "hung-service-cert" in str(it)]
                expired = [it for it in events if "CertificateExpired" in it["payload"]["summary"]]
                self.assertEqual([it["event_action"] for it in expired], ["trigger", "resolve"])
                self.assertEqual(len({it["dedup_key"] for it in expired}), 1)
                self.assertIn(command, expired[0]["payload"]["custom_details"]["firing"])
                texts = [message["attachments"][0]["text"] for message in it.receivers.of("slack", "shop")]
                first, *_, last = [text for text in texts if command in text]
                self.assertRegex(first, "(?m)^firing .critical.: The certificate in Secret shop/hung-service-cert ended")
                self.assertIn(f"{RUNBOOKS}/CertificateExpired.md", first)
                self.assertRegex(last, "(?m)^resolved .critical.: ")

    def test_when_everything_is_mended_everything_is_resolved(self):
        for it in self.watched:
            with self.subTest(it.name):
                self.assertEqual(it.found_after, set())
                it.until_silent()
