"""The inhibitions of OpenShift and kube-prometheus, and what they do to these alerts, as docs/alerts.md says.

A real Prometheus fires the alerts and evaluates InfoInhibitor; a real Alertmanager has the rules of inhibition.
"""

import json
import pathlib
import re
import tempfile
import unittest

import yaml

import alertmanager
import prometheus
from alertmanager import Alertmanager
from control_plane import ROOT, wait_for
from prometheus import Prometheus
from promtool import ALERTS, ALERTS_OF_HUB

BY_NAME = {"equal": ["namespace", "alertname"]}
# openshift/cluster-monitoring-operator, assets/alertmanager/secret.yaml (4.6 to 4.23; 4.9 and older write them in the old form).
OPENSHIFT = [
    {"source_matchers": ["severity = critical"], "target_matchers": ["severity =~ warning|info"], **BY_NAME},
    {"source_matchers": ["severity = warning"], "target_matchers": ["severity = info"], **BY_NAME},
]
# prometheus-operator/kube-prometheus v0.18.0, manifests/alertmanager-secret.yaml; OpenShift 4.11 to 4.15 have it too, but not the
# alert.
BY_INFO_INHIBITOR = {
    "source_matchers": ["alertname = InfoInhibitor"], "target_matchers": ["severity = info"], "equal": ["namespace"],
}
KUBE_PROMETHEUS = [*OPENSHIFT, BY_INFO_INHIBITOR]
# The same repository, manifests/kubePrometheus-prometheusRule.yaml: there is an info alert, even one that waits, and no
# other alert that fires.
INFO_INHIBITOR = {
    "alert": "InfoInhibitor", "labels": {"severity": "none"},
    "expr": """
        group by (namespace) (ALERTS{severity="info"} == 1)
        unless on (namespace)
        group by (namespace) (ALERTS{alertname!="InfoInhibitor",alertstate="firing",severity=~"warning|critical"} == 1)
    """,
}


def alert(alertname, severity, namespace, name, cert_namespace=None, **more):
    of = {"kind": "Secret", "cert_namespace": cert_namespace or namespace, "name": name}
    return {"alertname": alertname, "severity": severity, "namespace": namespace, **of, **more}


EXPIRED, IMMINENT, BLOCKED = "CertificateExpired", "CertificateExpiryImminent", "CertificateRotationBlocked"
SENT = [
    alert(EXPIRED, "critical", "openshift-etcd", "etcd-serving"),
    alert(IMMINENT, "warning", "openshift-etcd", "etcd-metrics"),
    alert(EXPIRED, "warning", "shop", "web"),
    # In user-workload monitoring.
    alert(EXPIRED, "critical", "notafter", "etcd-serving", "openshift-etcd"),
    # Beside a warning with another name.
    alert(BLOCKED, "info", "shop", "checkout"),
    alert(BLOCKED, "warning", "docs", "search"),
    # Of several clusters.
    alert(EXPIRED, "critical", "openshift-ingress", "router", cluster="one"),
]
# By a more severe alert with the same name in the same namespace.
BY_THE_SAME_NAME = [
    alert(EXPIRED, "warning", "openshift-etcd", "backup"),
    alert(EXPIRED, "warning", "notafter", "web", "shop"),
    alert(EXPIRED, "info", "notafter", "left-over", "docs"),
    alert(BLOCKED, "info", "docs", "index"),
    alert(EXPIRED, "warning", "openshift-ingress", "custom", cluster="two"),
]
# By InfoInhibitor.
ALONE = [alert(BLOCKED, "info", "payments", "gateway")]
# Of others: they keep the inhibition.
OTHERS = [
    {"alertname": "KubePodCrashLooping", "severity": "critical", "namespace": "shop"},
    {"alertname": "KubePodCrashLooping", "severity": "warning", "namespace": "shop", "pod": "web-0"},
]


def key(labels):
    return tuple(sorted(labels.items()))


class Inhibited(unittest.TestCase):
    def document(self, heading):
        """Returns the rules of inhibition in a section of the document."""
        text = (ROOT / "docs/alerts.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
        [block] = re.findall(r"```yaml\n(inhibit_rules:.*?)```", text, re.DOTALL)
        return yaml.safe_load(block)["inhibit_rules"]

    def assertInhibits(self, inhibit_rules, fired, inhibited, with_info_inhibitor=False):
        """Asserts that exactly these of some alerts are inhibited, in every Alertmanager."""
        fields = lambda labels: {label: value for label, value in labels.items() if label != "alertname"}
        firing = [{"alert": labels["alertname"], "expr": "vector(1)", "labels": fields(labels)} for labels in fired]
        firing += [INFO_INHIBITOR] * with_info_inhibitor
        config = {"route": {"receiver": "none"}, "receivers": [{"name": "none"}], "inhibit_rules": inhibit_rules}
        for folders in zip(prometheus.FOLDERS, alertmanager.FOLDERS):
            with self.subTest(folders), tempfile.TemporaryDirectory() as work, Alertmanager(folders[1], config).ready() as receiver:
                file = pathlib.Path(work, "rules.json")
                file.write_text(json.dumps({"groups": [{"name": "alerts", "rules": firing}]}))
                alerting = {"alertmanagers": [{"static_configs": [{"targets": [receiver.address]}]}]}
                with Prometheus(folders[0], rule_files=[str(file)], alerting=alerting, flags=["--rules.alert.resend-delay=1s"]):
                    of = lambda found: set(map(key, found))
                    received = lambda: of(receiver.active()) >= of(fired)
                    wait_for("the alerts", received)
                    infos = lambda: [it for it in receiver.active() if it["alertname"] == "InfoInhibitor"]
                    wait_for("InfoInhibitor", lambda: not with_info_inhibitor or {it["namespace"] for it in infos()} == {"payments"})
                    self.assertEqual(of(receiver.inhibited()), of(inhibited))

    def test_the_alerts_exist_in_these_severities(self):
        known = {(rule["alert"], rule["labels"]["severity"]) for rule in ALERTS}
        own = {(it["alertname"], it["severity"]) for it in SENT + BY_THE_SAME_NAME + ALONE}
        self.assertLessEqual(own, known)

    def test_openshift_hides_an_alert_behind_a_more_severe_one_about_another_certificate(self):
        self.assertInhibits(OPENSHIFT, SENT + BY_THE_SAME_NAME + ALONE, BY_THE_SAME_NAME)

    def test_the_rule_about_info_inhibitor_has_no_effect_without_that_alert(self):
        self.assertInhibits(KUBE_PROMETHEUS, SENT + BY_THE_SAME_NAME + ALONE, BY_THE_SAME_NAME)

    def test_kube_prometheus_also_hides_an_info_in_a_namespace_without_another_alert(self):
        self.assertInhibits(KUBE_PROMETHEUS, SENT + BY_THE_SAME_NAME + ALONE, BY_THE_SAME_NAME + ALONE, True)

    def test_the_documented_rules_hide_none_of_these_alerts_and_the_same_of_others(self):
        rules = self.document("Inhibitions of others")
        fired = SENT + BY_THE_SAME_NAME + ALONE + OTHERS
        self.assertInhibits(rules, fired, OTHERS[1:], True)

    def test_the_documented_rules_name_every_alert(self):
        for rule in self.document("Inhibitions of others"):
            [excluded] = re.findall(r'alertname !~ "([^"]+)"', str(rule["target_matchers"]))
            for it in (*ALERTS, *ALERTS_OF_HUB):
                self.assertRegex(it["alert"], f"^(?:{excluded})$")

    def test_the_alert_about_a_fleet_hides_those_of_its_clusters_and_no_others(self):
        of = lambda alertname, severity, name, **more: alert(alertname, severity, "shop", name, **more)
        hidden = [of(IMMINENT, "warning", "web", cluster="one"), of(EXPIRED, "warning", "web", cluster="two")]
        sent = [
            of("CertificateExpiresInFleet", "warning", "web"), of(IMMINENT, "critical", "web", cluster="three"),
            of(IMMINENT, "warning", "api", cluster="one"), of("CertificateExpiresSoon", "warning", "web", cluster="four"),
        ]
        self.assertInhibits(self.document("Several clusters in one ruler"), sent + hidden, hidden)
