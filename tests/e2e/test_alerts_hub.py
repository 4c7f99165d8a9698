"""The rules for a hub of many clusters: alone with what a fleet's store has, and beside the shipped rules."""

import json
import pathlib
import tempfile

from prometheus import FOLDERS
from promtool import HUB, OF_HUB, SHIPPED, Case, RuleTests, alert, run
from series import DAY, TARGET, blocked, certificate, flat, impact, listed, selector, series

FLEET = ("NotafterFleetSilent", "NotafterClusterSilent", "CertificateRenewalFailsInFleet", "CertificateExpiresInFleet")
OF_HUB_FIRING = (
    'count by (alertname, severity, cluster, kind, cert_namespace, name, manager, reason) '
    f'(ALERTS{{alertname=~"{"|".join(FLEET)}",alertstate="firing"}})'
)


class Hub:
    """Some minutes of a hub, and the alerts of its own that fire in them; each series has its own labels."""

    def __init__(self, name, minutes, *clusters):
        self.name, self.minutes, self.series, self.expected = name, minutes, flat(clusters), []

    def firing(self, minutes, *alerts):
        for minute in [minutes] if isinstance(minutes, int) else minutes:
            samples = [{"labels": selector("", labels), "value": 1} for labels in alerts]
            self.expected.append({"expr": OF_HUB_FIRING, "eval_time": f"{minute}m", "exp_samples": samples})
        return self

    test = Case.test


def seen(*clusters, value=1):
    return [series("notafter_build_info", value, cluster=cluster, version="0.1.0") for cluster in clusters]


def names(number, first=0):
    return [f"cluster-{index:03}" for index in range(first, first + number)]


def cause(family, value, clusters, manager="olm", reason="rotate_at_too_late", name="web"):
    labels = {"kind": "Secret", "cert_namespace": "shop", "name": name, "manager": manager, "reason": reason}
    return [series(f"notafter:{family}", value, cluster=cluster, **labels) for cluster in clusters]


def unattended(value, clusters, reach="cluster", name="web", **more):
    labels = {"kind": "Secret", "cert_namespace": "shop", "name": name, "impact": reach, "manager": "none"} | more
    return [series("notafter:unattended", value, cluster=cluster, **labels) for cluster in clusters]


def silent(cluster):
    return {"alertname": "NotafterClusterSilent", "severity": "warning", "cluster": cluster}


FLEET_SILENT = {"alertname": "NotafterFleetSilent", "severity": "warning"}


def fails(severity, manager="olm", **reason):
    return {"alertname": "CertificateRenewalFailsInFleet", "severity": severity, "manager": manager, **reason}


TOO_LATE = {"reason": "rotate_at_too_late"}


def expires(severity, name="web"):
    return alert("CertificateExpiresInFleet", severity, name)


class OfHub(RuleTests):
    def assertAlone(self, *cases):
        self.assertHold(*cases, specs=(OF_HUB,))

    def test_a_single_cluster_and_one_without_a_name_are_silent(self):
        gone = {0: 1, 30: None}
        self.assertAlone(
            Hub("one cluster", 90, seen("berlin"), cause("rotation_blocked", 5 * DAY, ["berlin"]),
                unattended(DAY, ["berlin"])).firing(range(91)),
            Hub("no name", 90, [series("notafter_build_info", gone)]).firing(range(91)),
            Hub("no series at all", 90).firing(range(91)),
        )

    def test_gaps_of_all_clusters_and_samples_every_five_minutes_are_silent(self):
        sparse = lambda minute: 1 if minute % 5 == 0 else None
        gap = lambda minute: None if 30 <= minute < 50 else 1
        self.assertAlone(
            Hub("sparse", 120, seen(*names(20), value=sparse)).firing(range(121)),
            Hub("a gap of all", 120, seen(*names(20), value=gap)).firing(range(121)),
            Hub("one after the other", 120, *(
                seen(cluster, value=lambda minute, index=index: None if index * 5 <= minute < index * 5 + 20 else 1)
                for index, cluster in enumerate(names(20))
            )).firing(range(121)),
        )

    def test_nine_silent_clusters_are_nine_alerts_and_ten_are_one_without_a_pause(self):
        nine, tenth = seen(*names(9), value={0: 1, 10: None}), seen("tenth", value={0: 1, 75: None, 150: 1})
        rest = seen(*names(20, 100))
        nine_alerts = list(map(silent, names(9)))
        self.assertAlone(
            Hub("ten and nine again", 200, nine, tenth, rest)
            .firing(range(40)).firing(range(40, 105), *nine_alerts).firing(range(105, 150), FLEET_SILENT)
            .firing(range(150, 165)).firing(range(165, 201), *nine_alerts),
            Hub("all at once", 90, seen(*names(12), value={0: 1, 10: None}))
            .firing(range(40)).firing(range(40, 91), FLEET_SILENT),
            Hub("ten are less than a tenth", 120, nine, tenth, seen(*names(120, 100)))
            .firing(range(105, 121), *nine_alerts, silent("tenth")),
        )

    def test_a_removed_cluster_is_forgotten_after_seven_days(self):
        # A day has 288 samples.
        values = {"berlin": "1x288 stale", "paris": f"1x{9 * 288}"}

        def fires(at, *alerts):
            samples = [{"labels": selector("", labels), "value": 1} for labels in alerts]
            return {"expr": OF_HUB_FIRING, "eval_time": f"{at}m", "exp_samples": samples}

        test = {
            "interval": "5m",
            "input_series": [{"series": selector("notafter_build_info", {"cluster": it}), "values": values[it]} for it in values],
            "promql_expr_test": [
                fires(1440 + 25), fires(1440 + 40, silent("berlin")), fires(8 * 1440 - 5, silent("berlin")),
                fires(8 * 1440 + 5), fires(9 * 1440),
            ],
        }
        for folder in FOLDERS:
            with self.subTest(folder), tempfile.TemporaryDirectory() as work:
                tests = pathlib.Path(work, "tests.json")
                tests.write_text(json.dumps({"rule_files": [str(HUB)], "evaluation_interval": "5m", "tests": [test]}))
                self.assertEqual(run(folder, "test", "rules", tests), "")

    def test_a_cluster_that_reported_its_own_failure_alerts_once_it_reports_nothing(self):
        down = {"alertname": "NotafterDown", "alertstate": "firing", "cluster": "berlin"}
        reported = [series("ALERTS", {0: None, 50: 1, 100: None}, **down)]
        self.assertAlone(
            Hub("down", 160, seen("berlin", value={0: 1, 30: None}), seen("paris"), reported)
            .firing(range(128)).firing(range(133, 161), silent("berlin")),
        )

    def test_one_cause_counts_from_three_clusters_and_a_tenth_of_the_fleet_on(self):
        blocked = lambda number, expiry=300 * DAY: cause("rotation_blocked", expiry, names(number))
        of = lambda number: seen(*names(number))
        after, fires = range(62, 91), fails("info", **TOO_LATE)
        self.assertAlone(
            Hub("two of three", 90, of(3), blocked(2)).firing(range(91)),
            Hub("three of three", 90, of(3), blocked(3)).firing(range(60)).firing(after, fires),
            Hub("three of thirty", 90, of(30), blocked(3)).firing(after, fires),
            Hub("three of thirty-one", 90, of(31), blocked(3)).firing(range(91)),
            Hub("fifty of 500", 90, of(500), blocked(50)).firing(after, fires),
            Hub("forty-nine of 500", 90, of(500), blocked(49)).firing(range(91)),
            Hub("two causes of two each", 90, of(4), cause("rotation_blocked", 9 * DAY, names(2)),
                cause("rotation_blocked", 9 * DAY, names(2, 2), reason="operator_group")).firing(range(91)),
            Hub("several objects in one cluster", 90, of(4), *(
                cause("rotation_blocked", 300 * DAY, names(1), name=f"web-{index}") for index in range(9)
            )).firing(range(91)),
            Hub("from the first day", 90, of(3), cause("rotation_blocked", 80 * DAY, names(3), "ingress-operator", "never_renewed"),
                cause("rotation_blocked", 80 * DAY, names(3), "certrotation", "node_gone")).firing(range(91)),
        )

    def test_one_cause_becomes_a_warning_60_days_before_the_first_expiry_without_a_pause(self):
        at = 60 * DAY + 100 * 60
        info, warning = fails("info", **TOO_LATE), fails("warning", **TOO_LATE)
        self.assertAlone(
            Hub("sixty days", 200, seen(*names(4)), cause("rotation_blocked", at, names(4)))
            .firing(range(60, 160), info).firing(range(160, 201), warning),
            Hub("two of three are close", 200, seen(*names(3)), cause("rotation_blocked", DAY, names(2)),
                cause("rotation_blocked", 300 * DAY, names(1, 2))).firing(range(60, 201), info),
            Hub("missing secrets", 90, seen(*names(3)), cause("rotation_blocked", 0, names(3), reason="secret_missing"))
            .firing(range(60, 91), fails("warning", reason="secret_missing")),
            Hub("late without a reason", 90, seen(*names(3)), cause("overdue", 300 * DAY, names(3), "cert-manager", ""))
            .firing(range(60, 91), fails("warning", "cert-manager")),
        )

    def test_the_same_object_alerts_in_its_last_seven_days_and_critically_in_the_last_48_hours(self):
        def at(days, number=3, **how):
            return Hub(f"{days} days, {number} clusters", 90, seen(*names(40)), unattended(days * DAY, names(number), **how))

        after = range(60, 91)
        self.assertAlone(
            at(7.1).firing(range(91)),
            at(6.9).firing(range(60)).firing(after, expires("warning")),
            at(2.1).firing(after, expires("warning")),
            at(1.9).firing(range(60)).firing(after, expires("critical")),
            at(1.9, 2).firing(range(91)),
            at(1.9, 40).firing(after, expires("critical")),
            at(1.9, reach="namespace").firing(after, expires("warning")),
            at(-29, reach="").firing(after, expires("warning")),
            at(-31, reach="").firing(range(91)),
            at(-31, reach="namespace").firing(after, expires("warning")),
            Hub("critical takes over", 200, seen(*names(3)), unattended(2 * DAY + 100 * 60, names(3)))
            .firing(range(60, 160), expires("warning")).firing(range(160, 201), expires("critical")),
            Hub("three names", 90, seen(*names(3)), *(
                unattended(DAY, [cluster], name=f"web-{cluster}") for cluster in names(3)
            )).firing(range(91)),
        )

    def test_another_reason_in_one_cluster_counts_no_cluster_twice(self):
        two = unattended(DAY, names(1), "namespace", reason="operator_group"), unattended(DAY, names(1), "cluster")
        self.assertAlone(
            Hub("two states", 90, seen(*names(3)), *two, unattended(DAY, names(1, 1), "namespace")).firing(range(91)),
        )

    def test_february_2024_is_one_alert_for_the_fleet(self):
        expiry = {0: 5 * DAY, 200: 4 * 365 * DAY}
        lost = {0: 1, 200: None}
        secret = [
            certificate("packageserver", expiry, not_before=-725 * DAY, manager="olm"),
            blocked("packageserver", "olm", "rotate_at_too_late", value=lost),
            impact("packageserver", "cluster", "APIService/v1.packages"),
            listed("secrets"),
        ]
        targets = [{"target": TARGET | {"cluster": cluster}} for cluster in names(12)]
        case = Case("evaluated centrally", 260, *secret, targets=targets)
        one = 'count by (alertname, severity) (ALERTS{alertname=~".+InFleet",alertstate="firing"})'
        both = [
            ({"alertname": "CertificateRenewalFailsInFleet", "severity": "warning"}, 1),
            ({"alertname": "CertificateExpiresInFleet", "severity": "warning"}, 1),
        ]
        own = 'count by (alertname) (ALERTS{cluster!="",alertstate="firing"})'
        for minute in (62, 130, 199):
            case.counting(minute, one, *both).counting(minute, own, ({"alertname": "CertificateExpiryImminent"}, 12))
        self.assertHold(case.counting(220, one).counting(230, own), specs=(SHIPPED, OF_HUB))

    def test_healthy_clusters_in_one_ruler_raise_nothing(self):
        secrets = [
            certificate("web", 80 * DAY, not_before=-10 * DAY, manager="cert-manager", due=50 * DAY),
            certificate("hand-made", 200 * DAY, not_before=-100 * DAY),
            listed("secrets"),
        ]
        targets = [{"target": TARGET | {"cluster": cluster}, "gap": range(20, 25)} for cluster in names(12)]
        nothing = 'count(ALERTS)'
        case = Case("healthy", 200, *secrets, targets=targets)
        for minute in range(0, 201, 5):
            case.counting(minute, nothing)
        self.assertHold(case, specs=(SHIPPED, OF_HUB))
