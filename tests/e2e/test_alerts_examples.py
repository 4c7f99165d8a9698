"""The examples for OpenShift: a real API server accepts them, and they have the effect that their comments promise."""

import copy
import json
import pathlib
import subprocess
import tempfile
import unittest

import yaml

import alertmanager
import prometheus
from alertmanager import Alertmanager
from control_plane import ROOT, shared, wait_for
from prometheus import Prometheus
from promtool import ALERTS
from test_manifests import APPLY

EXAMPLES = ROOT / "alerts/examples"
RELABELED = EXAMPLES / "openshift-alertrelabelconfig.yaml"
ROUTED = EXAMPLES / "openshift-alertmanagerconfig.yaml"
ACCEPTED = (RELABELED, ROUTED, EXAMPLES / "thresholds.yaml")

# What Alertmanager receives: the severity and the team, or nothing.
RELABELS = {
    ("OperatorNotSettled", "warning", "shop"): ("info", "shop"),
    ("OperatorNotSettled", "warning", "openshift-operators"): ("info", ""),
    ("OperatorCertificateFailure", "warning", "shop-test"): ("warning", "shop"),
    ("CertificateExpired", "warning", "sandbox-7"): None,
    ("CertificateRotationBlocked", "info", "sandbox"): None,
    ("CertificateExpired", "critical", "sandbox-7"): ("critical", ""),
    ("CertificateExpired", "warning", "sandboxes"): ("warning", ""),
    ("CertificateExpired", "critical", "shop"): ("critical", "shop"),
    ("CertificateExpiresSoon", "warning", "workshop"): ("warning", ""),
    ("NotafterBlind", "warning", "notafter"): ("warning", ""),
    ("OperatorHubSourceError", "warning", "shop"): ("warning", ""),
    ("KubePodCrashLooping", "warning", "sandbox"): ("warning", ""),
}

# Alerts of OpenShift and of kube-prometheus.
OTHERS = {("OperatorHubSourceError", "warning", "shop"), ("KubePodCrashLooping", "warning", "sandbox")}

# The receivers of an alert in notafter's namespace.
RECEIVERS = {
    ("severity=critical", "cert_namespace=shop"): "shop",
    ("severity=warning", "cert_namespace=shop-test"): "shop",
    ("severity=warning", "csv_namespace=shop"): "shop",
    ("severity=warning", "cert_namespace=workshop"): "platform",
    ("severity=critical", "cert_namespace=openshift-etcd"): "platform",
    ("severity=warning", "alertname=NotafterDown"): "platform",
    ("severity=info", "cert_namespace=shop"): "notes",
}


def relabel_configs(config):
    """Returns the rules in Prometheus' format, as pkg/alert/relabel_controller.go of openshift/cluster-monitoring-operator."""
    names = {"sourceLabels": "source_labels", "targetLabel": "target_label"}
    return [
        {names.get(field, field): value for field, value in each.items()} | {"action": each["action"].lower()}
        for each in config["spec"]["configs"]
    ]


def configuration(config):
    """Returns the routes in Alertmanager's format, as pkg/alertmanager/amcfg.go of prometheus-operator/prometheus-operator."""
    metadata = config["metadata"]
    named = lambda receiver: f"{metadata['namespace']}/{metadata['name']}/{receiver}"
    names = {"groupBy": "group_by", "groupWait": "group_wait", "groupInterval": "group_interval", "repeatInterval": "repeat_interval"}

    def route(of):
        given = {names[field]: value for field, value in of.items() if field in names}
        matchers = [f"{it['name']}{it['matchType']}{json.dumps(it['value'])}" for it in of.get("matchers", [])]
        return given | {"receiver": named(of["receiver"]), "matchers": matchers, "routes": list(map(route, of.get("routes", [])))}

    own = route(config["spec"]["route"])
    own["matchers"].append(f'namespace="{metadata["namespace"]}"')
    receivers = [{"name": named(receiver["name"])} for receiver in config["spec"]["receivers"]]
    return {"route": {"receiver": "default", "routes": [own | {"continue": True}]}, "receivers": [{"name": "default"}, *receivers]}


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = shared()
        cls.plane.create_namespaces("notafter", "openshift-monitoring")
        cls.relabeled, cls.routed = (yaml.safe_load(file.read_text()) for file in (RELABELED, ROUTED))

    def test_the_api_server_accepts_every_example_in_every_field(self):
        for file in ACCEPTED:
            with self.subTest(file.name):
                namespace = [] if file in (RELABELED, ROUTED) else ["--namespace=notafter"]
                applied = self.plane.kubectl(*APPLY, *namespace, stdin=file.read_text())
                self.assertEqual(len(applied.splitlines()), 1, applied)

    def test_it_refuses_a_field_and_a_value_that_do_not_exist(self):
        field, action, matcher = copy.deepcopy(self.relabeled), copy.deepcopy(self.relabeled), copy.deepcopy(self.routed)
        field["spec"]["configs"][0]["sourceLabel"] = ["x"]
        action["spec"]["configs"][0]["action"] = "Remove"
        matcher["spec"]["route"]["matchers"] = [{"name": "severity", "matchType": "==", "value": "info"}]
        for object, error in ((field, "field not declared"), (action, "Unsupported value"), (matcher, "Unsupported value")):
            done = self.plane.run_kubectl(*APPLY, stdin=json.dumps(object))
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(error, done.stderr)

    def test_the_relabeled_alerts_exist_in_these_severities(self):
        known = {(rule["alert"], rule["labels"]["severity"]) for rule in ALERTS}
        self.assertLessEqual({(name, severity) for name, severity, _ in RELABELS.keys() - OTHERS}, known)

    def test_relabeled_alerts_reach_alertmanager_as_promised_and_all_others_unchanged(self):
        firing = [
            {"alert": name, "expr": "vector(1)", "labels": {"severity": severity, "namespace": namespace, "was": severity}}
            for name, severity, namespace in RELABELS
        ]
        config = {"route": {"receiver": "none"}, "receivers": [{"name": "none"}]}
        expected = {(*key, *value) for key, value in RELABELS.items() if value}
        for folders in zip(prometheus.FOLDERS, alertmanager.FOLDERS):
            with self.subTest(folders), tempfile.TemporaryDirectory() as work, Alertmanager(folders[1], config).ready() as receiver:
                file = pathlib.Path(work, "rules.json")
                file.write_text(json.dumps({"groups": [{"name": "alerts", "rules": firing}]}))
                alerting = {
                    "alert_relabel_configs": relabel_configs(self.relabeled),
                    "alertmanagers": [{"static_configs": [{"targets": [receiver.address]}]}],
                }
                with Prometheus(folders[0], rule_files=[str(file)], alerting=alerting, flags=["--rules.alert.resend-delay=1s"]):
                    received = lambda: {
                        tuple(labels.get(it, "") for it in ("alertname", "was", "namespace", "severity", "team"))
                        for labels in receiver.active()
                    }
                    wait_for("the alerts", lambda: received() >= expected)
                    self.assertEqual(received(), expected)

    def test_every_alert_in_notafters_namespace_reaches_the_team_that_owns_its_object(self):
        config = configuration(self.routed)
        prefix = "notafter/notafter/"
        for folder in alertmanager.FOLDERS:
            with tempfile.TemporaryDirectory() as work:
                file = pathlib.Path(work, "alertmanager.json")
                file.write_text(json.dumps(config))

                def receivers(*labels):
                    command = [folder / "amtool", "config", "routes", "test", f"--config.file={file}", *labels]
                    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

                for labels, receiver in RECEIVERS.items():
                    with self.subTest(folder=folder, labels=labels):
                        self.assertEqual(receivers("namespace=notafter", *labels), prefix + receiver)
                self.assertEqual(receivers("namespace=shop", "severity=warning", "cert_namespace=shop"), "default")

    def test_every_receiver_shows_the_text_and_takes_its_address_from_a_secret(self):
        for receiver in self.routed["spec"]["receivers"]:
            [slack] = receiver["slackConfigs"]
            self.assertIn(".Annotations.description", slack["text"])
            self.assertEqual(slack["apiURL"]["name"], "notafter-slack")
