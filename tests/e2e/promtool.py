"""Unit tests of the rules for promtool, from the series of a cluster and the alerts that should fire."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import yaml

import rules
from control_plane import ROOT
from prometheus import FOLDERS
from series import flat, notation, of_objects, scraped, selector, series

PLAIN = ROOT / "alerts/notafter.rules.yaml"
SHIPPED = rules.of(ROOT / "alerts/notafter.yaml")
ALERTS = rules.alerts(SHIPPED)
# The second file, for a hub that holds the series of many clusters.
HUB = ROOT / "alerts/notafter-hub.rules.yaml"
OF_HUB = yaml.safe_load(HUB.read_text())
ALERTS_OF_HUB = rules.alerts(OF_HUB)
# The labels that tell one alert from another. Alerts are counted, so duplicates show.
LABELS = "alertname, severity, cluster, kind, cert_namespace, name, csv, manager, owner, reason, resource, shared"
FIRING = f'count by ({LABELS}) (ALERTS{{alertstate="firing"}})'


def alert(alertname, severity="warning", name=None, *, namespace="shop", kind="Secret", **more):
    """Returns the labels of an alert; about an object, if that has a name."""
    certificate = {"kind": kind, "cert_namespace": namespace, "name": name} if name else {}
    return {"alertname": alertname, "severity": severity, **certificate, **more}


class Case:
    """Some minutes of a cluster, and the alerts that fire in them."""

    def __init__(self, name, minutes, *cluster, targets=({},)):
        """The series of the cluster are scraped from each target; a target is the arguments of `scraped`."""
        self.name, self.minutes, self.expected = name, minutes, []
        exposed = flat([itself(), *cluster])
        exposed += of_objects(exposed, minutes)
        self.series = flat(scraped(exposed, **target) for target in targets)

    def firing(self, minutes, *alerts):
        """Expects exactly these alerts in a minute, or in each of several."""
        for minute in [minutes] if isinstance(minutes, int) else minutes:
            self.counting(minute, FIRING, *((labels, 1) for labels in alerts))
        return self

    def counting(self, minute, expression, *samples):
        """Expects exactly these labels and numbers in the answer to a query."""
        samples = [{"labels": selector("", labels), "value": number} for labels, number in samples]
        self.expected.append({"expr": expression, "eval_time": f"{minute}m", "exp_samples": samples})
        return self

    def test(self):
        minutes = range(self.minutes + 1)
        scrapes = [
            {"series": selector(family, labels), "values": notation(map(value, minutes))}
            for family, labels, value in self.series
        ]
        expected = self.expected
        return {"name": self.name, "interval": "1m", "input_series": scrapes, "promql_expr_test": expected}


def itself():
    return [series("notafter_build_info", 1, version="0.1.0", revision="unknown")]


def failures(folder, cases, specs):
    """Returns what `promtool test rules` prints about the cases; nothing if all of them hold."""
    with tempfile.TemporaryDirectory(prefix="rules-") as work:
        files = [pathlib.Path(work, f"{number}.json") for number in range(len(specs))]
        for file, spec in zip(files, specs):
            file.write_text(json.dumps(spec))
        tests = pathlib.Path(work, "tests.json")
        tests.write_text(json.dumps({
            "rule_files": [file.name for file in files],
            "evaluation_interval": "1m",
            # Prometheus evaluates groups concurrently, promtool one by one, in any order unless told.
            "group_eval_order": [group["name"] for spec in specs for group in spec["groups"]],
            "tests": [case.test() for case in cases],
        }))
        return run(folder, "test", "rules", tests)


def run(folder, *arguments):
    """Returns what promtool prints if it fails; nothing otherwise."""
    done = subprocess.run([folder / "promtool", *arguments], capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


class RuleTests(unittest.TestCase):
    """Cases that hold with every promtool."""

    def assertHold(self, *cases, specs=(SHIPPED,)):
        for folder in FOLDERS:
            with self.subTest(folder):
                if complaint := failures(folder, cases, specs):
                    self.fail(complaint.strip()[:2000])
