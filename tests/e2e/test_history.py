"""The alerts over years of a cluster: silent while it is healthy, and in time for everything that breaks."""

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
    # The longest stories first.
    for story in ["healthy", "closely", "stuck", "looping", "maintained", *stories()]:
        begun(story)


def date(time):
    return datetime.datetime.fromtimestamp(time, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M")


def left(seconds):
    """Returns the time left until expiry, as people say it."""
    return f"{seconds // HOUR} h" if seconds < 2 * DAY else f"{seconds // DAY} d"


def row(changes, expiry):
    """Returns the first alert, the time left until expiry, and the later alerts; as cells of a table."""
    first_times = {}
    for change in changes:
        if change.state == "firing" and change.time < expiry + HOUR:
            first_times.setdefault(change.alert, change.time)
    (alert, first), *later = first_times.items()
    then = [f"{name} {left(expiry - time) if time < expiry else 'after expiry'}" for name, time in later]
    return f"{alert} | {left(expiry - first)} | {', '.join(then)}"


class Healthy(unittest.TestCase):
    def assertSilent(self, replay):
        fired = [f"{date(change.time)} {change.alert} {change.annotations}" for change in replay.fired]
        self.assertEqual(fired, [])
        self.assertGreater(replay.samples, 250 * replay.scrapes, "a whole cluster is seen")

    def test_no_alert_fires_at_any_hour_of_three_years(self):
        replay = replayed("healthy")
        self.assertSilent(replay)
        self.assertEqual(replay.scrapes, 3 * 365 * 24 + 1)

    def test_no_rotation_by_slow_managers_fires_an_alert(self):
        replay = replayed("closely")
        self.assertSilent(replay)
        # A nightly job renews copies, which nothing marks.
        managers = {"cert-manager", "certrotation", "csr", "none", "olm", "service-ca"}
        self.assertEqual(set(renewals("closely")), managers)
        # The last Services wait for a certificate of the new CA.
        self.assertEqual(list(replay.waited), ["CertificateRotationBlocked"])
        self.assertGreaterEqual(replay.waited["CertificateRotationBlocked"], 13 * 60)

    def test_a_normal_day_of_maintenance_fires_no_alert(self):
        replay = replayed("maintained")
        self.assertSilent(replay)
        # A secret is missing until OLM's resync, and an installation is slow.
        self.assertGreaterEqual(replay.waited["CertificateRotationBlocked"], 6 * 60)
        self.assertGreaterEqual(replay.waited["OperatorNotSettled"], 10 * 60)


class Broken(unittest.TestCase):
    maxDiff = None

    def assertStands(self, changes, until):
        """Asserts that from the first alert on some alert fires until then, and none twice."""
        firing, silent_since, reason = {}, None, None
        fired = set()
        for time in sorted({change.time for change in changes if change.time <= until}):
            for change in (change for change in changes if change.time == time):
                if change.state == "resolved":
                    reason = firing.pop(change.key).labels.get("reason")
                    continue
                self.assertNotIn(change.key, fired, f"{change.alert} fires again, {date(time)}")
                fired.add(change.key)
                firing[change.key] = change
            if firing and silent_since:
                # Other evidence waits for an hour of its own.
                others = {change.labels.get("reason") for change in firing.values()}
                self.assertNotIn(reason, others, f"silent from {date(silent_since)} to {date(time)}")
                self.assertLessEqual(time - silent_since, HOUR)
            silent_since = None if firing else time
        self.assertIsNone(silent_since, "silent at the end")

    def test_every_broken_manager_alerts_as_early_as_documented(self):
        rows = []
        for story, (manager, what, secret) in stories().items():
            with self.subTest(what):
                replay = replayed(story)
                changes = replay.about(*secret)
                first = next(change for change in changes if change.state == "firing")
                expiry = next(change.value for change in changes if "name" in change.labels)
                self.assertLess(first.time, expiry - 20 * HOUR, "a day is left to act")
                self.assertGreater(replay.until, expiry + DAY)
                self.assertStands(changes, expiry + DAY)
                rows.append(f"| {manager} | {what} | {row(changes, expiry)} |\n")
        self.assertEqual(len(rows), len(stories()))
        heading = "| manager | fault | first alert | time left | then |\n|---|---|---|---|---|\n"
        assert_part(self, DOCUMENT, "lead times", heading + "".join(rows))

    def test_no_alert_about_the_same_certificate_fires_twice(self):
        for story, (_, what, _) in stories().items():
            with self.subTest(what):
                fired = [(change.key, change.value) for change in replayed(story).fired]
                self.assertEqual(len(fired), len(set(fired)))


class Urgency(unittest.TestCase):
    def test_notafter_itself_and_the_rules_assess_every_certificate_alike_at_every_hour(self):
        for story in ["healthy", "closely", "maintained", "stuck", "looping", *stories()]:
            with self.subTest(story):
                differing = [f"{date(change.time)} {change.labels} {change.value}" for change in replayed(story).differing]
                self.assertEqual(differing, [])


class PackageServer(unittest.TestCase):
    maxDiff = None

    def test_it_alerts_two_years_before_expiry_and_ever_more_urgently(self):
        fired = replayed("stuck").fired
        self.assertEqual([(change.alert, (THEN - change.time) // DAY) for change in fired], [
            ("CertificateRotationBlocked (info)", 728),
            ("CertificateRotationBlocked (warning)", 59),
            ("CertificateExpiryImminent (warning)", 6),
            ("CertificateExpiryImminent (critical)", 1),
            (EXPIRED, -1),
            (FAILURE, -1),
        ])
        text = ""
        for change in fired:
            minutes = (change.time - THEN) // 60
            when = f"{left(THEN - change.time)} before expiry" if minutes < 0 else f"{minutes} minutes after expiry"
            text += f"**{change.alert}**, {date(change.time)}, {when}:\n\n"
            text += f"> {change.annotations['summary']}\n>\n> {change.annotations['description']}\n\n"
        assert_part(self, DOCUMENT, "package server", text)

    def test_every_text_ends_with_the_command(self):
        for story in ["stuck", "looping"]:
            for change in replayed(story).fired:
                with self.subTest(f"{story}: {change.alert}"):
                    self.assertTrue(change.annotations["description"].endswith(f"Fix: {COMMAND}"), change)

    def test_after_expiry_the_alerts_fire_until_the_repair_whether_olm_is_stuck_or_loops(self):
        for story in ["stuck", "looping"]:
            with self.subTest(story):
                replay = replayed(story)
                repair = THEN + 26 * HOUR
                after = [change for change in replay.changes if change.time > THEN]
                self.assertEqual((after[0].state, after[0].alert), ("resolved", "CertificateExpiryImminent (critical)"))
                times = {(change.state, change.alert): change.time for change in after[1:]}
                self.assertEqual(len(after), 1 + 2 * 2, "each fires once and is resolved once")
                self.assertLess(times["firing", EXPIRED], THEN + HOUR / 4)
                self.assertLess(times["firing", FAILURE], THEN + HOUR / 2)
                for alert in [EXPIRED, FAILURE]:
                    self.assertGreater(times["resolved", alert], repair)
                    self.assertLess(times["resolved", alert], repair + HOUR / 2)
                self.assertGreater(repair - times["firing", FAILURE], DAY)


class Evaluation(unittest.TestCase):
    """The replay itself, without which the silence above would prove nothing."""

    HISTORY = "# scraped 1000\na{x=\"1\"} 1\na{x=\"2\"} 2\n# scraped again 1060\na{x=\"2\"} 3\n# scraped 1120\na{x=\"1\"} 1\n"

    def evaluate(self, rule, history=HISTORY):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as rules, tempfile.TemporaryFile("w+") as scrapes:
            rules.write(f"groups: [{{name: g, rules: [{rule}]}}]")
            rules.flush()
            scrapes.write(history)
            scrapes.seek(0)
            return evaluate(scrapes, rules.name)

    def test_a_rule_that_cannot_be_evaluated_is_an_error(self):
        done = self.evaluate('{alert: A, expr: "a + on () a"}')
        self.assertEqual(done.returncode, 1)
        self.assertIn("many-to-many", done.stderr)

    def test_a_text_that_cannot_be_rendered_is_an_error(self):
        done = self.evaluate('{alert: A, expr: a, annotations: {summary: "{{ query `broken(` }}"}}')
        self.assertEqual(done.returncode, 1)
        self.assertIn("<error expanding template", done.stderr)

    def test_series_that_disappear_are_stale_at_once_and_series_that_are_scraped_again_stay(self):
        done = self.evaluate('{alert: A, expr: "count(a) == 2 and max(a) == 3"}')
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = [line.split('"state"')[1][2:9] if '"state"' in line else "" for line in done.stdout.splitlines()]
        self.assertEqual(lines, ["firing\"", "resolve", ""])
