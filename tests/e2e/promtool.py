"""promtool's unit tests of the rules, made of what a cluster says and of who is to be called."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import rules
from control_plane import ROOT
from prometheus import FOLDERS
from series import flat, notation, scraped, selector, series

SHIPPED = rules.of(ROOT / "alerts/notafter.yaml")
# All that tells one alert from another; it is counted, so that two of the same are seen.
FIRING = 'count by (alertname, severity, cert_namespace, name, csv, reason, resource) (ALERTS{alertstate="firing"})'


def alert(alertname, severity="warning", name=None, *, namespace="shop", **more):
    """One alert; about a secret, if that has a name."""
    where = {"cert_namespace": namespace, "name": name} if name else {}
    return {"alertname": alertname, "severity": severity, **where, **more}


class Case:
    """Some minutes of a cluster, and whom the rules call when."""

    def __init__(self, name, minutes, *told, targets=None):
        """What is told is scraped from one target, or from each of some, which say how."""
        self.name, self.minutes, self.expected = name, minutes, []
        told = flat([itself(), *told])
        self.series = [it for target in ([{}] if targets is None else targets) for it in scraped(told, **target)]

    def firing(self, minute, *alerts):
        """Exactly these fire in a minute, or in each of some."""
        for it in [minute] if isinstance(minute, int) else minute:
            self.counting(it, FIRING, *((labels, 1) for labels in alerts))
        return self

    def counting(self, minute, expression, *samples):
        """Exactly these labels and numbers answer a query."""
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
    """What `promtool test rules` has against the cases; nothing if the rules do as expected."""
    with tempfile.TemporaryDirectory(prefix="rules-") as work:
        files = [pathlib.Path(work, f"{it}.json") for it in range(len(specs))]
        for file, spec in zip(files, specs):
            file.write_text(json.dumps(spec))
        tests = pathlib.Path(work, "tests.json")
        tests.write_text(json.dumps({
            "rule_files": [it.name for it in files],
            "evaluation_interval": "1m",
            # Prometheus evaluates groups side by side; promtool one after the other, and in any order if none is said.
            "group_eval_order": [group["name"] for spec in specs for group in spec["groups"]],
            "tests": [it.test() for it in cases],
        }))
        return run(folder, "test", "rules", tests)


def run(folder, *arguments):
    """What promtool has to complain of."""
    done = subprocess.run([folder / "promtool", *arguments], capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


class RuleTests(unittest.TestCase):
    """Cases that every promtool agrees to."""

    def assertHold(self, *cases, specs=(SHIPPED,)):
        for folder in FOLDERS:
            with self.subTest(folder):
                if complaint := failures(folder, cases, specs):
                    self.fail(complaint.strip()[:2000])
