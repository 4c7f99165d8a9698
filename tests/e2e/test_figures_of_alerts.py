"""The cost of the rules for Prometheus, and the number of alerts, where a manager of thousands of certificates is down.

10,000 certificates unless NOTAFTER_SECRETS says otherwise, half of them overdue, and a hub of 500 clusters; the time that an
evaluation takes is printed.
"""

import contextlib
import itertools
import pathlib
import re
import tempfile
import time
import unittest

from contexts import HttpServer, SilentHandler
from control_plane import wait_for
from load import SECRETS
from prometheus import FOLDERS, Prometheus
from promtool import HUB, itself
from series import DAY, blocked, certificate, flat, impact, of_objects, selector, series
from watched import RULES

CLUSTERS, OBJECTS = 500, 20  # on the hub, and of each those that need attention
INTERVAL = 10  # seconds between two evaluations, a third of OpenShift's
OVERDUE, LOST, VITAL = SECRETS // 2, 20, 3


def cluster(now):
    """Returns the series of a cluster whose cert-manager has been down for some days."""
    manager = [series("notafter_manager_info", 1, manager="cert-manager", remedy="kubectl get pods")]
    for number in range(SECRETS):
        name, left = f"web-{number}", 25 if number < OVERDUE else 60
        due = now - 5 * DAY if number < OVERDUE else now + 30 * DAY
        how = {"not_before": now - 60 * DAY, "manager": "cert-manager", "namespace": f"shop-{number % 300}"}
        manager += certificate(name, now + left * DAY, due=due, **how)
        manager += certificate(name, now + 900 * DAY, role="chain", position="1", **how)
    for number in range(LOST):
        manager += blocked(f"web-{number}", "cert-manager", "certificate_gone", namespace=f"shop-{number}")
    for number in range(SECRETS // 10):
        manager += impact(f"web-{number}", "namespace", f"Ingress/web-{number}", namespace=f"shop-{number % 300}")
    for number in range(VITAL):
        manager += certificate(f"vital-{number}", now + DAY, not_before=now - 60 * DAY, manager="cert-manager", due=now - 30 * DAY)
        manager += impact(f"vital-{number}", "cluster", f"APIService/v{number}")
    return flat([itself(), manager])


def fleet(now):
    """Returns what a hub has of clusters in which the same objects fail: 20 late, 20 blocked, and all about to expire."""
    def of(family, cluster, name, manager, **more):
        labels = {"kind": "Secret", "cert_namespace": "shop", "name": name, "impact": "namespace", "affected": f"Ingress/{name}"}
        labels |= {"manager": manager, "action": "Look at", "remedy": f"kubectl -n shop describe secret {name}"}
        return series(f"notafter:{family}", now + 5 * DAY, cluster=cluster, **labels, **more)

    samples = []
    for cluster in (f"cluster-{number:03}" for number in range(CLUSTERS)):
        samples += [series("notafter_build_info", 1, cluster=cluster, pod=pod, version="0.1.0") for pod in ("a", "b")]
        for number in range(OBJECTS):
            late, lost = ("cert-manager", {}), ("olm", {"reason": "rotate_at_too_late", "explanation": "OLM is too old."})
            for family, name, (manager, reason) in (
                ("overdue", f"web-{number}", late), ("rotation_blocked", f"operator-{number}", lost),
                ("unattended", f"web-{number}", late), ("unattended", f"operator-{number}", lost),
            ):
                samples.append(of(family, cluster, name, manager, **reason))
    return samples


def exposed(samples):
    lines = (f"{selector(family, labels)} {value(0)}\n" for family, labels, value in samples)
    return "".join(lines).encode()


def faster(rules):
    """Returns the rules with an interval of their own, and alerts that wait for some evaluations only."""
    hour = str(6 * INTERVAL)
    rules = re.sub(r"(?<=\bfor: )\w+", lambda wait: f"{hour}s" if wait[0] == "1h" else f"{INTERVAL}s", rules)
    return rules.replace("    rules:\n", f"    interval: {INTERVAL}s\n    rules:\n").replace("55 * 60", hour)


class FiguresOfAlerts(unittest.TestCase):
    def test_thousands_of_late_certificates_are_one_alert_and_cost_prometheus_little(self):
        samples = cluster(int(time.time()))
        for folder in FOLDERS:
            with self.subTest(folder), self.scraping(folder, RULES, samples + of_objects(samples, 0)) as prometheus:
                self.assertFew(prometheus)

    def test_one_cause_in_every_cluster_of_a_fleet_is_one_alert_and_costs_the_hub_little(self):
        samples = fleet(int(time.time()))
        for folder in FOLDERS:
            with self.subTest(folder), self.scraping(folder, HUB, samples) as prometheus:
                firing = lambda: {
                    labels["alertname"]: number
                    for labels, number in prometheus.query('count by (alertname) (ALERTS{alertstate="firing"})')
                }
                causes, objects = "CertificateRenewalFailsInFleet", "CertificateExpiresInFleet"
                wait_for("the alerts", lambda: firing() == {causes: 2, objects: 2 * OBJECTS}, 240)
                time.sleep(2 * INTERVAL)
                [group] = prometheus.get("rules")["groups"]
                self.assertEqual([rule["lastError"] for rule in group["rules"] if rule.get("lastError")], [])
                print(f"\na hub of {CLUSTERS} clusters with {4 * OBJECTS * CLUSTERS} series of certificates that need attention: "
                      f"an evaluation takes {group['evaluationTime']:.2f} s", flush=True)

    @contextlib.contextmanager
    def scraping(self, folder, rules, samples):
        """Runs a Prometheus with a rule file, in a hurry, that scrapes those samples."""
        body = exposed(samples)

        class Target(SilentHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        hasty = pathlib.Path(tempfile.mkdtemp(prefix="rules-")) / "rules.yaml"
        hasty.write_text(faster(rules.read_text()))
        scrape = {"scrape_interval": "15s", "scrape_timeout": "10s"}
        with HttpServer(Target) as target:
            address = f"127.0.0.1:{target.port}"
            with Prometheus(folder, address, rule_files=[str(hasty)], scrape=scrape) as prometheus:
                yield prometheus

    def assertFew(self, prometheus):
        """Asserts that the certificates raise few alerts, and prints what an evaluation takes meanwhile."""
        took = []

        def alerts(state):
            found = prometheus.query(f'count by (alertname, severity) (ALERTS{{alertstate="{state}"}})')
            return {(labels["alertname"], labels["severity"]): int(number) for labels, number in found}

        def evaluated():
            [group] = [group for group in prometheus.get("rules")["groups"] if group["name"] == "notafter.certificates"]
            took.append(group["evaluationTime"])
            slowest = sorted(group["rules"], key=lambda rule: -rule["evaluationTime"])[:3]
            return group, [(rule["name"], round(rule["evaluationTime"], 2)) for rule in slowest]

        wait_for("the alerts", lambda: alerts("pending").get(("CertificateManagerLate", "warning")), 120)
        time.sleep(2 * INTERVAL)
        _, slowest = evaluated()
        pending = max(took)
        # Those that are lost are late as well, until there has been evidence against them for an hour.
        waiting = alerts("pending").get(("CertificateRenewalOverdue", "warning"), 0)
        self.assertLessEqual(waiting, LOST, "no single alert of the late manager waits")
        wait_for("the alert about the manager", lambda: ("CertificateManagerLate", "warning") in alerts("firing"), 240)
        firing = lambda: alerts("firing").get(("CertificateRenewalOverdue", "warning"), 0)
        self.assertEqual(firing(), 0, "no single alert was sent")
        wait_for("every other alert", lambda: alerts("firing").get(("CertificateExpiryImminent", "critical")) == VITAL, 120)
        time.sleep(2 * INTERVAL)
        took.clear()
        group, _ = evaluated()
        self.assertEqual([rule["lastError"] for rule in group["rules"] if rule.get("lastError")], [])
        self.assertEqual(alerts("firing"), {
            ("CertificateManagerLate", "warning"): 1,
            ("CertificateRotationBlocked", "warning"): LOST,
            ("CertificateExpiryImminent", "critical"): VITAL,
        })
        print(f"\n{SECRETS} certificates, {OVERDUE} overdue: an evaluation takes {pending:.2f} s while the alerts wait, "
              f"{max(took):.2f} s while one alert fires; slowest: {slowest}", flush=True)
