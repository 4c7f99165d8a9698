"""The alerts about failing operators, as the real OLM fails, and their silence during normal operation."""

from promtool import Case, RuleTests, alert
from series import DAY, YEAR, blocked, certificate, impact, looping, operator

SECRET = "widgets-service-cert"
OF_OPERATOR = impact(SECRET, "operator", "ClusterServiceVersion/widgets.v1")
OF_CLUSTER = OF_OPERATOR + impact(SECRET, "cluster", "APIService/v1.widgets")
CSV = {"csv": "widgets.v1"}
FAILURE, UNSETTLED = alert("OperatorCertificateFailure", name=SECRET, **CSV), alert("OperatorNotSettled", **CSV)
EXPIRED = alert("CertificateExpired", name=SECRET)
REASONS = ("APIServiceResourceIssue", "APIServiceResourcesNeedReinstall", "APIServiceInstallFailed", "NeedsCertRotation")


def widgets(phase, **how):
    return operator("widgets.v1", phase, **how)


def issued(not_after, *, not_before=-2 * YEAR):
    """Returns the certificate that OLM issued for the operator, and its impact."""
    return certificate(SECRET, not_after, not_before=not_before, manager="olm") + OF_OPERATOR


def stuck(value=1):
    """Returns the evidence that OLM renews nothing of an operator that it does not get installed."""
    return blocked(SECRET, "olm", "installing", value=value)


def missing(value):
    return blocked(SECRET, "olm", "secret_missing", value=value) + OF_OPERATOR


def critical(*alerts):
    return [labels | {"severity": "critical"} for labels in alerts]


def silent(name, *cluster, minutes=150):
    return Case(name, minutes, *cluster).firing(range(minutes + 1))


class OfOperators(RuleTests):
    def test_an_operator_stuck_in_installing_with_an_expired_certificate_keeps_alerting(self):
        cluster = issued(0) + widgets("Installing") + stuck()
        warning = Case("warning", 300, cluster).firing(range(5, 20), EXPIRED)
        page = Case("critical", 300, cluster, OF_CLUSTER).firing(range(5, 20), *critical(EXPIRED))
        warning.firing(range(20, 301), EXPIRED, FAILURE)
        page.firing(range(20, 301), *critical(EXPIRED, FAILURE))
        self.assertHold(warning, page)

    def test_an_operator_that_loops_through_all_phases_with_an_expired_certificate_keeps_alerting(self):
        seen = lambda minute: 1 if minute // 2 % 5 == 0 else None
        cluster = issued(0) + looping("widgets.v1") + stuck(seen)
        self.assertHold(Case("looping", 400, cluster).firing(range(24, 401), EXPIRED, FAILURE))

    def test_an_operator_that_loops_for_another_reason_keeps_alerting(self):
        cluster = issued(YEAR) + looping("widgets.v1")
        self.assertHold(Case("looping", 400, cluster).firing(range(30)).firing(range(36, 401), UNSETTLED))

    def test_an_operator_stuck_with_a_good_certificate_alerts_after_30_minutes(self):
        for_ever = Case("from the first day on", 90, issued(YEAR), widgets("Pending"))
        later = Case("later", 150, issued(YEAR), widgets({0: "Succeeded", 60: "Failed", 120: "Succeeded"}))
        self.assertHold(
            for_ever.firing(range(30)).firing(range(30, 91), UNSETTLED),
            # The last successful poll counts for ten minutes.
            later.firing(range(99)).firing(range(100, 120), UNSETTLED).firing(range(120, 151)),
        )

    def test_the_certificate_alert_takes_over_when_the_certificate_expires(self):
        case = Case("stuck before", 120, issued(60 * 60), widgets("Installing"), stuck())
        imminent = alert("CertificateExpiryImminent", name=SECRET)
        case.firing(range(60, 65), imminent, UNSETTLED).firing(range(65, 80), EXPIRED, UNSETTLED)
        self.assertHold(case.firing(range(80, 121), EXPIRED, FAILURE))

    def test_a_reason_that_names_the_certificate_is_a_certificate_failure(self):
        for reason in REASONS:
            case = Case(reason, 60, issued(YEAR), widgets("Pending", reason=reason))
            self.assertHold(case.firing(range(20)).firing(range(20, 61), FAILURE))

    def test_a_certificate_that_is_not_yet_valid_is_a_certificate_failure(self):
        case = Case("not yet valid", 40, issued(YEAR, not_before=DAY), widgets("Installing"))
        early = alert("CertificateNotYetValid", name=SECRET)
        self.assertHold(case.firing(range(15)).firing(range(15, 20), early).firing(range(20, 41), early, FAILURE))

    def test_a_secret_that_is_missing_for_an_hour_alerts(self):
        gone = alert("CertificateRotationBlocked", name=SECRET)
        installing = Case("installing", 90, missing(1), widgets("Installing"))
        self.assertHold(
            Case("succeeded", 90, missing(1), widgets("Succeeded")).firing(range(60)).firing(range(60, 91), gone),
            Case("whole cluster", 90, missing(1), OF_CLUSTER, widgets("Succeeded")).firing(59).firing(range(60, 91), gone),
            installing.firing(range(20)).firing(range(20, 91), FAILURE),
        )

    def test_an_upgrade_is_silent(self):
        upgrade = {0: "Succeeded", 60: "InstallReady", 62: "Installing", 64: "Succeeded"}
        slow = {0: "Succeeded", 60: "Pending", 62: "InstallReady", 64: "Installing", 87: "Succeeded"}
        renewed = issued({0: YEAR, 62: 2 * YEAR})
        # The garbage collector deletes the secret; OLM resyncs six minutes later, which is eight to a poller.
        collected = issued({0: YEAR, 64: None, 72: 2 * YEAR}, not_before={0: 0, 64: None, 72: 72 * 60})
        self.assertHold(
            silent("renewed", renewed, widgets(upgrade, reason="NeedsCertRotation")),
            silent("collected", collected, missing({0: None, 64: 1, 72: None}), widgets(upgrade)),
            silent("slow", renewed, widgets(slow)),
            silent("a slow first installation", issued(YEAR), widgets({0: "Installing", 25: "Succeeded"})),
        )

    def test_a_new_certificate_resolves_the_alerts(self):
        not_after = {0: 0, 60: 2 * YEAR}
        case = Case("deleted", 90, issued(not_after), widgets({0: "Installing", 62: "Succeeded"}), stuck({0: 1, 60: None}))
        self.assertHold(case.firing(range(20, 60), EXPIRED, FAILURE).firing(range(60, 91)))
