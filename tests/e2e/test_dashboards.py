"""Every query of every panel, answered by real Prometheuses that scrape healthy and failing clusters."""

import re
import time
import unittest

from clusters import Fleet
from control_plane import ROOT
from dashboards import CONSOLE, GRAFANA, RUNBOOKS, Dashboard, columns, interpolated
from prometheus import FOLDERS

DAY, WEEK = 24 * 3600, 7 * 24 * 3600
# The values that Grafana and the console use for All.
ALL, CONSOLES_ALL = ".*", ".+"
PACKAGESERVER = {
    "cert_namespace": "openshift-operator-lifecycle-manager", "name": "packageserver-service-cert", "kind": "Secret",
}
# The panels that have no answer from the store of a fleet, whose metrics are fewer.
NOT_OF_A_FLEET = {
    "Unreadable", "Unreadable data", "Poll duration", "Rejected scrapes", "Memory", "CPU", "Valid from", "Affected",
    "Dates", "Contents", "Ignored",
}


def everything(dashboard, **chosen):
    """Returns the values of a dashboard's variables: the chosen ones, All for the others, and one object."""
    all_of_it = CONSOLES_ALL if "rows" in dashboard.json else ALL
    values = {name: all_of_it for name, it in dashboard.variables.items() if it["type"] == "query"}
    constants = {name: it["query"] for name, it in dashboard.variables.items() if it["type"] == "constant"}
    typed = {name: it["query"] for name, it in dashboard.variables.items() if it["type"] == "textbox"}
    one = PACKAGESERVER if "name" in values else {}
    return values | constants | typed | one | chosen


def ask(prometheus, panel, variables):
    """Returns the answers to a panel's targets by name: the labels and the value or values of each series."""
    now = time.time()
    answers = {}
    for target in panel.targets:
        if target.get("instant"):
            query = interpolated(target["expr"], variables, now)
            found = prometheus.get("query", query=query, time=now)["result"]
            answers[target["refId"]] = [(it["metric"], float(it["value"][1])) for it in found]
            continue
        step = WEEK if target.get("interval") == "1w" else 60
        # Grafana starts at a multiple of the step, and looks two years ahead or as far back as the dashboard.
        start, end = (now // step * step, now + 730 * DAY) if panel.json.get("timeFrom") == "+2y" else (now - DAY, now)
        query = interpolated(target["expr"], variables, now, step)
        found = prometheus.get("query_range", query=query, start=start, end=end, step=step)["result"]
        answers[target["refId"]] = [(it["metric"], [float(value) for _, value in it["values"]]) for it in found]
    return answers


class Asked:
    """The answers of a Prometheus to the dashboards."""

    @classmethod
    def setUpClass(cls):
        cls.fleet = cls.enterClassContext(Fleet(cls.FOLDER))
        cls.grafana = cls.cluster, cls.clusters, cls.certificate = [Dashboard(it) for it in GRAFANA]
        cls.console = Dashboard(CONSOLE)

    def ask(self, dashboard, title, prometheus=None, **chosen):
        return ask(prometheus or self.fleet.all, dashboard.panel(title), everything(dashboard, **chosen))

    def test_every_query_is_answered(self):
        for dashboard in self.grafana:
            for panel in dashboard.panels:
                for ref, answer in ask(self.fleet.all, panel, everything(dashboard)).items():
                    with self.subTest(dashboard=dashboard, panel=panel.title, target=ref):
                        self.assertTrue(answer)
        for panel in self.console.panels:
            for ref, answer in ask(self.fleet.of["broken"], panel, everything(self.console)).items():
                with self.subTest(dashboard=self.console, panel=panel.title, target=ref):
                    self.assertTrue(answer)

    def test_tables_name_exactly_the_columns_that_they_have(self):
        for dashboard in self.grafana:
            for panel in [it for it in dashboard.panels if it.type == "table"]:
                with self.subTest(dashboard=dashboard, panel=panel.title):
                    answers = ask(self.fleet.all, panel, everything(dashboard))
                    fields, named = panel.fields(answers), panel.shown()
                    self.assertEqual(fields, set(named) | panel.hidden())
                    shown = columns(panel, answers)
                    self.assertEqual(panel.organized["indexByName"], {it: i for i, it in enumerate(named)})
                    for column in panel.json["options"]["sortBy"]:
                        self.assertIn(column["displayName"], shown)
                    for wanted, hits in panel.matches(shown):
                        self.assertTrue(hits, wanted)

    def test_tables_of_the_console_have_the_columns_that_they_name(self):
        for panel in [it for it in self.console.panels if it.type == "table"]:
            with self.subTest(panel=panel.title):
                fields = set()
                for cluster in ("broken", "blind"):
                    answers = ask(self.fleet.of[cluster], panel, everything(self.console))
                    fields |= panel.fields(answers) | {f"Value #{ref}" for ref, answer in answers.items() if answer}
                self.assertLessEqual(set(panel.shown()), fields)
                # The console joins answers with identical labels.
                answers = ask(self.fleet.of["broken"], panel, everything(self.console))
                rows = [{tuple(sorted(metric.items())) for metric, _ in answer} for answer in answers.values()]
                for more in rows[1:]:
                    self.assertLessEqual(more, rows[0])

    def test_legends_name_labels_that_exist(self):
        for dashboard in (*self.grafana, self.console):
            source = self.fleet.of["broken"] if dashboard is self.console else self.fleet.all
            for panel in dashboard.panels:
                legends = {it["refId"]: it.get("legendFormat", "") for it in panel.targets}
                for ref, answer in ask(source, panel, everything(dashboard)).items():
                    for label in re.findall(r"\{\{(\w+)\}\}", legends[ref]):
                        with self.subTest(dashboard=dashboard, panel=panel.title, label=label):
                            self.assertTrue(all(label in metric for metric, _ in answer if label != "scope"), answer)

    def test_the_readme_quotes_the_alert_of_the_broken_cluster(self):
        words = lambda text: re.sub(r"\(\S+ \S+ UTC\)", "", " ".join(text.split()))
        alerts = self.fleet.of["broken"].get("alerts")["alerts"]
        [told] = [it for it in alerts if it["labels"].get("name") == PACKAGESERVER["name"]]
        said = f"{told['labels']['alertname']}, {told['labels']['severity']}: {told['annotations']['description']}"
        self.assertIn(words(said), words((ROOT / "README.md").read_text().replace("\n> ", "\n")))

    def test_the_broken_cluster_needs_attention_and_shows_the_command(self):
        ends, alerts, since = self.ask(self.cluster, "Needs attention", cluster="broken").values()
        [(told, rank)] = [it for it in alerts if it[0].get("name") == PACKAGESERVER["name"]]
        self.assertEqual((told["alertname"], told["severity"], rank), ("CertificateRotationBlocked", "warning", 2))
        self.assertEqual((told["where"], told["name"], told["kind"]), tuple(PACKAGESERVER.values()))
        self.assertEqual((told["manager"], told["action"]), ("olm", "Fix"))
        self.assertEqual(told["remedy"], f"oc -n {told['where']} delete secret {told['name']}")
        # Rows follow the order of the first answer; rows without an expiry come last.
        self.assertEqual([metric["name"] for metric, _ in ends], [told["name"], "checkout-tls"])
        self.assertIn(ends[0][1], (10, 11))
        self.assertEqual({it["alertname"] for it, _ in alerts}, {it["alertname"] for it, _ in since})
        self.assertTrue(all(value / 1000 <= time.time() for _, value in since))

    def test_alerts_are_counted_by_their_severity(self):
        for cluster in ("broken", "blind", "healthy"):
            alerts = self.fleet.of[cluster].get("alerts")["alerts"]
            table = self.ask(self.clusters, "Clusters", cluster=cluster)
            for severity, ref in (("critical", "B"), ("warning", "C"), ("info", "D")):
                with self.subTest(cluster=cluster, severity=severity):
                    expected = len([it for it in alerts if it["labels"]["severity"] == severity])
                    title = severity.capitalize()
                    self.assertEqual(self.ask(self.cluster, title, cluster=cluster)["A"], [({}, expected)])
                    self.assertEqual(self.ask(self.console, title, self.fleet.of[cluster])["A"], [({}, expected)])
                    self.assertEqual(table[ref], [({"cluster": cluster}, expected)])

    def test_the_healthy_cluster_needs_no_attention(self):
        for answers in (
            self.ask(self.cluster, "Needs attention", cluster="healthy"),
            self.ask(self.clusters, "Alerts across clusters", cluster="healthy"),
            self.ask(self.console, "Needs attention", self.fleet.of["healthy"]),
        ):
            self.assertEqual([it for answer in answers.values() for it in answer], [])
        for title in ("Critical", "Warning", "Info", "Expired", "Unreadable", "Failed lists"):
            with self.subTest(title):
                self.assertEqual(self.ask(self.cluster, title, cluster="healthy")["A"], [({}, 0)])
        [[_, certificates]] = self.ask(self.clusters, "Clusters", cluster="healthy")["E"]
        self.assertGreater(certificates, 20)

    def test_what_is_ignored_is_shown_with_the_reason(self):
        [(ignored, _)] = self.ask(self.cluster, "Ignored")["A"]
        place = {"kind": "Secret", "cert_namespace": "shop", "name": "apps-tls"}
        self.assertEqual(ignored, {"cluster": "healthy", "explanation": "the partner knows", **place})
        self.assertEqual(self.ask(self.cluster, "Ignored", cluster="broken")["A"], [])

    def test_the_blind_and_the_silent_cluster_are_told_apart(self):
        self.assertEqual(self.ask(self.clusters, "Clusters not reporting")["A"], [({}, 1)])
        [(silent, seen)] = self.ask(self.clusters, "Silent clusters")["A"]
        self.assertEqual(silent, {"cluster": "silent"})
        self.assertLess(abs(seen / 1000 - time.time()), 600)
        failing = self.ask(self.clusters, "Failed lists")
        self.assertIn(({"resource": "secrets"}, 1.0), failing["A"])
        blind = self.ask(self.cluster, "Needs attention", cluster="blind")["B"]
        self.assertIn(("NotafterBlind", "secrets"), {(it["alertname"], it.get("what")) for it, _ in blind})

    def test_the_prometheus_of_a_cluster_answers_as_the_fleet_does(self):
        without = lambda answers: {
            ref: {tuple(sorted((k, v) for k, v in it.items() if k != "cluster")) for it, _ in answer}
            for ref, answer in answers.items()
        }
        for dashboard in (self.cluster, self.certificate):
            for panel in dashboard.panels:
                with self.subTest(panel.title):
                    own = ask(self.fleet.of["broken"], panel, everything(dashboard))
                    fleets = ask(self.fleet.all, panel, everything(dashboard, cluster="broken"))
                    self.assertEqual(without(own), without(fleets))

    def test_the_metrics_of_a_fleet_are_enough_for_most_panels(self):
        for dashboard in self.grafana:
            for panel in dashboard.panels:
                with self.subTest(dashboard=dashboard, panel=panel.title):
                    chosen = everything(dashboard, **({} if dashboard is self.clusters else {"cluster": "broken"}))
                    fleets, every = (ask(store, panel, chosen) for store in (self.fleet.hub, self.fleet.all))
                    if panel.title in NOT_OF_A_FLEET and dashboard is not self.clusters:
                        self.assertEqual([it for answer in fleets.values() for it in answer], [])
                    else:
                        self.assertTrue(any(fleets.values()) or not any(every.values()))
        for title in ("Needs attention", "Certificates", "By manager", "Unattended expiries by week"):
            with self.subTest(title):
                fleets, every = (
                    ask(store, self.cluster.panel(title), everything(self.cluster, cluster="broken"))
                    for store in (self.fleet.hub, self.fleet.all)
                )
                rows = lambda answers: {ref: len(answer) for ref, answer in answers.items()}
                self.assertEqual(rows(fleets), rows(every))

    def test_a_namespace_and_a_manager_can_be_chosen(self):
        namespaces = f"({PACKAGESERVER['cert_namespace']}|shop)"
        answers = self.ask(self.cluster, "Certificates", cluster="broken", namespace=namespaces)
        self.assertEqual({it["cert_namespace"] for it, _ in answers["B"]}, set(namespaces.strip("()").split("|")))
        answers = self.ask(self.cluster, "Certificates", cluster="broken", manager="olm")
        self.assertEqual({it["manager"] for it, _ in answers["B"]}, {"olm"})
        answers = self.ask(self.cluster, "Needs attention", cluster="broken", namespace="shop")
        self.assertEqual({it["where"] for it, _ in answers["B"]}, {"shop"})
        answers = self.ask(self.cluster, "Needs attention", cluster="broken", manager="olm")
        # The manager of an unreadable object is not known.
        self.assertEqual({it["manager"] for it, _ in answers["B"] if "manager" in it}, {"olm"})
        [(_, warnings)] = self.ask(self.cluster, "Warning", cluster="broken", manager="olm")["A"]
        self.assertEqual(warnings, len([it for it, rank in answers["B"] if rank == 2]))

    def test_a_certificate_is_found_by_a_part_of_its_name_or_namespace(self):
        asked = ((self.cluster, "Certificates", "B"), (self.clusters, "Next unattended expiries", "A"))
        name = PACKAGESERVER["name"]
        for search, found in (("PackageServer-", name), ("sho(w|p)", "checkout-tls"), ("no such", None)):
            for dashboard, title, ref in asked:
                with self.subTest(search, panel=title):
                    answer = self.ask(dashboard, title, cluster="broken", search=search)[ref]
                    texts = {it["name"]: f"{it['cert_namespace']} {it['name']}" for it, _ in answer}
                    self.assertEqual(found in texts, found is not None)
                    self.assertEqual([it for it in texts.values() if not re.search(search, it, re.IGNORECASE)], [])

    def test_days_left_are_shown_where_no_renewal_is_planned(self):
        left, expires, due = self.ask(self.cluster, "Certificates", cluster="broken").values()
        key = lambda metric: tuple(sorted(metric.items()))
        self.assertEqual([days for _, days in left], sorted(days for _, days in left))
        ends = {key(it): end / 1000 for it, end in expires}
        for it, days in left:
            self.assertAlmostEqual((ends[key(it)] - time.time()) / DAY - days, 0.5, delta=0.51)
        planned = {key(it): (days, it["reason"] if "reason" in it else "") for it, days in due}
        for it, end in expires:
            days, reason = planned.get(key(it), (-1, ""))
            renewed = days >= 0 and not reason and days < (end / 1000 - time.time()) / DAY
            with self.subTest(it["name"]):
                self.assertEqual(key(it) in {key(one) for one, _ in left}, not renewed)

    def test_a_certificate_has_its_dates_its_command_and_its_contents(self):
        shown = lambda title: self.ask(self.certificate, title, cluster="broken")
        days = shown("Days left")
        self.assertIn(days["A"][0][1], (10, 11))
        self.assertEqual(days["B"], [])
        [(advice, _)] = shown("What to do")["A"]
        self.assertEqual((advice["manager"], advice["action"], advice["reason"]), ("olm", "Fix", "rotate_at_too_late"))
        self.assertIn("packageserver", advice["affected"])
        self.assertEqual({it["alertname"] for it, _ in shown("Alerts")["A"]}, {"CertificateRotationBlocked"})
        left, begins, due, expires = shown("Dates").values()
        contents = shown("Contents")["A"]
        self.assertTrue(due)
        self.assertEqual([len(it) for it in (left, begins, expires)], 3 * [len(contents)])
        self.assertIn("packageserver", "".join(it["dns_names"] for it, _ in contents if "dns_names" in it))
        renewed = self.ask(self.certificate, "Days left", cluster="healthy")
        self.assertEqual((renewed["A"], len(renewed["B"])), ([], 1))

    def test_annotations_are_answered(self):
        for dashboard in self.grafana:
            for annotation in dashboard.json["annotations"]["list"]:
                query = interpolated(annotation["expr"], everything(dashboard), time.time())
                self.fleet.all.query(query)

    def test_two_replicas_are_not_counted_twice(self):
        [(_, running)] = self.ask(self.cluster, "Running", cluster="broken")["A"]
        self.assertEqual(running, 2)
        [(_, certificates)] = self.fleet.of["broken"].query("count(notafter:not_after_seconds)")
        self.assertEqual(len(self.ask(self.cluster, "Certificates", cluster="broken")["B"]), certificates)
        operators = self.ask(self.cluster, "Operators by phase", cluster="broken")["A"]
        self.assertEqual({it["phase"]: values[-1] for it, values in operators}, {"Succeeded": 2, "Pending": 1})

    def test_the_calendar_has_every_expiry_of_the_next_two_years_once(self):
        counted = lambda dashboard, title: sum(sum(it) for _, it in self.ask(dashboard, title)["A"])
        # From the start of this week on, including expired certificates: Grafana's weeks start on Thursdays.
        week = time.time() // WEEK * WEEK
        ends = self.fleet.all.query(f"count(notafter:not_after_seconds >= {week} < time() + 730 * 86400)")[0][1]
        for dashboard in (self.cluster, self.clusters):
            self.assertEqual(counted(dashboard, "All expiries by week"), ends)
            self.assertLess(counted(dashboard, "Unattended expiries by week"), ends)
        weeks = self.ask(self.cluster, "Unattended expiries by week", cluster="broken", manager="olm")["A"]
        self.assertEqual(weeks, [({"manager": "olm"}, [1.0])])

    def test_variables_offer_the_existing_values(self):
        for dashboard, cluster in (*((it, True) for it in self.grafana), (self.console, False)):
            source = self.fleet.hub if cluster else self.fleet.of["broken"]
            offered = {}
            for name, it in dashboard.variables.items():
                if it["type"] == "query":
                    text = it["query"] if isinstance(it["query"], str) else it["query"]["query"]
                    text = interpolated(text, everything(dashboard), time.time())
                    series, label = re.fullmatch(r"label_values\((.+), (\w+)\)", text).groups()
                    offered[name] = source.get(f"label/{label}/values", **{"match[]": series})
            if cluster:
                self.assertEqual(set(offered["cluster"]), set(self.fleet.of))
            self.assertIn("olm", offered.get("manager", ["olm"]))
            self.assertIn("shop", offered.get("namespace", ["shop"]))
            for label, value in PACKAGESERVER.items():
                self.assertIn(value, offered.get(label, [value]))

    def test_links_lead_to_the_runbook_of_the_alert(self):
        same = self.clusters.panel("Alerts across clusters")
        for panel in (self.cluster.panel("Needs attention"), same, self.certificate.panel("Alerts")):
            overrides = panel.json["fieldConfig"]["overrides"]
            [column] = [it for it in overrides if it["matcher"]["options"] == panel.shown()["alertname"]]
            [link] = [url["url"] for it in column["properties"] if it["id"] == "links" for url in it["value"]]
            for alert in RUNBOOKS:
                self.assertEqual(link.replace("${__value.raw}", alert), RUNBOOKS[alert])


class AskedOfTheNewest(Asked, unittest.TestCase):
    FOLDER = FOLDERS[0]

    def test_every_metric_and_label_in_a_query_exists(self):
        for dashboard in (*self.grafana, self.console):
            for panel, target in dashboard.targets():
                query = interpolated(target["expr"], everything(dashboard), time.time(), WEEK)
                with self.subTest(dashboard=dashboard, panel=panel.title):
                    for selector in selectors(self.fleet.all.get("parse_query", query=query)):
                        labels = self.labels(selector["name"])
                        self.assertTrue(labels, selector["name"])
                        self.assertLessEqual({it["name"] for it in selector["matchers"]}, labels, selector["name"])

    def labels(self, metric):
        now = time.time()
        series = self.fleet.all.get("series", **{"match[]": metric, "start": now - 3600, "end": now})
        # Of the alerts only CertificateManagerLate names a manager, and takes an hour to fire.
        return {label for it in series for label in it} | ({"manager"} if metric == "ALERTS" else set())


class AskedOfDebians(Asked, unittest.TestCase):
    FOLDER = FOLDERS[-1]


def selectors(node):
    """Returns every selector in a parsed query."""
    if isinstance(node, list):
        return [found for it in node for found in selectors(it)]
    if not isinstance(node, dict):
        return []
    here = [node] if node.get("type") in ("vectorSelector", "matrixSelector") else []
    return here + [found for it in node.values() for found in selectors(it)]
