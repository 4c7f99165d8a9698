"""The text of the rules: both formats, runbooks, the documented patch, and the labels that expressions use."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

import rules
from control_plane import ROOT, wait_for
from dashboards import FLEET
from prometheus import FOLDERS, Prometheus
from promtool import ALERTS, ALERTS_OF_HUB, OF_HUB, PLAIN, SHIPPED

RULES = rules.each(SHIPPED) + rules.each(OF_HUB)
RUNBOOKS = "https://github.com/notafter/notafter/blob/main/docs/runbooks"
# The labels of a target, and those that monitoring stacks overwrite.
OF_TARGETS = {"instance", "pod", "job", "namespace", "service", "container", "endpoint"}


SIGHT = {"notafter_list_up", "notafter_build_info"}


def kept(node, is_aggregated=False):
    """Returns the scraped series of a parsed query whose target labels may be in its result."""
    if isinstance(node, list):
        return {name for child in node for name in kept(child, is_aggregated)}
    if not isinstance(node, dict):
        return set()
    if node.get("type") == "aggregation":
        drops = node["op"] not in ("topk", "bottomk") and not node["without"]
        is_aggregated |= drops and not OF_TARGETS & set(node["grouping"])
    if node.get("type") in ("vectorSelector", "matrixSelector"):
        # Recorded series and ALERTS have been aggregated before.
        is_own = ":" in node["name"] or node["name"] == "ALERTS"
        return set() if is_own or is_aggregated else {node["name"]}
    return {name for child in node.values() for name in kept(child, is_aggregated)}


class Written(unittest.TestCase):
    def test_the_file_for_a_plain_prometheus_has_the_same_rules(self):
        self.assertEqual(yaml.safe_load(PLAIN.read_text()), SHIPPED)

    def test_every_alert_has_a_runbook_and_every_runbook_an_alert(self):
        files = {file.stem for file in (ROOT / "docs/runbooks").glob("*.md")}
        self.assertEqual(files, {rule["alert"] for rule in (*ALERTS, *ALERTS_OF_HUB)})
        for rule in (*ALERTS, *ALERTS_OF_HUB):
            self.assertEqual(rule["annotations"]["runbook_url"], f"{RUNBOOKS}/{rule['alert']}.md")
            heading, *_ = (ROOT / f"docs/runbooks/{rule['alert']}.md").read_text().splitlines()
            self.assertEqual(heading, f"# {rule['alert']}")

    def test_objects_are_told_apart_by_kind_too(self):
        for rule in RULES:
            # Thresholds of users go by namespace and name, whatever the kind.
            if rule.get("record") != "notafter:ending":
                with self.subTest(rule.get("alert") or rule["record"]):
                    uses = [
                        *re.findall(r"\b(?:by|on) \(([^()]*\bname\b[^()]*)\)", rule["expr"]),
                        *re.findall(r"{([^{}]*\bname=[^{}]*)}", rule["expr"]),
                        *re.findall(r'"([^"]*\bname=%q[^"]*)"', str(rule.get("annotations"))),
                    ]
                    self.assertEqual([labels for labels in uses if "kind" not in labels], [])

    def test_no_expression_keeps_a_label_of_the_target(self):
        with Prometheus(FOLDERS[0]) as prometheus:
            wait_for("Prometheus", lambda: prometheus.get("status/buildinfo"))
            parsed = lambda expression: prometheus.get("parse_query", query=expression)
            for rule in RULES:
                # It judges replicas, by their addresses.
                own = SIGHT if rule.get("record") == "notafter:sight" else set()
                with self.subTest(rule.get("alert") or rule["record"]):
                    self.assertEqual(kept(parsed(rule["expr"])), own)
            loose = "sum(a) / on (name) b > 0 or max by (job) (last_over_time(c[5m]))"
            self.assertEqual(kept(parsed(loose)), {"b", "c"})

    def test_the_rules_of_the_hub_read_only_what_the_store_of_a_fleet_has_with_its_cluster(self):
        recorded = {rule["record"] for rule in rules.each(OF_HUB) if "record" in rule}
        text = "\n".join(rule["expr"] + str(rule.get("annotations")) for rule in rules.each(OF_HUB))
        read = re.findall(r"\b(ALERTS|notafter[:_]\w+)\b(\{[^{}]*\})?", text)
        self.assertEqual({name for name, _ in read} - recorded - set(FLEET), set())
        for name, labels in read:
            # The hub's own alerts have none.
            if name not in recorded and "InFleet" not in labels and "FleetSilent" not in labels and labels:
                self.assertRegex(labels, r'cluster!=\\*"', name)

    def test_the_documented_kustomization_drops_one_alert_and_delays_another(self):
        document = (ROOT / "docs/alerts.md").read_text()
        [text] = re.findall(r"```yaml\n(# kustomization.yaml.*?)```", document, re.DOTALL)
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "kustomization.yaml").write_text(text)
            shutil.copytree(ROOT / "alerts", pathlib.Path(folder) / "notafter/alerts")
            command = [os.environ["KUBECTL"], "kustomize", folder]
            built = yaml.safe_load(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        waits = {rule["alert"]: rule["for"] for rule in ALERTS} | {"NotafterDown": "1h"}
        del waits["OperatorNotSettled"]
        self.assertEqual({rule["alert"]: rule["for"] for rule in rules.alerts(built["spec"])}, waits)
