"""The example of custom thresholds does what its comments say."""

import rules
from control_plane import ROOT
from promtool import SHIPPED, Case, RuleTests, alert
from series import DAY, YEAR, blocked, certificate, impact, operator, series

OWN = rules.of(ROOT / "alerts/examples/thresholds.yaml")
EDGE = 66


def fires(name, days, alertname="CertificateExpiresSoon", *, life=YEAR, before=(), manager="none", namespace="bank"):
    """Returns a case in which a certificate alerts an hour after it has so many days left."""
    not_after = int(days * DAY) + EDGE * 60
    after = alert(alertname, name=name, namespace=namespace)
    before = [alert(earlier, name=name, namespace=namespace) for earlier in before]
    issued = certificate(name, not_after, not_before=not_after - life, manager=manager, namespace=namespace)
    case = Case(f"{namespace}/{name}", EDGE + 63, issued)
    return case.firing(range(61, EDGE + 60), *before).firing(range(EDGE + 60, EDGE + 64), after)


class Thresholds(RuleTests):
    def assertHold(self, *cases):
        super().assertHold(*cases, specs=(SHIPPED, OWN))

    def test_the_default_is_45_days_and_no_more_than_a_third_of_the_lifetime(self):
        self.assertHold(
            fires("long", 45), fires("short", 20, life=60 * DAY), fires("operators", 22.5, manager="operator"),
        )

    def test_a_namespace_has_60_days_whatever_the_lifetime(self):
        self.assertHold(
            fires("long", 60, namespace="shop"), fires("short", 60, life=90 * DAY, namespace="shop"),
            fires("operators", 60, manager="operator", namespace="shop"),
        )

    def test_one_name_has_14_days_in_its_namespace_only(self):
        self.assertHold(fires("status-tls", 14, namespace="shop"), fires("status-tls", 45))

    def test_the_last_days_are_10_and_no_more_than_a_tenth_of_the_lifetime(self):
        soon, imminent = ["CertificateExpiresSoon"], "CertificateExpiryImminent"
        self.assertHold(
            fires("long", 10, imminent, before=soon), fires("short", 6, imminent, life=60 * DAY, before=soon),
            fires("status-tls", 10, imminent, before=soon, namespace="shop"),
        )

    def test_a_muted_namespace_does_not_alert(self):
        there = {"namespace": "playground"}
        needed = impact("stuck-service-cert", "operator", "ClusterServiceVersion/stuck.v1", **there)
        mute = [
            certificate("expired", 0, not_before=-YEAR, **there), impact("expired", "cluster", "APIService/v1.x", **there),
            certificate("early", YEAR, not_before=9 * DAY, **there),
            certificate("late", 300 * DAY, not_before=-YEAR, manager="csr", due=0, **there),
            certificate("lost", 50 * DAY, manager="olm", **there), blocked("lost", "olm", "rotate_at_too_late", **there),
            blocked("stuck-service-cert", "olm", "secret_missing", **there), needed,
            [series("notafter_problem", 1, kind="Secret", cert_namespace="playground", name="x", key="tls.crt", reason="y")],
            operator("stuck.v1", "Installing", reason="NeedsCertRotation", **there),
            operator("waiting.v1", "Pending", **there),
        ]
        case = Case("muted", 120, *mute, certificate("expired", 0, not_before=-YEAR))
        self.assertHold(case.firing(range(5, 121), alert("CertificateExpired", name="expired")))

    def test_thresholds_hold_where_a_namespace_is_enforced(self):
        both = [rules.enforced(it, "notafter") for it in (SHIPPED, OWN)]
        super().assertHold(
            in_namespace(fires("long", 45)), in_namespace(fires("status-tls", 14, namespace="shop")), specs=both,
        )


def in_namespace(case):
    case.series = [(family, labels | {"namespace": "notafter"}, value) for family, labels, value in case.series]
    return case
