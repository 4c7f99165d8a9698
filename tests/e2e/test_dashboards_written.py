"""Dashboards as they are written: what each needs to be read, and to be found where it is installed."""

import itertools
import json
import os
import re
import subprocess
import unittest

import yaml

from dashboards import CONSOLE, FOLDER, GRAFANA, RUNBOOKS, Dashboard

# What openshift/monitoring-plugin renders (LegacyDashboard.tsx); it leaves out everything else without a word.
CONSOLES_TYPES = {"gauge", "grafana-piechart-panel", "graph", "singlestat", "table"}
# The largest object whose text `kubectl apply` can keep in an annotation.
LARGEST = 256 * 1024


class Written(unittest.TestCase):
    @staticmethod
    def each(*files):
        return [(file, Dashboard(file)) for file in files or (*GRAFANA, CONSOLE)]

    def test_json_is_laid_out_as_it_is_kept(self):
        for file, dashboard in self.each():
            self.assertEqual(file.read_text(), json.dumps(dashboard.json, indent=2, ensure_ascii=False) + "\n")

    def test_every_panel_says_what_it_shows(self):
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
                    # What is 1000 times a time in Prometheus is a time in Grafana, and is shown as one.
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

    def test_every_panel_asks_the_chosen_data_source(self):
        chosen = {"type": "prometheus", "uid": "${datasource}"}
        for _, dashboard in self.each(*GRAFANA):
            for panel, target in dashboard.questions():
                self.assertEqual((panel.json["datasource"], target["datasource"]), (chosen, chosen), panel.title)
            for variable in dashboard.variables.values():
                self.assertEqual(variable.get("datasource", chosen), chosen)
            self.assertEqual(dashboard.variables["datasource"]["query"], "prometheus")

    def test_every_variable_is_used_and_every_used_one_is_there(self):
        for _, dashboard in self.each():
            text = json.dumps(dashboard.json)
            used = set(re.findall(r"\$\{?([a-z]+)", text)) - {"datasource"}
            used |= {"datasource"} & {it["name"] for it in dashboard.variables.values()}
            self.assertEqual(used, set(dashboard.variables))

    def test_every_selector_goes_by_the_chosen_cluster(self):
        metric = r"\b(?:ALERTS\w*|(?!cert_namespace)cert_\w+|olm_csv_\w+|notafter[:_]\w+|process_\w+)\b"
        for _, dashboard in self.each(*GRAFANA):
            for panel, target in dashboard.questions():
                selectors = re.findall(rf"{metric}(\{{[^{{}}]*\}})?", target["expr"])
                self.assertTrue(selectors, panel.title)
                for selector in selectors:
                    self.assertIn('cluster=~"$cluster"', selector, panel.title)

    def test_the_alerts_are_those_of_the_rules(self):
        for _, dashboard in self.each(*GRAFANA):
            self.assertCountEqual(dashboard.variables["alerts"]["query"].split("|"), RUNBOOKS)
        [alerts] = set(re.findall(r'alertname=~\\"([^"\\]*)\\"', CONSOLE.read_text()))
        self.assertCountEqual(alerts.split("|"), RUNBOOKS)

    def test_panels_do_not_lie_upon_each_other(self):
        for _, dashboard in self.each(*GRAFANA):
            taken, ids = {}, set()
            for it in dashboard.json["panels"]:
                at = it["gridPos"]
                self.assertLessEqual(at["x"] + at["w"], 24, it["title"])
                across, down = range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])
                for cell in itertools.product(across, down):
                    self.assertNotIn(cell, taken, f"{it['title']} and {taken.get(cell)}")
                    taken[cell] = it["title"]
                self.assertNotIn(it["id"], ids)
                ids.add(it["id"])

    def test_links_between_dashboards_lead_somewhere(self):
        uids = {dashboard.json["uid"] for _, dashboard in self.each()}
        self.assertEqual(len(uids), 3)
        linked = {it for file in GRAFANA for it in re.findall(r'"/d/([\w-]+)/', file.read_text())}
        self.assertEqual(linked, {"notafter", "notafter-fleet"})
        self.assertLessEqual(linked, uids)

    def test_the_console_can_show_every_panel(self):
        dashboard = Dashboard(CONSOLE)
        self.assertLessEqual({it.type for it in dashboard.panels}, CONSOLES_TYPES)
        for it in dashboard.variables.values():
            # It hides a variable that does not say 0, and understands this form alone, with a space.
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

    def test_grafanas_sidecar_finds_both(self):
        [it] = self.built(FOLDER)
        self.assertEqual((it["kind"], it["metadata"]["labels"]["grafana_dashboard"]), ("ConfigMap", "1"))
        self.assertEqual(it["data"], {file.name: file.read_text() for file in GRAFANA})
        self.assertLess(len(json.dumps(it)), LARGEST)

    def test_the_console_finds_its_own(self):
        [it] = self.built(CONSOLE.parent)
        self.assertEqual(it["metadata"]["namespace"], "openshift-config-managed")
        self.assertEqual(it["metadata"]["labels"]["console.openshift.io/dashboard"], "true")
        self.assertEqual(it["data"], {CONSOLE.name: CONSOLE.read_text()})

    def test_the_readme_lists_what_a_fleet_has_to_send(self):
        asked = "\n".join(target["expr"] for _, target in Dashboard(GRAFANA[1]).questions())
        named = set(re.findall(r"\b(?:ALERTS|(?:cert|olm)_\w+|notafter[:_]\w+)(?=[{\[])", asked))
        [listed] = re.findall(r"names:\n((?: +- \S+\n)+)", (FOLDER / "README.md").read_text())
        self.assertEqual({it.strip(" -") for it in listed.splitlines()}, named)
