"""Whom the rules call as a certificate comes near its end: to the minute, and about one thing at a time."""

from promtool import Case, RuleTests, alert
from series import DAY, HOUR, YEAR, blocked, certificate, impact

EDGE = 66  # the minute at which what is tested begins: late enough for what was before it to fire


def at(days):
    """The time at which something ends that has so many days left at the edge."""
    return int(days * DAY) + EDGE * 60


def web(ends, lives=YEAR, **how):
    return certificate("web", ends, begins=ends - int(lives), **how)


def of_olm(ends, **how):
    return web(ends, 2 * YEAR, manager="olm", due=ends - 23 * HOUR, **how)


def skewed(ends):
    return of_olm(ends) + blocked("web", "olm", "rotate_at_too_late")


def of_router(ends):
    return web(ends, 2 * YEAR, manager="ingress-operator") + blocked("web", "ingress-operator", "never_renewed")


def of_certrotation(due):
    return web(due + 6 * DAY, 30 * DAY, manager="certrotation", due=due)


NEEDED = impact("web", "namespace", "Route/web")
VITAL = impact("web", "cluster", "APIService/v1.web")
SOON, LATE = alert("CertificateExpiresSoon", "warning", "web"), alert("CertificateRenewalOverdue", "warning", "web")
IMMINENT, EXPIRED = alert("CertificateExpiryImminent", "warning", "web"), alert("CertificateExpired", "warning", "web")


def grave(one, severity="critical"):
    return [one | {"severity": severity}]


def lost(severity, reason="rotate_at_too_late"):
    return [alert("CertificateRotationBlocked", severity, "web", reason=reason)]


def turn(name, before, after, hold, *told):
    """What fires before the edge goes on until what comes at the edge has held for so many minutes."""
    fires = EDGE + hold
    case = Case(name, fires + 6, *told)
    return case.firing(range(61, fires), *before).firing(range(fires, fires + 6), *after)


def silent(name, *told, minutes=90):
    return Case(name, minutes, *told).firing(range(0, minutes, 5)).firing(minutes)


class InTime(RuleTests):
    def test_what_nobody_renews_is_told_of_with_30_days_or_a_third_of_its_life_left(self):
        self.assertHold(
            turn("a year", [], [SOON], 60, web(at(30))),
            turn("by an upgrade of its chart, if at all", [], [SOON], 60, web(at(30), manager="helm")),
            turn("60 days", [], [SOON], 60, web(at(20), 60 * DAY)),
            turn("a little more than two days", [], [SOON], 60, web(at(17 / 24), 51 * HOUR)),
        )

    def test_what_an_unknown_operator_may_renew_is_told_of_with_half_of_that_left(self):
        self.assertHold(
            turn("a year", [], [SOON], 60, web(at(15), manager="operator")),
            turn("60 days", [], [SOON], 60, web(at(10), 60 * DAY, manager="operator")),
        )

    def test_the_last_7_days_or_tenth_of_a_life_take_over_from_whatever_was_before(self):
        soon = [SOON]
        self.assertHold(
            turn("nobody's", soon, [IMMINENT], 60, web(at(7))),
            turn("nobody's, 60 days", soon, [IMMINENT], 60, web(at(6), 60 * DAY)),
            turn("nobody's, vital", soon, grave(IMMINENT), 60, web(at(7)), VITAL),
            turn("an operator's", soon, [IMMINENT], 60, web(at(7), manager="operator")),
            turn("late", [LATE], [IMMINENT], 60, web(at(3), 30 * DAY, manager="certrotation", due=-DAY)),
            turn("blocked", lost("warning"), [IMMINENT], 60, skewed(at(7))),
            turn("blocked, vital", lost("warning"), grave(IMMINENT), 60, skewed(at(7)), VITAL),
        )

    def test_the_end_takes_over_from_the_last_days(self):
        self.assertHold(
            turn("nobody's", [IMMINENT], [EXPIRED], 5, web(at(0))),
            turn("vital", grave(IMMINENT), grave(EXPIRED), 5, web(at(0)), VITAL),
            turn("blocked", grave(IMMINENT), grave(EXPIRED), 5, skewed(at(0)), VITAL),
            turn("late", [IMMINENT], [EXPIRED], 5, web(at(0), manager="csr", due=-DAY)),
        )

    def test_what_nobody_needs_is_a_note_when_it_ended_a_month_ago(self):
        nobodys = Case("nobody's", EDGE + 9, web(at(-30))).firing(range(5, EDGE), EXPIRED)
        self.assertHold(
            nobodys.firing(range(EDGE, EDGE + 5)).firing(range(EDGE + 5, EDGE + 9), *grave(EXPIRED, "info")),
            turn("needed", [EXPIRED], [EXPIRED], 5, web(at(-30)), NEEDED),
            turn("vital", grave(EXPIRED), grave(EXPIRED), 5, web(at(-30)), VITAL),
        )

    def test_evidence_is_a_note_until_60_days_are_left(self):
        self.assertHold(
            turn("two years", lost("info"), lost("info"), 60, skewed(at(700))),
            turn("60 days", lost("info"), lost("warning"), 60, skewed(at(60))),
            turn("60 days, vital", lost("info"), lost("warning"), 60, skewed(at(60)), VITAL),
        )

    def test_evidence_is_critical_in_the_last_7_days_of_what_is_vital_and_too_short_lived_for_a_last_tenth(self):
        short = web(at(7), 30 * DAY, manager="cert-manager") + blocked("web", "cert-manager", "certificate_gone")
        reason = "certificate_gone"
        self.assertHold(
            turn("vital", lost("warning", reason), lost("critical", reason), 60, short, VITAL),
            turn("needed", lost("warning", reason), lost("warning", reason), 60, short, NEEDED),
        )

    def test_evidence_takes_over_from_what_was_told_without(self):
        appears = {0: None, EDGE: 1}
        gone = blocked("web", "cert-manager", "certificate_gone", told=appears)
        self.assertHold(
            turn("soon", [SOON], lost("warning", "certificate_gone"), 60, web(at(20)), gone),
            turn("late", [LATE], lost("warning", "certificate_gone"), 60, web(at(20), manager="csr", due=-DAY), gone),
        )

    def test_what_the_ingress_operator_never_renews_is_of_interest_in_the_last_90_days_and_with_evidence_only(self):
        reason = "never_renewed"
        self.assertHold(
            turn("90 days", [], lost("info", reason), 60, of_router(at(90)), VITAL),
            turn("60 days", lost("info", reason), lost("warning", reason), 60, of_router(at(60)), VITAL),
            turn("7 days", lost("warning", reason), grave(IMMINENT), 60, of_router(at(7)), VITAL),
            silent("without evidence", web(-DAY, manager="ingress-operator")),
        )

    def test_a_manager_that_is_late_is_told_of_an_hour_later(self):
        self.assertHold(
            turn("certrotation", [], [LATE], 60, of_certrotation(at(0))),
            turn("although soon would have been its time", [], [LATE], 60, web(at(14), manager="csr", due=at(0))),
            turn("and blocked", lost("info"), lost("warning"), 60,
                 web(at(300), manager="olm", due=at(0)) + blocked("web", "olm", "rotate_at_too_late")),
        )

    def test_what_olm_looks_after_is_silent_until_it_is_late_and_then_it_is_urgent(self):
        self.assertHold(
            turn("23 hours", [], [IMMINENT], 60, of_olm(at(23 / 24))),
            silent("its last week", of_olm(int(5 * DAY)), VITAL),
        )

    def test_an_early_intermediate_counts_and_nobody_looks_after_what_ends_before_it_is_renewed(self):
        early = web(at(30), role="chain", position="1")
        leaf = of_olm(at(400))
        self.assertHold(
            turn("with nobody's leaf", [], [SOON], 60, web(at(200)), early),
            turn("before its leaf's renewal", [], [SOON], 60, leaf,
                 web(at(15), 2 * YEAR, role="chain", position="1", manager="olm")),
        )

    def test_roots_trust_and_copies_are_not_told_of(self):
        gone, shortly = -DAY, DAY
        self.assertHold(
            silent("a root", web(200 * DAY), web(gone, role="root", position="2")),
            silent("trust", web(200 * DAY), web(gone, role="trust", key="ca.crt")),
            silent("copies", web(shortly, manager="copy"), certificate("old", gone, manager="copy"), NEEDED),
        )

    def test_what_lives_two_days_at_the_most_is_told_of_only_where_its_end_breaks_something(self):
        of_pprof = web(at(0), 2 * DAY, manager="operator")
        self.assertHold(
            turn("nobody needs it", [], [], 60, of_pprof),
            turn("somebody needs it", [], [EXPIRED], 5, of_pprof, NEEDED),
            turn("everybody needs it", [], grave(EXPIRED), 5, of_pprof, VITAL),
        )

    def test_a_renewal_resolves_everything_at_once(self):
        renewed = {0: at(0), EDGE + 12: at(400)}
        case = Case("renewed", EDGE + 90, certificate("web", renewed, begins=-YEAR), NEEDED)
        case.firing(range(61, EDGE + 5), IMMINENT).firing(range(EDGE + 5, EDGE + 12), EXPIRED)
        self.assertHold(case.firing(range(EDGE + 12, EDGE + 91)))

    def test_a_late_service_ca_is_one_alert_and_not_one_for_each_of_its_leaves(self):
        def signing_key(ends, due):
            where = {"manager": "service-ca", "namespace": "openshift-service-ca"}
            return certificate("signing-key", ends, begins=ends - 790 * DAY, due=due, **where)

        leaf = web(at(330), 2 * YEAR, manager="service-ca", due=at(0))
        late = [alert("CertificateRenewalOverdue", "warning", "signing-key", namespace="openshift-service-ca")]
        self.assertHold(
            turn("the CA is late", [], late, 60, signing_key(at(394), at(0))),
            turn("and so are its leaves", late, late, 60, signing_key(at(364), at(-30)), leaf),
            turn("but it is not, and a leaf is", [], [LATE], 60, signing_key(at(700), at(300)), leaf),
            turn("nor are others' leaves its", late, [*late, LATE], 60, signing_key(at(364), at(-30)), of_certrotation(at(0))),
        )
