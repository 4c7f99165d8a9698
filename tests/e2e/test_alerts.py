"""Both promtools accept the rules and their tests, and the tests fail if a rule changes."""

import copy
import itertools
import json
import pathlib
import re
import tempfile
import unittest

import yaml

import rules
from control_plane import ROOT
from prometheus import FOLDERS
from promtool import ALERTS, ALERTS_OF_HUB, HUB, OF_HUB, PLAIN, SHIPPED, run

TESTS = sorted((ROOT / "tests/alerts").glob("*.yaml"))
FILES = {f"../../alerts/{PLAIN.name}": SHIPPED, f"../../alerts/{HUB.name}": OF_HUB}


def tests_of(alertname):
    """Returns the file with the tests of an alert."""
    words = re.findall("[A-Z][a-z]+", alertname)
    return ROOT / "tests/alerts" / f"{'_'.join(words).lower()}.yaml"


def checks(file):
    """Returns the checks in a file of tests, case by case."""
    return [case["alert_rule_test"] for case in yaml.safe_load(file.read_text())["tests"]]


def tested(file):
    """Returns the rules that a file of tests names."""
    [name] = yaml.safe_load(file.read_text())["rule_files"]
    return name


def delayed(spec, seconds):
    """Returns the rules with alerts that wait so much longer."""
    other = copy.deepcopy(spec)
    for rule in rules.alerts(other):
        minutes = int(rule["for"][:-1]) * {"m": 1, "h": 60}[rule["for"][-1]]
        rule["for"] = f"{minutes * 60 + seconds}s"
    return other


def fires(case, at):
    return bool(case[at]["exp_alerts"])


def fires_next(case, at):
    return at + 1 < len(case) and not fires(case, at) and fires(case, at + 1)


class Alerts(unittest.TestCase):
    def test_promtool_accepts_the_rules_and_the_example(self):
        with tempfile.TemporaryDirectory() as work:
            example = pathlib.Path(work, "thresholds.json")
            example.write_text(json.dumps(rules.of(ROOT / "alerts/examples/thresholds.yaml")))
            for folder in FOLDERS:
                self.assertEqual(run(folder, "check", "rules", PLAIN, HUB, example), "")

    def test_the_tests_of_every_alert_pass(self):
        for folder in FOLDERS:
            for tests in TESTS:
                with self.subTest(tests.name, folder=folder):
                    self.assertEqual(run(folder, "test", "rules", tests), "")

    def test_every_alert_of_every_severity_is_quoted_in_its_tests(self):
        quoted = set()
        for file in TESTS:
            for check in itertools.chain.from_iterable(checks(file)):
                self.assertEqual(tests_of(check["alertname"]), file)
                quoted |= {(check["alertname"], alert["exp_labels"]["severity"]) for alert in check["exp_alerts"]}
        self.assertEqual(quoted, {(rule["alert"], rule["labels"]["severity"]) for rule in (*ALERTS, *ALERTS_OF_HUB)})

    def test_the_tests_fail_if_an_alert_fires_a_minute_early_or_late(self):
        with tempfile.TemporaryDirectory() as work:
            changed, tests = pathlib.Path(work, "rules.json"), pathlib.Path(work, "tests.yaml")
            for seconds, is_noticed in ((-60, fires_next), (60, fires)):
                for file in TESTS:
                    name = tested(file)
                    changed.write_text(json.dumps(delayed(FILES[name], seconds)))
                    tests.write_text(file.read_text().replace(name, changed.name))
                    expected = sum(is_noticed(case, at) for case in checks(file) for at in range(len(case)))
                    with self.subTest(file.name, seconds=seconds):
                        complaint = run(FOLDERS[0], "test", "rules", tests)
                        self.assertEqual(complaint.count("alertname: "), expected, complaint)
                        self.assertGreater(expected, 0)
