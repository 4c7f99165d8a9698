"""The alerts through years of a cluster: silent while all is well, and in time for everything that breaks."""

import datetime
import tempfile
import unittest

from golden import assert_part
from history import DAY, HOUR, begun, evaluate, renewals, replayed, stories

DOCUMENT = "docs/alerts.md"

PACKAGESERVER = ("openshift-operator-lifecycle-manager", "packageserver-service-cert")
# 2024-02-23T10:07:05Z
THEN = 1708682825
EXPIRED, FAILURE = "CertificateExpired (critical)", "OperatorCertificateFailure (critical)"
COMMAND = "oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert"


def setUpModule():
    # The longest first.
    for story in ["healthy", "closely", "stuck", "looping", "maintained", *stories()]:
        begun(story)


def date(time):
    return datetime.datetime.fromtimestamp(time, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M")


def left(seconds):
    """How long before the end, as people say it."""
    return f"{seconds // HOUR} h" if seconds < 2 * DAY else f"{seconds // DAY} d"


def told(changes, end):
    """What is said first, how long before the end, and what is said later; as cells of a table."""
    first_times = {}
    for it in changes:
        if it.state == "firing" and it.time < end + HOUR:
            first_times.setdefault(it.alert, it.time)
    (alert, first), *later = first_times.items()
    then = [f"{it} {left(end - time) if time < end else 'after it'}" for it, time in later]
    return f"{alert} | {left(end - first)} | {', '.join(then)}"


class Healthy(unittest.TestCase):
    def assertSilent(self, replay):
        fired = [f"{date(it.time)} {it.alert} {it.annotations}" for it in replay.fired]
        self.assertEqual(fired, [])
        self.assertGreater(replay.samples, 250 * replay.scrapes, "it sees a whole cluster")

    def test_in_three_years_no_alert_fires_at_any_hour(self):
        replay = replayed("healthy")
        self.assertSilent(replay)
        self.assertEqual(replay.scrapes, 3 * 365 * 24 + 1)

    def test_no_rotation_by_managers_that_take_their_time_makes_an_alert_fire(self):
        replay = replayed("closely")
        self.assertSilent(replay)
        self.assertEqual(set(renewals("closely")), {"cert-manager", "certrotation", "csr", "olm", "service-ca"})
        # The last Services wait for a certificate of the new CA, and copies for their originals.
        self.assertEqual(list(replay.waited), ["CertificateRotationBlocked"])
        self.assertGreaterEqual(replay.waited["CertificateRotationBlocked"], 13 * 60)

    def test_nothing_that_is_normal_on_a_day_of_maintenance_makes_an_alert_fire(self):
        replay = replayed("maintained")
        self.assertSilent(replay)
        # A secret is missing until OLM's resync; an installation takes its time.
        self.assertGreaterEqual(replay.waited["CertificateRotationBlocked"], 6 * 60)
        self.assertGreaterEqual(replay.waited["OperatorNotSettled"], 10 * 60)


class Broken(unittest.TestCase):
    maxDiff = None

    def assertStands(self, changes, until):
        """From the first one on something is said until then, and nothing twice."""
        firing, silent_since, reason = {}, None, None
        said = set()
        for time in sorted({it.time for it in changes if it.time <= until}):
            for it in (it for it in changes if it.time == time):
                if it.state == "resolved":
                    reason = firing.pop(it.key).labels.get("reason")
                    continue
                self.assertNotIn(it.key, said, f"{it.alert} fires again, {date(time)}")
                said.add(it.key)
                firing[it.key] = it
            if firing and silent_since:
                # Other evidence waits for its own hour.
                others = {it.labels.get("reason") for it in firing.values()}
                self.assertNotIn(reason, others, f"it was silent from {date(silent_since)} to {date(time)}")
                self.assertLessEqual(time - silent_since, HOUR)
            silent_since = None if firing else time
        self.assertIsNone(silent_since, "it fell silent")

    def test_every_broken_manager_is_told_as_long_before_the_end_as_the_document_says(self):
        rows = []
        for story, (manager, what, secret) in stories().items():
            with self.subTest(what):
                replay = replayed(story)
                changes = replay.about(*secret)
                first = next(it for it in changes if it.state == "firing")
                end = next(it.value for it in changes if "name" in it.labels)
                self.assertLess(first.time, end - 20 * HOUR, "there is a day to do something")
                self.assertGreater(replay.until, end + DAY)
                self.assertStands(changes, end + DAY)
                rows.append(f"| {manager} | {what} | {told(changes, end)} |\n")
        self.assertEqual(len(rows), len(stories()), "a table with a row for each")
        heading = "| manager | what is broken | first alert | before the end | then |\n|---|---|---|---|---|\n"
        assert_part(self, DOCUMENT, "lead times", heading + "".join(rows))

    def test_no_alert_about_the_same_certificate_fires_twice(self):
        for story, (_, what, _) in stories().items():
            with self.subTest(what):
                fired = [(it.key, it.value) for it in replayed(story).fired]
                self.assertEqual(len(fired), len(set(fired)))


class PackageServer(unittest.TestCase):
    maxDiff = None

    def test_it_is_told_two_years_before_and_ever_more_urgently(self):
        fired = replayed("stuck").fired
        told = [(it.alert, (THEN - it.time) // DAY) for it in fired]
        self.assertEqual(told, [
            ("CertificateRotationBlocked (info)", 728),
            ("CertificateRotationBlocked (warning)", 59),
            ("CertificateExpiryImminent (critical)", 6),
            (EXPIRED, -1),
            (FAILURE, -1),
        ])
        text = ""
        for it in fired:
            before = f"{left(THEN - it.time)} before" if it.time < THEN else f"{(it.time - THEN) // 60} minutes after"
            text += f"**{it.alert}**, {date(it.time)}, {before}:\n\n"
            text += f"> {it.annotations['summary']}\n>\n> {it.annotations['description']}\n\n"
        assert_part(self, DOCUMENT, "package server", text)

    def test_each_text_ends_with_what_to_type(self):
        for story in ["stuck", "looping"]:
            for it in replayed(story).fired:
                with self.subTest(f"{story}: {it.alert}"):
                    self.assertTrue(it.annotations["description"].endswith(f"What to type: {COMMAND}"), it)

    def test_after_the_end_the_alerts_stand_still_until_it_is_repaired_in_either_behaviour(self):
        for story in ["stuck", "looping"]:
            with self.subTest(story):
                replay = replayed(story)
                repair = THEN + 26 * HOUR
                after = [it for it in replay.changes if it.time > THEN]
                self.assertEqual((after[0].state, after[0].alert), ("resolved", "CertificateExpiryImminent (critical)"))
                times = {(it.state, it.alert): it.time for it in after[1:]}
                self.assertEqual(len(after), 1 + 2 * 2, "each fires once and is resolved once")
                self.assertLess(times["firing", EXPIRED], THEN + HOUR / 4)
                self.assertLess(times["firing", FAILURE], THEN + HOUR / 2)
                for alert in [EXPIRED, FAILURE]:
                    self.assertGreater(times["resolved", alert], repair)
                    self.assertLess(times["resolved", alert], repair + HOUR / 2)
                self.assertGreater(repair - times["firing", FAILURE], DAY)


class Evaluation(unittest.TestCase):
    """What the silence above would be worth if the rules were not evaluated."""

    HISTORY = "# scraped 1000\na{x=\"1\"} 1\na{x=\"2\"} 2\n# scraped again 1060\na{x=\"2\"} 3\n# scraped 1120\na{x=\"1\"} 1\n"

    def evaluate(self, rule, history=HISTORY):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as rules, tempfile.TemporaryFile("w+") as told:
            rules.write(f"groups: [{{name: g, rules: [{rule}]}}]")
            rules.flush()
            told.write(history)
            told.seek(0)
            return evaluate(told, rules.name)

    def test_a_rule_that_cannot_be_evaluated_is_an_error(self):
        done = self.evaluate('{alert: A, expr: "a + on () a"}')
        self.assertEqual(done.returncode, 1)
        self.assertIn("many-to-many", done.stderr)

    def test_a_text_that_cannot_be_rendered_is_an_error(self):
        done = self.evaluate('{alert: A, expr: a, annotations: {summary: "{{ query `broken(` }}"}}')
        self.assertEqual(done.returncode, 1)
        self.assertIn("<error expanding template", done.stderr)

    def test_what_is_not_scraped_any_more_is_gone_at_once_and_what_is_not_said_again_stays(self):
        done = self.evaluate('{alert: A, expr: "count(a) == 2 and max(a) == 3"}')
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = [(it.split('"state"')[1][2:9]) if '"state"' in it else "" for it in done.stdout.splitlines()]
        self.assertEqual(lines, ["firing\"", "resolve", ""])
