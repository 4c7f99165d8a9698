"""Whom the rules call when an operator of OLM is not well: as OLM was seen to behave, and not in what is normal."""

from promtool import Case, RuleTests, alert
from series import DAY, YEAR, blocked, certificate, impact, looping, operator

SECRET = "widgets-service-cert"
NEEDED = impact(SECRET, "operator", "ClusterServiceVersion/widgets.v1")
VITAL = NEEDED + impact(SECRET, "cluster", "APIService/v1.widgets")
CSV = {"csv": "widgets.v1"}
FAILURE, UNSETTLED = alert("OperatorCertificateFailure", name=SECRET, **CSV), alert("OperatorNotSettled", **CSV)
EXPIRED = alert("CertificateExpired", name=SECRET)
REASONS = ("APIServiceResourceIssue", "APIServiceResourcesNeedReinstall", "APIServiceInstallFailed", "NeedsCertRotation")


def widgets(phase, **how):
    return operator("widgets.v1", phase, **how)


def made(ends, *, not_before=-2 * YEAR):
    """The certificate that OLM made for it, and who needs it."""
    return certificate(SECRET, ends, not_before=begins, manager="olm") + NEEDED


def missing(told):
    return blocked(SECRET, "olm", "secret_missing", told=told) + NEEDED


def grave(*alerts):
    return [it | {"severity": "critical"} for it in alerts]


def silent(name, *told, minutes=150):
    return Case(name, minutes, *told).firing(range(minutes + 1))


class OfOperators(RuleTests):
    def test_stuck_in_installing_with_an_expired_certificate_it_is_told_of_as_long_as_it_lasts(self):
        told = made(0) + widgets("Installing")
        needed = Case("needed", 300, told).firing(range(5, 20), EXPIRED)
        vital = Case("vital", 300, told, VITAL).firing(range(5, 20), *grave(EXPIRED))
        needed.firing(range(20, 301), EXPIRED, FAILURE)
        vital.firing(range(20, 301), *grave(EXPIRED, FAILURE))
        self.assertHold(needed, vital)

    def test_driven_through_all_phases_by_an_expired_certificate_it_is_told_of_without_a_pause(self):
        told = made(0) + looping("widgets.v1")
        self.assertHold(Case("looping", 400, told).firing(range(24, 401), EXPIRED, FAILURE))

    def test_driven_through_all_phases_by_anything_else_it_is_told_of_without_a_pause(self):
        told = made(YEAR) + looping("widgets.v1")
        self.assertHold(Case("looping", 400, told).firing(range(30)).firing(range(36, 401), UNSETTLED))

    def test_stuck_with_a_good_certificate_it_is_told_of_after_half_an_hour(self):
        for_ever = Case("from the first day on", 90, made(YEAR), widgets("Pending"))
        later = Case("later", 150, made(YEAR), widgets({0: "Succeeded", 60: "Failed", 120: "Succeeded"}))
        self.assertHold(
            for_ever.firing(range(30)).firing(range(30, 91), UNSETTLED),
            # The last look at which it was well counts for ten minutes.
            later.firing(range(99)).firing(range(100, 120), UNSETTLED).firing(range(120, 151)),
        )

    def test_the_certificate_takes_over_when_it_ends(self):
        case = Case("stuck before", 120, made(60 * 60), widgets("Installing"))
        imminent = alert("CertificateExpiryImminent", name=SECRET)
        case.firing(range(60, 65), imminent, UNSETTLED).firing(range(65, 80), EXPIRED, UNSETTLED)
        self.assertHold(case.firing(range(80, 121), EXPIRED, FAILURE))

    def test_what_olm_names_the_certificate_for_is_the_certificates(self):
        for reason in REASONS:
            case = Case(reason, 60, made(YEAR), widgets("Pending", reason=reason))
            self.assertHold(case.firing(range(20)).firing(range(20, 61), FAILURE))

    def test_a_certificate_that_has_not_begun_is_why(self):
        case = Case("not begun", 40, made(YEAR, not_before=DAY), widgets("Installing"))
        early = alert("CertificateNotYetValid", name=SECRET)
        self.assertHold(case.firing(range(15)).firing(range(15, 20), early).firing(range(20, 41), early, FAILURE))

    def test_a_secret_that_is_missing_for_hours_is_told_of(self):
        gone = alert("CertificateRotationBlocked", name=SECRET, reason="secret_missing")
        installing = Case("installing", 90, missing(1), widgets("Installing"))
        self.assertHold(
            Case("succeeded", 90, missing(1), widgets("Succeeded")).firing(range(60)).firing(range(60, 91), gone),
            Case("vital", 90, missing(1), VITAL, widgets("Succeeded")).firing(59).firing(range(60, 91), *grave(gone)),
            installing.firing(range(20)).firing(range(20, 91), FAILURE),
        )

    def test_an_upgrade_is_silent(self):
        upgrade = {0: "Succeeded", 60: "InstallReady", 62: "Installing", 64: "Succeeded"}
        slow = {0: "Succeeded", 60: "Pending", 62: "InstallReady", 64: "Installing", 87: "Succeeded"}
        renewed = made({0: YEAR, 62: 2 * YEAR})
        # The garbage collector takes the secret, and OLM looks again six minutes later: eight, as polls see it.
        collected = made({0: YEAR, 64: None, 72: 2 * YEAR}, not_before={0: 0, 64: None, 72: 72 * 60})
        self.assertHold(
            silent("renewed", renewed, widgets(upgrade, reason="NeedsCertRotation")),
            silent("collected", collected, missing({0: None, 64: 1, 72: None}), widgets(upgrade)),
            silent("slow", renewed, widgets(slow)),
            silent("a slow first installation", made(YEAR), widgets({0: "Installing", 25: "Succeeded"})),
        )

    def test_a_new_certificate_resolves_it(self):
        ends = {0: 0, 60: 2 * YEAR}
        case = Case("deleted", 90, made(ends), widgets({0: "Installing", 62: "Succeeded"}))
        self.assertHold(case.firing(range(20, 60), EXPIRED, FAILURE).firing(range(60, 91)))
