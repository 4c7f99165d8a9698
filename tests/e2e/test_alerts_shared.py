"""One certificate that was put into many secrets by hand is one alert."""

from promtool import Case, RuleTests, alert
from series import DAY, YEAR, series

EDGE, SHARED = 66, "5be10a44c97d1f02"
ONE = alert("CertificateInManyPlaces", shared=SHARED)


def place(number, not_after, *, shared=SHARED, impact="", cluster=None):
    """Returns the series of a secret with the certificate."""
    name = {"kind": "Secret", "cert_namespace": f"shop-{number}", "name": "wildcard"} | (cluster or {})
    said = {"manager": "none", "impact": impact, "shared": shared} if impact else {"manager": "none", "shared": shared}
    return [series("cert_expiry_seconds", not_after, **name, **said), series("cert_life_seconds", YEAR, **name)]


def single(number, what, severity="warning"):
    return alert(f"Certificate{what}", severity, "wildcard", namespace=f"shop-{number}")


def places(count, days, **how):
    return [place(number, int(days * DAY) + EDGE * 60, **how) for number in range(count)]


class Shared(RuleTests):
    def test_it_is_one_alert_from_30_days_before_expiry_until_it_is_replaced(self):
        for days in (30, 7, 0):
            fires = EDGE + 15 if days == 30 else 16
            case = Case(f"{days} days", EDGE + 70, *places(40, days))
            self.assertHold(case.firing(range(fires - 9 if days == 30 else 5, fires - 1)).firing(range(fires, EDGE + 70), ONE))

    def test_critical_alerts_about_the_single_secrets_stay(self):
        vital = place(9, 2 * DAY + EDGE * 60, impact="cluster")
        case = Case("one of them is the API server's", EDGE + 65, *places(3, 2), vital)
        self.assertHold(
            case.firing(range(20, EDGE), ONE).firing(range(EDGE + 60, EDGE + 65), ONE, single(9, "ExpiryImminent", "critical")),
        )

    def test_a_third_secret_takes_over_from_the_alerts_about_two_without_a_gap(self):
        third = 100
        def known(number):
            alone = {0: 20 * DAY, third: None}
            return [place(number, alone, shared=""), place(number, {0: None, third: 20 * DAY})]
        two = [single(number, "ExpiresSoon") for number in range(2)]
        case = Case("a third one", third + 30, *known(0), *known(1), place(2, {0: None, third: 20 * DAY}))
        self.assertHold(
            case.firing(range(61, third + 14), *two).firing(range(third + 16, third + 30), ONE),
        )

    def test_the_same_certificate_in_two_clusters_is_an_alert_in_each(self):
        everywhere = [place(number, 20 * DAY, cluster={"cluster": cluster}) for number in range(3) for cluster in ("a", "b")]
        own = [series("notafter_build_info", 1, cluster=cluster, version="0.1.0", revision="unknown") for cluster in ("a", "b")]
        case = Case("two clusters", 30, own, *everywhere)
        self.assertHold(case.firing(range(16, 30), ONE | {"cluster": "a"}, ONE | {"cluster": "b"}))

    def test_when_all_are_replaced_it_resolves(self):
        replaced = [place(number, {0: 20 * DAY, 60: 300 * DAY}) for number in range(5)]
        self.assertHold(Case("replaced", 90, *replaced).firing(range(16, 60), ONE).firing(range(62, 90)))
