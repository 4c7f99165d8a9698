"""The files of the dashboards: texts, units and variables, and how Grafana and the console find them."""

import json
import os
import re
import subprocess
import unittest

import yaml

from dashboards import CONSOLE, FOLDER, GRAFANA, RUNBOOKS, Dashboard

# The panels that openshift/monitoring-plugin renders (LegacyDashboard.tsx); it omits all others silently.
CONSOLES_TYPES = {"gauge", "grafana-piechart-panel", "graph", "singlestat", "table"}
# The largest object that `kubectl apply` can keep in an annotation.
LARGEST = 256 * 1024


class Written(unittest.TestCase):
    @staticmethod
    def each(*files):
        return [(file, Dashboard(file)) for file in files or (*GRAFANA, CONSOLE)]

    def test_every_panel_has_a_description(self):
        for _, dashboard in self.each():
            titles = [it.title for it in dashboard.panels]
            self.assertEqual(len(titles), len(set(titles)))
            for panel in dashboard.panels:
                with self.subTest(dashboard=dashboard, panel=panel.title):
                    self.assertRegex(panel.json["description"], r"^[A-Z][^\n]{30,}[.:]$")
                    self.assertTrue(panel.targets)

    def test_every_number_has_a_unit(self):
        for _, dashboard in self.each(*GRAFANA):
            for panel in dashboard.panels:
                with self.subTest(dashboard=dashboard, panel=panel.title):
                    self.assertTrue(panel.json["fieldConfig"]["defaults"]["unit"])
                    self.assertTrue(panel.json["fieldConfig"]["defaults"].get("noValue") or self.is_a_count(panel))
                    # 1000 times a Prometheus time is a Grafana time, and displayed as one.
                    times = [it for it in panel.targets if re.match(r"(sort\()?1000 \*", it["expr"])]
                    self.assertEqual(json.dumps(panel.json["fieldConfig"]).count('"dateTime'), len(times))
        for panel in Dashboard(CONSOLE).panels:
            with self.subTest(dashboard="console", panel=panel.title):
                styles = [it for it in panel.json.get("styles", []) if it["type"] == "number"]
                shown = [it["format"] for it in panel.json.get("yaxes", [])] + [it["unit"] for it in styles]
                values = [it for it in panel.shown() if it.startswith("Value")] if panel.type == "table" else ["it"]
                self.assertTrue(all(shown) and (len(shown) >= len(values) or panel.json.get("format")))

    def test_the_text_for_an_empty_table_is_not_that_of_its_empty_cells(self):
        cells = {"matcher": {"id": "byRegexp", "options": ".*"}, "properties": [{"id": "noValue", "value": ""}]}
        for _, dashboard in self.each(*GRAFANA):
            for panel in dashboard.panels:
                self.assertEqual(cells in panel.json["fieldConfig"]["overrides"], panel.type == "table", panel.title)

    @staticmethod
    def is_a_count(panel):
        return panel.type == "stat" and panel.targets[0]["expr"].endswith("or vector(0)")

    def test_every_panel_uses_the_chosen_data_source(self):
        chosen = {"type": "prometheus", "uid": "${datasource}"}
        for _, dashboard in self.each(*GRAFANA):
            for panel, target in dashboard.targets():
                self.assertEqual((panel.json["datasource"], target["datasource"]), (chosen, chosen), panel.title)
            for variable in dashboard.variables.values():
                self.assertEqual(variable.get("datasource", chosen), chosen)
            self.assertEqual(dashboard.variables["datasource"]["query"], "prometheus")

    def test_every_selector_uses_the_chosen_cluster(self):
        metric = r"\b(?:ALERTS\w*|(?!cert_namespace)cert_\w+|olm_csv_\w+|notafter[:_]\w+|process_\w+)\b"
        for _, dashboard in self.each(*GRAFANA):
            for panel, target in dashboard.targets():
                selectors = re.findall(rf"{metric}(\{{[^{{}}]*\}})?", target["expr"])
                self.assertTrue(selectors, panel.title)
                for selector in selectors:
                    self.assertIn('cluster=~"$cluster"', selector, panel.title)

    def test_the_alerts_of_notafter_are_selected_and_no_others(self):
        [pattern] = set(re.findall(r'alertname=~\\"([^"\\]*)\\"', CONSOLE.read_text()))
        for _, dashboard in self.each(*GRAFANA):
            self.assertEqual(dashboard.variables["alerts"]["query"], pattern)
        others = ["OperatorHubSourceError", "ClusterOperatorDown", "CertManagerAbsent"]  # of OpenShift, cert-manager
        self.assertEqual([name for name in [*RUNBOOKS, *others] if re.fullmatch(pattern, name)], list(RUNBOOKS))

    def test_links_between_dashboards_lead_to_dashboards(self):
        uids = {dashboard.json["uid"] for _, dashboard in self.each()}
        self.assertEqual(len(uids), 3)
        linked = {it for file in GRAFANA for it in re.findall(r'"/d/([\w-]+)/', file.read_text())}
        self.assertEqual(linked, {"notafter", "notafter-fleet"})
        self.assertLessEqual(linked, uids)

    def test_the_console_can_show_every_panel(self):
        dashboard = Dashboard(CONSOLE)
        self.assertLessEqual({it.type for it in dashboard.panels}, CONSOLES_TYPES)
        for it in dashboard.variables.values():
            # It hides variables unless `hide` is 0, and understands this form only, with the space.
            self.assertEqual((it["type"], it["hide"]), ("query", 0))
            self.assertRegex(it["query"], r"^label_values\(\w.*, \w+\)$")
        self.assertNotIn("${", CONSOLE.read_text())
        for row in dashboard.rows:
            self.assertLessEqual({it["span"] for it in row["panels"]}, set(range(1, 13)))


class Installed(unittest.TestCase):
    def built(self, folder):
        command = [os.environ["KUBECTL"], "kustomize", folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return list(yaml.safe_load_all(done.stdout))

    def test_the_sidecar_of_grafana_finds_both(self):
        [it] = self.built(FOLDER)
        self.assertEqual((it["kind"], it["metadata"]["labels"]["grafana_dashboard"]), ("ConfigMap", "1"))
        self.assertEqual(it["data"], {file.name: file.read_text() for file in GRAFANA})
        self.assertLess(len(json.dumps(it)), LARGEST)

    def test_the_console_finds_its_dashboard(self):
        [it] = self.built(CONSOLE.parent)
        self.assertEqual(it["metadata"]["namespace"], "openshift-config-managed")
        self.assertEqual(it["metadata"]["labels"]["console.openshift.io/dashboard"], "true")
        self.assertEqual(it["data"], {CONSOLE.name: CONSOLE.read_text()})

    def test_the_readme_lists_the_metrics_of_a_fleet(self):
        asked = "\n".join(target["expr"] for _, target in Dashboard(GRAFANA[1]).targets())
        named = set(re.findall(r"\b(?:ALERTS|(?:cert|olm)_\w+|notafter[:_]\w+)(?=[{\[])", asked))
        [listed] = re.findall(r"names:\n((?: +- \S+\n)+)", (FOLDER / "README.md").read_text())
        self.assertEqual({it.strip(" -") for it in listed.splitlines()}, named)
