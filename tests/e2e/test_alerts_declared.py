"""The alerts about secrets whose owners have declared something about them."""

from promtool import Case, RuleTests, alert
from series import DAY, YEAR, certificate, series

EDGE = 66
WEB = {"kind": "Secret", "cert_namespace": "shop", "name": "web"}
SOON, IMMINENT, EXPIRED = (
    alert(f"Certificate{what}", "warning", "web") for what in ("ExpiresSoon", "ExpiryImminent", "Expired")
)


def expiring(not_after, *, life=YEAR, manager="none", due=None, **labels):
    """Returns the series of an object of that lifetime, with labels such as `owner`."""
    of_object = WEB | {"manager": manager} | labels
    leaf = {"key": "tls.crt", "position": "0", "role": "leaf", "manager": manager}
    dues = [series("cert_renewal_due_seconds", due, **WEB | leaf)] if due is not None else []
    return [series("cert_expiry_seconds", not_after, **of_object), series("cert_life_seconds", life, **WEB), *dues]


def warned(seconds):
    return [series("cert_warn_before_seconds", seconds, **WEB)]


def begins(name, days, *cluster, after=SOON, before=(), hold=60, **how):
    """Returns a case in which an alert fires an hour after so many days are left."""
    fires = EDGE + hold
    case = Case(name, fires + 4, expiring(int(days * DAY) + EDGE * 60, **how), *cluster)
    return case.firing(range(61, fires), *before).firing(range(fires, fires + 4), after)


class Declared(RuleTests):
    def test_a_warning_comes_as_early_as_the_owner_wants_and_no_earlier(self):
        self.assertHold(
            begins("earlier", 60, warned(60 * DAY)),
            begins("later", 10, warned(10 * DAY)),
            begins("a life of a day", 0.25, warned(DAY // 4), life=DAY),
            begins("the last days stay", 7, warned(60 * DAY), before=[SOON], after=IMMINENT),
        )

    def test_what_the_owner_wants_counts_before_the_numbers_of_others(self):
        others = [series("notafter:warn_days", 90, cert_namespace="shop"), series("notafter:warn_days", 80)]
        self.assertHold(begins("a namespace, and everything", 20, warned(20 * DAY), others))

    def test_what_somebody_renews_is_silent_until_that_time_and_overdue_an_hour_later(self):
        due = EDGE * 60
        overdue = alert("CertificateRenewalOverdue", "warning", "web")
        self.assertHold(
            begins("ten days before", 10, manager="owner", due=due, after=overdue),
            Case("renewed", 200, expiring({0: 10 * DAY, EDGE + 30: 90 * DAY}, manager="owner",
                                          due={0: due, EDGE + 30: 80 * DAY})).firing(range(5, 200)),
        )

    def test_many_that_are_overdue_are_told_one_by_one_because_nothing_can_be_looked_at(self):
        late = [
            certificate(f"web-{number}", 25 * DAY, not_before=-300 * DAY, manager="owner", due=0) for number in range(12)
        ]
        overdue = [alert("CertificateRenewalOverdue", "warning", f"web-{number}") for number in range(12)]
        self.assertHold(Case("twelve", 70, *late).firing(range(65, 70), *overdue))

    def test_every_alert_about_it_has_the_owner_for_routing(self):
        owned = lambda one: one | {"owner": "team-shop"}
        unreadable = [series("notafter_problem", 1, **WEB, key="tls.crt", reason="malformed")]
        self.assertHold(
            begins("expires soon", 30, owner="team-shop", after=owned(SOON)),
            begins("expired", 0, owner="team-shop", before=[owned(IMMINENT)], after=owned(EXPIRED), hold=5),
            Case("unreadable", 30, expiring(200 * DAY, owner="team-shop"), unreadable)
            .firing(range(17, 30), owned(alert("CertificateUnreadable", "warning", "web"))),
            Case("unreadable, of nobody", 30, expiring(200 * DAY), unreadable)
            .firing(range(17, 30), alert("CertificateUnreadable", "warning", "web")),
            Case("another owner", 60, expiring({0: -DAY, 30: None}, owner="one"), expiring({0: None, 30: -DAY}, owner="two"),
                 unreadable)
            .firing(29, alert("CertificateExpired", "warning", "web") | {"owner": "one"},
                    alert("CertificateUnreadable", "warning", "web") | {"owner": "one"})
            .firing(59, alert("CertificateExpired", "warning", "web") | {"owner": "two"},
                    alert("CertificateUnreadable", "warning", "web") | {"owner": "two"}),
        )

    def test_what_is_ignored_does_not_alert_whatever_is_wrong_with_it(self):
        ignored = [series("notafter_ignored", {0: None, EDGE: 1}, **WEB, explanation="replaced by web-2")]
        problem = [series("notafter_problem", 1, **WEB, key="tls.crt", reason="malformed")]
        shown = [
            series("cert_not_after_seconds", -DAY, **WEB, key="tls.crt", position="0", role="leaf", manager="none"),
            series("cert_not_before_seconds", DAY, **WEB, key="tls.crt", position="0", role="leaf", manager="none"),
        ]
        self.assertHold(
            Case("from some time on", EDGE + 60, expiring({0: -DAY, EDGE: None}), ignored, problem)
            .firing(EDGE - 1, EXPIRED, alert("CertificateUnreadable", "warning", "web"))
            .firing(range(EDGE + 10, EDGE + 60)),
            Case("from the beginning", 90, shown, [series("notafter_ignored", 1, **WEB, explanation="x")], problem)
            .firing(range(5, 90)),
        )
