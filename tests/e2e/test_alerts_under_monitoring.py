"""One alert of each name, whatever a monitoring stack does to labels, and while notafter or its scrapes are down."""

import rules
from promtool import SHIPPED, Case, RuleTests, alert, itself
from series import (
    DAY, YEAR, blocked, certificate, flat, impact, listed, looping, of_objects, operator, scraped, series,
)

PLATFORM = {
    "namespace": "notafter", "pod": "notafter-7d9f", "container": "notafter", "service": "notafter", "job": "notafter",
    "endpoint": "https", "instance": "10.128.0.7:9779",
}
OTHER = PLATFORM | {"pod": "notafter-x2x4", "instance": "10.131.0.9:9779"}
CSV, SECRET = {"csv": "widgets.v1"}, "widgets-service-cert"


def everything():
    """Returns a cluster with one cause for every alert."""
    return [
        certificate("blocked", 50 * DAY, not_before=-YEAR, manager="olm", due=49 * DAY),
        blocked("blocked", "olm", "rotate_at_too_late"),
        certificate("late", 300 * DAY, not_before=-YEAR, manager="csr", due=0),
        certificate("soon", 20 * DAY, not_before=-YEAR),
        certificate("imminent", 5 * DAY, not_before=-YEAR),
        certificate("expired", 0, not_before=-YEAR), impact("expired", "cluster", "APIService/v1.expired"),
        certificate("early", YEAR, not_before=9 * DAY),
        [series("notafter_problem", 1, kind="Secret", cert_namespace="shop", name="odd", key="tls.crt", reason="malformed")],
        blocked(SECRET, "olm", "secret_missing"), impact(SECRET, "operator", "ClusterServiceVersion/widgets.v1"),
        operator("widgets.v1", "Installing"), operator("gadgets.v1", "Pending"), looping("rounds.v1"),
        listed("secrets"), listed("routes", 0, 0),
    ]


ALERTS = [
    alert("CertificateRotationBlocked", name="blocked"),
    alert("CertificateRenewalOverdue", name="late"),
    alert("CertificateExpiresSoon", name="soon"),
    alert("CertificateExpiryImminent", name="imminent"),
    alert("CertificateExpired", "critical", "expired"),
    alert("CertificateNotYetValid", name="early"),
    alert("CertificateUnreadable", name="odd"),
    alert("OperatorCertificateFailure", name=SECRET, csv="widgets.v1"),
    alert("OperatorNotSettled", csv="gadgets.v1"),
    alert("OperatorNotSettled", csv="rounds.v1"),
    alert("NotafterBlind", resource="routes"),
]


def standing(name, *targets):
    """Returns a case in which every alert, once all have waited long enough, fires exactly once and keeps firing."""
    return Case(name, 150, *everything(), targets=targets).firing(range(75, 151), *ALERTS)


class UnderMonitoring(RuleTests):
    def test_the_labels_of_a_target_make_no_difference(self):
        renamed = PLATFORM | {"job": "monitoring/notafter"}
        platform = standing("the platform's Prometheus", {"target": PLATFORM})
        by_namespace = 'count by (namespace) (ALERTS{alertstate="firing"})'
        platform.counting(150, by_namespace, ({"namespace": "shop"}, len(ALERTS) - 1), ({"namespace": "notafter"}, 1))
        self.assertHold(
            platform, standing("another job", {"target": PLATFORM, "until": 100}, {"target": renamed, "since": 100}),
        )

    def test_where_a_namespace_is_enforced_other_namespaces_make_no_difference(self):
        enforced = rules.enforced(SHIPPED, "notafter")
        case = standing("user-workload monitoring", {"target": PLATFORM})
        forged = [certificate("forged", -DAY, not_before=-YEAR), listed("secrets", 0, 0)]
        case.series += scraped(flat(forged), PLATFORM | {"namespace": "elsewhere"})
        case.counting(150, 'count by (namespace) (ALERTS{alertstate="firing"})', ({"namespace": "notafter"}, len(ALERTS)))
        self.assertHold(case, specs=(enforced,))

    def test_two_replicas_raise_one_alert_although_one_is_a_poll_behind(self):
        self.assertHold(standing("two", {"target": PLATFORM}, {"target": OTHER, "behind": 2}))

    def test_a_replaced_or_restarted_pod_resolves_nothing(self):
        self.assertHold(
            standing("replaced", {"target": PLATFORM, "until": 100}, {"target": OTHER, "since": 105}),
            standing("restarted", {"target": PLATFORM, "gap": range(100, 103)}),
            standing("crashing", {"target": PLATFORM, "gap": [minute for minute in range(90, 150) if minute % 4]}),
        )

    def test_a_gap_of_nine_minutes_resolves_nothing(self):
        self.assertHold(standing("a gap", {"target": PLATFORM, "gap": range(100, 109)}))

    def test_while_lists_fail_the_known_certificates_keep_alerting(self):
        blind = [alert("NotafterBlind", resource="secrets")]
        expired = certificate("expired", 0, not_before=-YEAR), alert("CertificateExpired", name="expired")
        before, after = range(5, 75), range(75, 181)
        refused = Case("refused", 180, expired[0], listed("secrets", {0: 1, 60: 0}, {0: 60, 60: 3600}))
        stuck = Case("no answer for an hour", 180, expired[0], listed("secrets", 1, 0))
        never = Case("never allowed", 60, listed("secrets", 0, None))
        self.assertHold(
            refused.firing(before, expired[1]).firing(after, expired[1], *blind),
            stuck.firing(range(5, 76), expired[1]).firing(range(76, 181), expired[1], *blind),
            never.firing(range(15)).firing(range(15, 61), *blind),
        )

    def test_a_replica_that_is_blind_is_reported_and_does_not_keep_a_repaired_alert_alive(self):
        lost = [certificate("web", 50 * DAY, not_before=-YEAR, manager="olm"), blocked("web", "olm", "rotate_at_too_late")]
        mended = [certificate("web", {0: 50 * DAY, 90: 2 * YEAR}, not_before=-YEAR, manager="olm"),
                  blocked("web", "olm", "rotate_at_too_late", value={0: 1, 90: None})]
        case = Case("one of two", 150, targets=[])
        for exposed, target in ((lost + [listed("secrets", {0: 1, 80: 0}, lambda minute: min(minute, 80) * 60)], PLATFORM),
                                (mended + [listed("secrets")], OTHER)):
            exposed = flat([itself(), *exposed])
            case.series += scraped(exposed + of_objects(exposed, 150), target)
        alive = alert("CertificateRotationBlocked", name="web")
        blind = alert("NotafterBlind", resource="secrets")
        case.firing(range(61, 90), alive).firing(range(95, 151), blind)
        self.assertHold(case)

    def test_clusters_in_one_ruler_do_not_hide_each_other(self):
        def late():
            return [certificate(f"web-{it}", 20 * DAY, not_before=-YEAR, manager="csr", due=0) for it in range(6)]

        expired, good = certificate("web", 0, not_before=-YEAR), certificate("web", 300 * DAY, not_before=-YEAR)
        case = Case("two clusters", 90, targets=[])
        for cluster, own in (("a", expired), ("b", good)):
            exposed = flat([itself(), own, *late()])
            case.series += scraped(exposed + of_objects(exposed, 90), PLATFORM | {"cluster": cluster})
        single = [
            alert("CertificateRenewalOverdue", name=f"web-{it}", cluster=cluster) for it in range(6) for cluster in "ab"
        ]
        gone = alert("CertificateExpired", name="web", cluster="a")
        self.assertHold(case.firing(range(5, 60), gone).firing(range(60, 91), gone, *single))

    def test_a_notafter_that_is_not_scraped_alerts_within_twenty_minutes(self):
        down = alert("NotafterDown")
        gone = [{"gap": range(60, 90)}]
        self.assertHold(
            Case("gone", 100, targets=gone).firing(range(79)).firing(range(80, 90), down).firing(range(90, 101)),
            Case("never scraped", 30, targets=[{"since": 99}]).firing(range(15)).firing(range(15, 31), down),
        )
