"""The files of the dashboards: texts, units and variables, and how Grafana and the console find them."""

import json
import os
import re
import subprocess
import tempfile
import unittest

import yaml

from dashboards import CONSOLE, FLEET, FOLDER, GRAFANA, RUNBOOKS, Dashboard, interpolated
from prometheus import FOLDERS
from promtool import run

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
            for it in (*dashboard.variables.values(), *dashboard.json["annotations"]["list"]):
                self.assertEqual(it.get("datasource", chosen), chosen)
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
        self.assertEqual(len(uids), 4)
        linked = {it for file in GRAFANA for it in re.findall(r'"/d/([\w-]+)/', file.read_text())}
        self.assertEqual(linked, {"notafter", "notafter-fleet", "notafter-certificate"})
        self.assertLessEqual(linked, uids)

    def test_links_set_variables_that_exist_to_columns_that_exist(self):
        dashboards = {dashboard.json["uid"]: dashboard for _, dashboard in self.each(*GRAFANA)}
        for _, dashboard in self.each(*GRAFANA):
            for panel in dashboard.panels:
                for uid, query in re.findall(r'"/d/([\w-]+)/\?([^"]+)"', json.dumps(panel.json)):
                    with self.subTest(dashboard=dashboard, panel=panel.title):
                        self.assertLessEqual(set(re.findall(r"var-(\w+)=", query)), set(dashboards[uid].variables))
                        # A link reads hidden columns, but none that was removed.
                        self.assertLessEqual(set(re.findall(r"__data\.fields\.(\w+)", query)), set(panel.shown()))

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

    def test_the_sidecar_of_grafana_finds_all(self):
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
        cluster, fleet, certificate = (Dashboard(file).metrics() for file in GRAFANA)
        self.assertEqual(FLEET, sorted(set(FLEET)))
        self.assertLessEqual(fleet, set(FLEET))
        self.assertLessEqual(set(FLEET), cluster | fleet | certificate)
        self.assertFalse({it for it in FLEET if it.startswith("cert_")})


class Answered(unittest.TestCase):
    """Queries about states that the clusters of the other tests do not have."""

    def hold(self, query, series, samples):
        """Asserts that a query has these samples in the first minute."""
        test = {
            "interval": "1m", "input_series": [{"series": it, "values": value} for it, value in series.items()],
            "promql_expr_test": [{"expr": query, "eval_time": "0m", "exp_samples": [
                {"labels": labels, "value": value} for labels, value in samples.items()
            ]}],
        }
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(json.dumps({"rule_files": [], "tests": [test]}))
            file.flush()
            for folder in FOLDERS:
                self.assertEqual(run(folder, "test", "rules", file.name), "")

    @staticmethod
    def query(file, title, ref="A", **chosen):
        dashboard = Dashboard(file)
        constants = {name: it["query"] for name, it in dashboard.variables.items() if it["type"] == "constant"}
        [target] = [it for it in dashboard.panel(title).targets if it["refId"] == ref]
        everything = {name: ".*" for name in ("cluster", "namespace", "manager")} | {"search": ""}
        return interpolated(target["expr"], everything | constants | chosen, 0)

    LATE = {
        'ALERTS{alertname="CertificateManagerLate",alertstate="firing",severity="warning",manager="cert-manager"}': "1",
        'ALERTS{alertname="CertificateManagerLate",alertstate="firing",severity="warning",manager="olm"}': "1",
        'notafter_manager_info{manager="cert-manager",remedy="kubectl get pods",instance="a"}': "1",
        'notafter_manager_info{manager="cert-manager",remedy="kubectl get pods",instance="b"}': "1",
        'notafter_manager_info{manager="olm",remedy="oc get pods",instance="a"}': "1",
    }

    def test_a_late_manager_has_its_command(self):
        row = lambda of, manager, remedy: (
            f'{{alertname="CertificateManagerLate",severity="warning",manager="{manager}",resource="{manager}",'
            f'{of}action="Look at",remedy="{remedy}"}}'
        )
        grafana = lambda manager, remedy: row(f'what="{manager}",', manager, remedy)
        both = [("cert-manager", "kubectl get pods"), ("olm", "oc get pods")]
        asked = lambda **chosen: self.query(GRAFANA[0], "Needs attention", "B", **chosen)
        self.hold(asked(), self.LATE, {grafana(*it): 2 for it in both})
        self.hold(asked(manager="olm"), self.LATE, {grafana(*both[1]): 2})
        self.hold(asked(namespace="shop"), self.LATE, {})
        self.hold(self.query(CONSOLE, "Needs attention", namespace=".+"), self.LATE, {row("", *it): 0 for it in both})

    def test_two_certificates_in_many_places_are_two_rows(self):
        alert = 'alertname="CertificateInManyPlaces",severity="warning"'
        series = {f'ALERTS{{{alert},alertstate="firing",shared="{shared}"}}': "1" for shared in ("0a1b", "2c3d")}
        self.hold(self.query(GRAFANA[0], "Warning"), series, {"{}": 2})
        row = lambda shared, more: f'{{{alert},resource="{shared}"{more(shared)}}}'
        what = lambda shared: f',what="{shared}"'
        for file, ref, rank, more in ((GRAFANA[0], "B", 2, what), (CONSOLE, "A", 0, lambda _: "")):
            asked = self.query(file, "Needs attention", ref, **({"namespace": ".+"} if file == CONSOLE else {}))
            with self.subTest(file.name):
                self.hold(asked, series, {row(shared, more): rank for shared in ("0a1b", "2c3d")})

    def test_a_store_without_deduplication_counts_every_object_once(self):
        object = 'cert_namespace="shop",kind="Secret",name="tls"'
        place = f'cluster="a",{object}'
        alert = 'alertname="CertificateExpired",severity="warning"'
        values = {
            "notafter:not_after_seconds": "-60", "notafter:overdue": "-60", "notafter:rotation_blocked": "-60",
            "notafter:life_seconds": "31536000", "notafter:due_seconds": "-120", "notafter_list_up": "1",
        }
        series = {}
        for replica in ("1", "2"):
            series |= {f'{it}{{{place},manager="none",replica="{replica}"}}': value for it, value in values.items()}
            series[f'ALERTS{{{alert},alertstate="firing",{place},replica="{replica}"}}'] = "1"
        cluster, fleet = GRAFANA[:2]
        manager = '{cluster="a",manager="none"}'
        for file, title, refs, labels, value in (
            (cluster, "Warning", "A", "{}", 1),
            (cluster, "Expired", "A", "{}", 1),
            (cluster, "By manager", "ABCD", manager, 1),
            (cluster, "Certificates", "A", f'{{{place},manager="none"}}', -1),
            (cluster, "Needs attention", "A", f'{{{alert},{place},manager="none"}}', -1),
            (cluster, "Needs attention", "B", f'{{{alert},{place},manager="none",where="shop"}}', 2),
            (fleet, "Clusters", "CEFG", '{cluster="a"}', 1),
            (fleet, "Alerts across clusters", "A", f'{{{alert},{object},manager="none",where="shop"}}', 1),
        ):
            for ref in refs:
                with self.subTest(title, ref=ref):
                    self.hold(self.query(file, title, ref), series, {labels: value})
