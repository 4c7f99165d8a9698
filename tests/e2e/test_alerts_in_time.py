"""The alerts about a certificate as its expiry approaches: to the minute, and one at a time."""

from promtool import Case, RuleTests, alert
from series import DAY, HOUR, YEAR, blocked, certificate, impact, place, series

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


def lost(severity):
    return [alert("CertificateRotationBlocked", severity, "web")]


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

    def test_nobody_is_woken_before_the_last_48_hours_and_only_if_the_cluster_depends_on_it(self):
        soon = IMMINENT
        self.assertHold(
            turn("no manager", [soon], critical(soon), 60, web(at(2)), IN_CLUSTER),
            turn("blocked", [soon], critical(soon), 60, skewed(at(2)), IN_CLUSTER),
            turn("late", [soon], critical(soon), 60, web(at(2), 30 * DAY, manager="csr", due=-DAY), IN_CLUSTER),
            turn("in the namespace", [soon], [soon], 60, web(at(2)), IN_NAMESPACE),
        )

    def test_in_the_last_7_days_or_tenth_of_its_lifetime_the_imminent_alert_takes_over(self):
        soon = [SOON]
        self.assertHold(
            turn("no manager", soon, [IMMINENT], 60, web(at(7))),
            turn("no manager, 60 days", soon, [IMMINENT], 60, web(at(6), 60 * DAY)),
            turn("no manager, whole cluster", soon, [IMMINENT], 60, web(at(7)), IN_CLUSTER),
            turn("an operator's", soon, [IMMINENT], 60, web(at(7), manager="operator")),
            turn("late", [OVERDUE], [IMMINENT], 60, web(at(3), 30 * DAY, manager="certrotation", due=-DAY)),
            turn("blocked", lost("warning"), [IMMINENT], 60, skewed(at(7))),
            turn("blocked, whole cluster", lost("warning"), [IMMINENT], 60, skewed(at(7)), IN_CLUSTER),
        )

    def test_the_expired_alert_takes_over_from_the_imminent_one(self):
        self.assertHold(
            turn("no manager", [IMMINENT], [EXPIRED], 5, web(at(0))),
            turn("whole cluster", critical(IMMINENT), critical(EXPIRED), 5, web(at(0)), IN_CLUSTER),
            turn("blocked", critical(IMMINENT), critical(EXPIRED), 5, skewed(at(0)), IN_CLUSTER),
            turn("late", [IMMINENT], [EXPIRED], 60, web(at(0), manager="csr", due=-DAY)),
            turn("late, whole cluster", critical(IMMINENT), critical(EXPIRED), 60,
                 web(at(0), manager="csr", due=-DAY), IN_CLUSTER),
        )

    def test_a_cluster_that_wakes_up_has_an_hour_to_renew_what_has_expired_meanwhile(self):
        asleep = {0: None, EDGE: -10 * DAY}
        woken = lambda renewed: certificate("web", asleep | {renewed: 30 * DAY}, not_before=-40 * DAY, manager="csr",
                                            due=asleep | {renewed: 20 * DAY})
        self.assertHold(
            silent("it renews within 55 minutes", woken(EDGE + 55), IN_CLUSTER, minutes=EDGE + 90),
            turn("it does not", [], critical(EXPIRED), 60, woken(999), IN_CLUSTER),
            turn("nobody renews it", [], critical(EXPIRED), 5,
                 certificate("web", asleep, not_before=-40 * DAY), IN_CLUSTER),
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

    def test_evidence_takes_over_from_the_alerts_without_evidence(self):
        appears = {0: None, EDGE: 1}
        gone = blocked("web", "cert-manager", "certificate_gone", value=appears)
        self.assertHold(
            turn("soon", [SOON], lost("warning"), 60, web(at(10), manager="cert-manager"), gone),
            turn("overdue", [OVERDUE], lost("warning"), 60,
                 web(at(20), manager="csr", due=-DAY), gone),
        )

    def test_a_certificate_of_the_ingress_operator_alerts_with_evidence_and_in_the_last_90_days_only(self):
        self.assertHold(
            turn("90 days", [], lost("info"), 60, of_router(at(90)), IN_CLUSTER),
            turn("60 days", lost("info"), lost("warning"), 60, of_router(at(60)), IN_CLUSTER),
            turn("7 days", lost("warning"), [IMMINENT], 60, of_router(at(7)), IN_CLUSTER),
            silent("without evidence", web(-DAY, manager="ingress-operator")),
        )

    def test_what_a_node_left_behind_is_information_and_never_more(self):
        left_behind = lambda days: web(at(days), manager="certrotation") + blocked("web", "certrotation", "node_gone")
        self.assertHold(
            turn("90 days", [], lost("info"), 60, left_behind(90)),
            turn("one day", lost("info"), lost("info"), 60, left_behind(1)),
            turn("expired", lost("info"), lost("info"), 60, left_behind(-400)),
        )

    def test_another_reason_or_manager_is_the_same_alert(self):
        of = lambda manager, reason, when: blocked("web", manager, reason, value=when)
        changing = Case("other reasons", 200, web(at(50), manager="olm"), IN_CLUSTER,
                        of("olm", "installing", {0: 1, 90: None}), of("olm", "requirements_not_met", {0: None, 90: 1, 120: None}),
                        of("cert-manager", "certificate_gone", {0: None, 120: 1}))
        self.assertHold(changing.firing(range(66, 201), *lost("warning")))

    def test_a_certificate_of_hours_alerts_before_it_expires(self):
        hour = {minute: (minute // 40 * 40 + 60) * 60 for minute in range(0, 200, 40)}
        due = {minute: (minute // 40 * 40 + 50) * 60 for minute in range(0, 200, 40)}
        born = {minute: minute * 60 for minute in hour}
        issued = lambda last: [series(f"cert_{what}_seconds", {m: v for m, v in times.items() if m <= last},
                                      **place("web", "shop", role="leaf", manager="cert-manager"))
                               for what, times in (("not_after", hour), ("renewal_due", due), ("not_before", born))]
        self.assertHold(
            silent("healthy", issued(200), minutes=190),
            Case("its issuer is gone", 120, issued(40)).firing(range(0, 95)).firing(range(95, 100), OVERDUE),
        )

    def test_a_late_manager_alerts_after_an_hour(self):
        self.assertHold(
            turn("certrotation", [], [OVERDUE], 60, of_certrotation(at(0))),
            turn("in the last 30 days", [], [OVERDUE], 60, web(at(14), manager="csr", due=at(0))),
            turn("and blocked", lost("info"), lost("warning"), 60,
                 web(at(300), manager="olm", due=at(0)) + blocked("web", "olm", "rotate_at_too_late")),
        )

    def test_ten_late_certificates_of_one_manager_are_one_alert(self):
        def late(count, due=at(0), left=20, **how):
            return [certificate(f"web-{it}", at(left), not_before=at(left - 30), manager="cert-manager", due=due, **how)
                    for it in range(count)]

        one = alert("CertificateManagerLate", manager="cert-manager")
        manager = [series("notafter_manager_info", 1, manager="cert-manager", remedy="kubectl get pods")]
        singles = [alert("CertificateRenewalOverdue", name=f"web-{it}") for it in range(9)]
        in_two = late(9) + late(9, namespace="mall")
        page = critical(EXPIRED | {"name": "web-0"})
        self.assertHold(
            turn("nine", [], singles, 60, manager, *late(9)),
            turn("ten", [], [one], 60, manager, *late(10)),
            turn("in two namespaces", [], [one], 60, manager, *in_two),
            turn("of two managers", [], singles, 60, manager, *late(9), *[
                certificate(f"other-{it}", at(20), not_before=at(-10), manager="csr", due=at(19)) for it in range(9)]),
            turn("in the last days", [one], [one], 60, manager, *late(10, due=-DAY, left=7)),
            turn("expired", [one], [one], 60, manager, *late(10, due=-DAY, left=0)),
            turn("critical ones stay", [one, *critical(IMMINENT | {"name": "web-0"})], [one, *page], 60, manager, *late(12, due=-DAY)[1:],
                 certificate("web-0", at(0), not_before=at(-30), manager="cert-manager", due=-DAY),
                 impact("web-0", "cluster", "APIService/v1.web")),
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

    def test_roots_trust_copies_and_what_no_path_needs_do_not_alert(self):
        expired, soon = -DAY, DAY
        self.assertHold(
            silent("an unused one", web(200 * DAY), web(expired, role="unused", position="1")),
            silent("one of tomorrow", web(200 * DAY), web(DAY + YEAR, role="unused", position="1")),
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
