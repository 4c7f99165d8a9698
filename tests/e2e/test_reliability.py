"""A faulty network, faulty servers and clocks: nothing known is lost, hidden or delayed, and nothing
is hammered. The results are the table of docs/reliability.md."""

import unittest

from golden import assert_part
from reliability import table, verdicts


class Reliability(unittest.TestCase):
    maxDiff = None

    def assertVerdicts(self, verdicts):
        for verdict in verdicts:
            with self.subTest(verdict.fault.name):
                self.assertEqual(verdict.problems, [], verdict.notes)

    def test_1_every_fault_is_survived_or_reported(self):
        self.assertVerdicts(verdicts()[0].values())

    def test_2_no_key_and_no_token_is_shown_at_any_level_of_the_log(self):
        self.assertVerdicts(verdicts()[1])

    def test_3_the_results_are_documented(self):
        assert_part(self, "docs/reliability.md", "faults", table(verdicts()[0]))
