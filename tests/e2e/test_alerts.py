"""Both promtools are content with the rules and their tests, and the tests notice when a rule is another."""

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
from promtool import SHIPPED, run

PLAIN = ROOT / "alerts/notafter.rules.yaml"
TESTS = sorted((ROOT / "tests/alerts").glob("*.yaml"))
ALERTS = [rule for group in SHIPPED["groups"] for rule in group["rules"] if "alert" in rule]


def tests_of(alertname):
    """The file with the tests of an alert."""
    words = re.findall("[A-Z][a-z]+", alertname)
    return ROOT / "tests/alerts" / f"{'_'.join(words).lower()}.yaml"


def looks(file):
    """What is looked at in a file of tests, case by case."""
    return [case["alert_rule_test"] for case in yaml.safe_load(file.read_text())["tests"]]


def waiting(seconds):
    """The rules, with alerts that wait so much longer."""
    other = copy.deepcopy(SHIPPED)
    for rule in (rule for group in other["groups"] for rule in group["rules"] if "alert" in rule):
        minutes = int(rule["for"][:-1]) * {"m": 1, "h": 60}[rule["for"][-1]]
        rule["for"] = f"{minutes * 60 + seconds}s"
    return other


def fires(case, at):
    return bool(case[at]["exp_alerts"])


def fires_next(case, at):
    return at + 1 < len(case) and not fires(case, at) and fires(case, at + 1)


class Alerts(unittest.TestCase):
    def test_promtool_finds_nothing_wrong_with_the_rules_nor_with_the_example(self):
        with tempfile.TemporaryDirectory() as work:
            example = pathlib.Path(work, "thresholds.json")
            example.write_text(json.dumps(rules.of(ROOT / "alerts/examples/thresholds.yaml")))
            for folder in FOLDERS:
                self.assertEqual(run(folder, "check", "rules", PLAIN, example), "")
                broken = pathlib.Path(work, "broken.yaml")
                broken.write_text(PLAIN.read_text().replace("max by (", "max by ((", 1))
                self.assertIn("parse error", run(folder, "check", "rules", broken), "it does look")

    def test_the_tests_of_every_alert_hold(self):
        for folder in FOLDERS:
            for tests in TESTS:
                with self.subTest(tests.name, folder=folder):
                    self.assertEqual(run(folder, "test", "rules", tests), "")

    def test_every_alert_of_every_severity_is_quoted_in_its_tests(self):
        quoted = set()
        for file in TESTS:
            for look in itertools.chain.from_iterable(looks(file)):
                self.assertEqual(tests_of(look["alertname"]), file)
                quoted |= {(look["alertname"], it["exp_labels"]["severity"]) for it in look["exp_alerts"]}
        self.assertEqual(quoted, {(it["alert"], it["labels"]["severity"]) for it in ALERTS})

    def test_the_tests_notice_every_alert_that_fires_a_minute_early_or_late(self):
        with tempfile.TemporaryDirectory() as work:
            changed, tests = pathlib.Path(work, "rules.json"), pathlib.Path(work, "tests.yaml")
            for seconds, is_noticed in ((-60, fires_next), (60, fires)):
                changed.write_text(json.dumps(waiting(seconds)))
                for file in TESTS:
                    tests.write_text(file.read_text().replace(f"../../alerts/{PLAIN.name}", changed.name))
                    expected = sum(is_noticed(case, at) for case in looks(file) for at in range(len(case)))
                    with self.subTest(file.name, seconds=seconds):
                        complaint = run(FOLDERS[0], "test", "rules", tests)
                        self.assertEqual(complaint.count("alertname: "), expected, complaint)
                        self.assertGreater(expected, 0)
