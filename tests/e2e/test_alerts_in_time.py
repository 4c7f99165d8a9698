"""The alerts about a certificate as its expiry approaches: to the minute, and one at a time."""

from promtool import Case, RuleTests, alert
from series import DAY, HOUR, YEAR, blocked, certificate, impact

EDGE = 66  # the minute at which a condition begins to hold, when earlier alerts have fired already


def at(days):
    """Returns the time of an expiry that is so many days away at the edge."""
    return int(days * DAY) + EDGE * 60


def web(not_after, lifetime=YEAR, **how):
    return certificate("web", not_after, not_before=not_after - int(lifetime), **how)


def of_olm(not_after, **how):
    return web(not_after, 2 * YEAR, manager="olm", due=not_after - 23 * HOUR, **how)


def skewed(not_after):
    return of_olm(not_after) + blocked("web", "olm", "rotate_at_too_late")


def of_router(not_after):
    return web(not_after, 2 * YEAR, manager="ingress-operator") + blocked("web", "ingress-operator", "never_renewed")


def of_certrotation(due):
    return web(due + 6 * DAY, 30 * DAY, manager="certrotation", due=due)


IN_NAMESPACE = impact("web", "namespace", "Route/web")
IN_CLUSTER = impact("web", "cluster", "APIService/v1.web")
SOON, OVERDUE = alert("CertificateExpiresSoon", "warning", "web"), alert("CertificateRenewalOverdue", "warning", "web")
IMMINENT, EXPIRED = alert("CertificateExpiryImminent", "warning", "web"), alert("CertificateExpired", "warning", "web")


def critical(one):
    return [one | {"severity": "critical"}]


def lost(severity, reason="rotate_at_too_late"):
    return [alert("CertificateRotationBlocked", severity, "web", reason=reason)]


def turn(name, before, after, hold, *cluster):
    """Returns a case in which some alerts fire until the condition of others has held for so many minutes."""
    fires = EDGE + hold
    case = Case(name, fires + 6, *cluster)
    return case.firing(range(61, fires), *before).firing(range(fires, fires + 6), *after)


def silent(name, *cluster, minutes=90):
    return Case(name, minutes, *cluster).firing(range(0, minutes, 5)).firing(minutes)


class InTime(RuleTests):
    def test_a_certificate_without_a_manager_alerts_30_days_or_a_third_of_its_lifetime_before_expiry(self):
        self.assertHold(
            turn("a year", [], [SOON], 60, web(at(30))),
            turn("made by Helm", [], [SOON], 60, web(at(30), manager="helm")),
            turn("60 days", [], [SOON], 60, web(at(20), 60 * DAY)),
            turn("a little more than two days", [], [SOON], 60, web(at(17 / 24), 51 * HOUR)),
        )

    def test_a_certificate_of_an_unknown_operator_alerts_at_half_of_that(self):
        self.assertHold(
            turn("a year", [], [SOON], 60, web(at(15), manager="operator")),
            turn("60 days", [], [SOON], 60, web(at(10), 60 * DAY, manager="operator")),
        )

    def test_in_the_last_7_days_or_tenth_of_its_lifetime_the_imminent_alert_takes_over(self):
        soon = [SOON]
        self.assertHold(
            turn("no manager", soon, [IMMINENT], 60, web(at(7))),
            turn("no manager, 60 days", soon, [IMMINENT], 60, web(at(6), 60 * DAY)),
            turn("no manager, whole cluster", soon, critical(IMMINENT), 60, web(at(7)), IN_CLUSTER),
            turn("an operator's", soon, [IMMINENT], 60, web(at(7), manager="operator")),
            turn("late", [OVERDUE], [IMMINENT], 60, web(at(3), 30 * DAY, manager="certrotation", due=-DAY)),
            turn("blocked", lost("warning"), [IMMINENT], 60, skewed(at(7))),
            turn("blocked, whole cluster", lost("warning"), critical(IMMINENT), 60, skewed(at(7)), IN_CLUSTER),
        )

    def test_the_expired_alert_takes_over_from_the_imminent_one(self):
        self.assertHold(
            turn("no manager", [IMMINENT], [EXPIRED], 5, web(at(0))),
            turn("whole cluster", critical(IMMINENT), critical(EXPIRED), 5, web(at(0)), IN_CLUSTER),
            turn("blocked", critical(IMMINENT), critical(EXPIRED), 5, skewed(at(0)), IN_CLUSTER),
            turn("late", [IMMINENT], [EXPIRED], 5, web(at(0), manager="csr", due=-DAY)),
        )

    def test_without_a_known_consumer_an_expired_certificate_is_info_after_30_days(self):
        info = EXPIRED | {"severity": "info"}
        unused = Case("no consumer", EDGE + 9, web(at(-30))).firing(range(5, EDGE), EXPIRED)
        self.assertHold(
            unused.firing(range(EDGE, EDGE + 5)).firing(range(EDGE + 5, EDGE + 9), info),
            turn("in the namespace", [EXPIRED], [EXPIRED], 5, web(at(-30)), IN_NAMESPACE),
            turn("whole cluster", critical(EXPIRED), critical(EXPIRED), 5, web(at(-30)), IN_CLUSTER),
        )

    def test_evidence_is_info_until_60_days_before_expiry(self):
        self.assertHold(
            turn("two years", lost("info"), lost("info"), 60, skewed(at(700))),
            turn("60 days", lost("info"), lost("warning"), 60, skewed(at(60))),
            turn("60 days, whole cluster", lost("info"), lost("warning"), 60, skewed(at(60)), IN_CLUSTER),
        )

    def test_evidence_is_critical_in_the_last_7_days_if_the_cluster_depends_on_a_short_lived_certificate(self):
        short = web(at(7), 30 * DAY, manager="cert-manager") + blocked("web", "cert-manager", "certificate_gone")
        reason = "certificate_gone"
        self.assertHold(
            turn("whole cluster", lost("warning", reason), lost("critical", reason), 60, short, IN_CLUSTER),
            turn("in the namespace", lost("warning", reason), lost("warning", reason), 60, short, IN_NAMESPACE),
        )

    def test_evidence_takes_over_from_the_alerts_without_evidence(self):
        appears = {0: None, EDGE: 1}
        gone = blocked("web", "cert-manager", "certificate_gone", value=appears)
        self.assertHold(
            turn("soon", [SOON], lost("warning", "certificate_gone"), 60, web(at(20)), gone),
            turn("overdue", [OVERDUE], lost("warning", "certificate_gone"), 60,
                 web(at(20), manager="csr", due=-DAY), gone),
        )

    def test_a_certificate_of_the_ingress_operator_alerts_with_evidence_and_in_the_last_90_days_only(self):
        reason = "never_renewed"
        self.assertHold(
            turn("90 days", [], lost("info", reason), 60, of_router(at(90)), IN_CLUSTER),
            turn("60 days", lost("info", reason), lost("warning", reason), 60, of_router(at(60)), IN_CLUSTER),
            turn("7 days", lost("warning", reason), critical(IMMINENT), 60, of_router(at(7)), IN_CLUSTER),
            silent("without evidence", web(-DAY, manager="ingress-operator")),
        )

    def test_a_late_manager_alerts_after_an_hour(self):
        self.assertHold(
            turn("certrotation", [], [OVERDUE], 60, of_certrotation(at(0))),
            turn("in the last 30 days", [], [OVERDUE], 60, web(at(14), manager="csr", due=at(0))),
            turn("and blocked", lost("info"), lost("warning"), 60,
                 web(at(300), manager="olm", due=at(0)) + blocked("web", "olm", "rotate_at_too_late")),
        )

    def test_a_certificate_of_olm_is_silent_until_olm_is_late_and_then_imminent(self):
        self.assertHold(
            turn("23 hours", [], [IMMINENT], 60, of_olm(at(23 / 24))),
            silent("the last week", of_olm(int(5 * DAY)), IN_CLUSTER),
        )

    def test_an_intermediate_that_expires_before_the_leaf_is_renewed_counts(self):
        early = web(at(30), role="chain", position="1")
        leaf = of_olm(at(400))
        self.assertHold(
            turn("below a leaf without a manager", [], [SOON], 60, web(at(200)), early),
            turn("below a leaf of OLM", [], [SOON], 60, leaf,
                 web(at(15), 2 * YEAR, role="chain", position="1", manager="olm")),
        )

    def test_roots_trust_and_copies_do_not_alert(self):
        expired, soon = -DAY, DAY
        self.assertHold(
            silent("a root", web(200 * DAY), web(expired, role="root", position="2")),
            silent("trust", web(200 * DAY), web(expired, role="trust", key="ca.crt")),
            silent("copies", web(soon, manager="copy"), certificate("old", expired, manager="copy"), IN_NAMESPACE),
        )

    def test_a_lifetime_of_two_days_or_less_alerts_only_if_there_is_a_known_consumer(self):
        of_pprof = web(at(0), 2 * DAY, manager="operator")
        self.assertHold(
            turn("no consumer", [], [], 60, of_pprof),
            turn("in the namespace", [], [EXPIRED], 5, of_pprof, IN_NAMESPACE),
            turn("whole cluster", [], critical(EXPIRED), 5, of_pprof, IN_CLUSTER),
        )

    def test_a_renewal_resolves_the_alert_at_once(self):
        renewed = {0: at(0), EDGE + 12: at(400)}
        case = Case("renewed", EDGE + 90, certificate("web", renewed, not_before=-YEAR), IN_NAMESPACE)
        case.firing(range(61, EDGE + 5), IMMINENT).firing(range(EDGE + 5, EDGE + 12), EXPIRED)
        self.assertHold(case.firing(range(EDGE + 12, EDGE + 91)))

    def test_a_late_service_ca_is_one_alert_instead_of_one_for_each_of_its_leaves(self):
        def signing_key(not_after, due, **more):
            where = {"manager": "service-ca", "namespace": "openshift-service-ca"} | more
            return certificate("signing-key", not_after, not_before=not_after - 790 * DAY, due=due, **where)

        leaf = web(at(330), 2 * YEAR, manager="service-ca", due=at(0))
        late = [OVERDUE | {"cert_namespace": "openshift-service-ca", "name": "signing-key"}]
        route = {"kind": "Route"}
        self.assertHold(
            turn("late CA", [], late, 60, signing_key(at(394), at(0))),
            turn("late CA and leaf", late, late, 60, signing_key(at(364), at(-30)), leaf),
            turn("late leaf", [], [OVERDUE], 60, signing_key(at(700), at(300)), leaf),
            turn("late Route with the name of the CA", [late[0] | route], [OVERDUE, late[0] | route], 60,
                 signing_key(at(364), at(-30), **route), leaf),
            turn("late leaf of another manager", late, [*late, OVERDUE], 60,
                 signing_key(at(364), at(-30)), of_certrotation(at(0))),
        )
