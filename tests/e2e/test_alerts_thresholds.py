"""The example of thresholds of one's own does what its comments say."""

import rules
from control_plane import ROOT
from promtool import SHIPPED, Case, RuleTests, alert
from series import DAY, YEAR, blocked, certificate, impact, operator, series

OWN = rules.of(ROOT / "alerts/examples/thresholds.yaml")
EDGE = 66


def tells(name, days, alertname="CertificateExpiresSoon", *, lives=YEAR, before=(), manager="none", namespace="bank"):
    """A certificate that is told of an hour after it has so many days left."""
    ends = int(days * DAY) + EDGE * 60
    told = alert(alertname, name=name, namespace=namespace)
    before = [alert(it, name=name, namespace=namespace) for it in before]
    made = certificate(name, ends, not_before=ends - lives, manager=manager, namespace=namespace)
    case = Case(f"{namespace}/{name}", EDGE + 63, made)
    return case.firing(range(61, EDGE + 60), *before).firing(range(EDGE + 60, EDGE + 64), told)


class Thresholds(RuleTests):
    def assertHold(self, *cases):
        super().assertHold(*cases, specs=(SHIPPED, OWN))

    def test_everything_has_45_days_and_no_more_than_a_third_of_its_life(self):
        self.assertHold(
            tells("long", 45), tells("short", 20, lives=60 * DAY), tells("operators", 22.5, manager="operator"),
        )

    def test_a_namespace_has_60_days_however_long_its_certificates_live(self):
        self.assertHold(
            tells("long", 60, namespace="shop"), tells("short", 60, lives=90 * DAY, namespace="shop"),
            tells("operators", 60, manager="operator", namespace="shop"),
        )

    def test_one_secret_has_14_days_and_its_name_means_nothing_elsewhere(self):
        self.assertHold(tells("status-tls", 14, namespace="shop"), tells("status-tls", 45))

    def test_the_last_days_are_10_and_no_more_than_a_tenth_of_a_life(self):
        soon, imminent = ["CertificateExpiresSoon"], "CertificateExpiryImminent"
        self.assertHold(
            tells("long", 10, imminent, before=soon), tells("short", 6, imminent, lives=60 * DAY, before=soon),
            tells("status-tls", 10, imminent, before=soon, namespace="shop"),
        )

    def test_nobody_is_called_for_what_is_in_a_muted_namespace(self):
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
        heard = certificate("expired", 0, not_before=-YEAR)
        case = Case("muted", 120, *mute, heard)
        self.assertHold(case.firing(range(5, 121), alert("CertificateExpired", name="expired")))

    def test_they_hold_where_a_namespace_is_enforced(self):
        both = [rules.enforced(it, "notafter") for it in (SHIPPED, OWN)]
        super().assertHold(
            in_namespace(tells("long", 45)), in_namespace(tells("status-tls", 14, namespace="shop")), specs=both,
        )


def in_namespace(case):
    case.series = [(family, labels | {"namespace": "notafter"}, value) for family, labels, value in case.series]
    return case
