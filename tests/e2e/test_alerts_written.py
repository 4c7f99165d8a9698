"""The rules as they are written: their two forms, their runbooks, and what their expressions keep."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from control_plane import ROOT, wait_for
from prometheus import FOLDERS, Prometheus
from promtool import SHIPPED
from test_alerts import ALERTS, PLAIN

RULES = [rule for group in SHIPPED["groups"] for rule in group["rules"]]
RUNBOOKS = "https://github.com/notafter/notafter/blob/main/docs/runbooks"
# What a target has, and what the stacks overwrite.
OF_TARGETS = {"instance", "pod", "job", "namespace", "service", "container", "endpoint"}


def kept(node, is_aggregated=False):
    """The series of notafter in a parsed query of which something may be left that one target has and another has not."""
    if isinstance(node, list):
        return {it for one in node for it in kept(one, is_aggregated)}
    if not isinstance(node, dict):
        return set()
    if node.get("type") == "aggregation":
        is_aggregated |= not node["without"] and not OF_TARGETS & set(node["grouping"])
    if node.get("type") in ("vectorSelector", "matrixSelector"):
        # What is recorded, and ALERTS, has been aggregated before.
        own = ":" in node["name"] or node["name"] == "ALERTS"
        return set() if own or is_aggregated else {node["name"]}
    return {it for value in node.values() for it in kept(value, is_aggregated)}


class Written(unittest.TestCase):
    def test_the_file_for_a_plain_prometheus_has_the_same_rules(self):
        self.assertEqual(yaml.safe_load(PLAIN.read_text()), SHIPPED)

    def test_every_alert_has_a_runbook_and_every_runbook_an_alert(self):
        files = {it.stem for it in (ROOT / "docs/runbooks").glob("*.md")}
        self.assertEqual(files, {it["alert"] for it in ALERTS})
        for it in ALERTS:
            self.assertEqual(it["annotations"]["runbook_url"], f"{RUNBOOKS}/{it['alert']}.md")
            heading, *_ = (ROOT / f"docs/runbooks/{it['alert']}.md").read_text().splitlines()
            self.assertEqual(heading, f"# {it['alert']}")

    def test_no_expression_keeps_a_label_of_the_target(self):
        with Prometheus(FOLDERS[0]) as prometheus:
            wait_for("Prometheus", lambda: prometheus.get("status/buildinfo"))
            parsed = lambda expression: prometheus.get("parse_query", query=expression)
            for rule in RULES:
                with self.subTest(rule.get("alert") or rule["record"]):
                    self.assertEqual(kept(parsed(rule["expr"])), set())
            loose = "sum(a) / on (name) b > 0 or max by (job) (last_over_time(c[5m]))"
            self.assertEqual(kept(parsed(loose)), {"b", "c"}, "it does look")

    def test_the_documents_kustomization_drops_an_alert_and_lets_another_wait(self):
        document = (ROOT / "docs/alerts.md").read_text()
        [text] = re.findall(r"```yaml\n(# kustomization.yaml.*?)```", document, re.DOTALL)
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "kustomization.yaml").write_text(text)
            shutil.copytree(ROOT / "alerts", pathlib.Path(folder) / "notafter/alerts")
            command = [os.environ["KUBECTL"], "kustomize", folder]
            built = yaml.safe_load(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        waits = {it["alert"]: it["for"] for it in ALERTS} | {"NotafterDown": "1h"}
        del waits["OperatorNotSettled"]
        built = [rule for group in built["spec"]["groups"] for rule in group["rules"]]
        self.assertEqual({it["alert"]: it["for"] for it in built if "alert" in it}, waits)
