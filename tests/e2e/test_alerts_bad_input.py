"""What is odd, missing, or too much makes no storm of alerts, and never an error."""

from promtool import Case, RuleTests, alert
from series import DAY, YEAR, blocked, certificate, flat, impact
from test_alerts_under_monitoring import ALERTS, CSV, SECRET, everything

ENDLESS = 253402300799  # in the year 9999
LOST = alert("CertificateRotationBlocked", name=SECRET, reason="secret_missing")
UNSETTLED = alert("OperatorNotSettled", **CSV)

# By family: what is not told of where that is missing, and what is told of instead.
WITHOUT = {
    "cert_impact": (["expired", SECRET], [alert("CertificateExpired", name="expired"), LOST, UNSETTLED]),
    "cert_not_after_seconds": (["blocked", "late", "soon", "imminent", "expired", "early"], []),
    # promtool is in 1970: what has lived since then, for all that is known, is young there.
    "cert_not_before_seconds": (["early", "soon", "imminent"], []),
    "cert_renewal_due_seconds": (["late"], []),
    "cert_rotation_blocked": (["blocked", SECRET], [UNSETTLED]),
    "notafter_list_last_success_timestamp_seconds": ([], []),
    "notafter_list_up": ([], []),
    "notafter_problem": (["odd"], []),
    "olm_csv_info": ([], []),
    "olm_csv_last_transition_seconds": (["rounds.v1"], []),
    "olm_csv_phase": (["gadgets.v1", SECRET], [LOST]),
}


def firing(name, *told, alerts=()):
    """These fire, and nothing else, as soon as all have waited long enough."""
    return Case(name, 90, *told).firing(range(61, 91), *alerts)


class BadInput(RuleTests):
    def test_hundreds_of_expired_copies_are_not_told_of(self):
        copies = [certificate(f"serving-cert-{it}", -it * DAY, begins=-YEAR, manager="copy") for it in range(300)]
        self.assertHold(firing("copies", *copies))

    def test_dates_that_make_no_sense_are_no_storm(self):
        backwards = [certificate("over", -DAY, begins=DAY), certificate("ahead", DAY, begins=2 * DAY)]
        self.assertHold(
            firing("no beginning", certificate("x", 200 * DAY, begins=None))
            .counting(90, "max(notafter:life_seconds)", ({}, 200 * DAY)),
            firing("it ends before it begins", *backwards, alerts=[alert("CertificateNotYetValid", name="ahead")]),
            firing("the year 9999", certificate("x", ENDLESS), certificate("y", ENDLESS, begins=None)),
            firing("the year 1", certificate("x", -62135596800, begins=-62135596800)),
            firing("a second", certificate("x", -DAY, begins=-DAY - 1)),
        )

    def test_without_any_one_family_the_others_are_told_of(self):
        told = flat(everything())
        self.assertEqual(set(WITHOUT), {family for family, *_ in told})
        cases = []
        for missing, (lost, instead) in WITHOUT.items():
            alerts = [it for it in ALERTS if it.get("name", it.get("csv")) not in lost] + instead
            case = Case(f"without {missing}", 80, [it for it in told if it[0] != missing])
            cases.append(case.firing(range(76, 81), *alerts))
        self.assertHold(*cases)

    def test_a_secret_whose_manager_is_two_for_ten_minutes_is_one_alert(self):
        soon = alert("CertificateExpiresSoon", name="x")
        one = certificate("x", {0: 10 * DAY, 100: None}, begins=-YEAR)
        two = certificate("x", {0: None, 90: 10 * DAY}, begins=-YEAR, manager="operator")
        case = Case("two managers", 170, one, two)
        # It is another alert then, with the name of another manager, and begins anew.
        self.assertHold(case.firing(range(60, 109), soon).firing(range(110, 150)).firing(range(150, 171), soon))

    def test_two_reasons_are_two_alerts_and_two_remedies_or_consumers_are_one(self):
        lost = [alert("CertificateRotationBlocked", "critical", "x", reason=it) for it in ("contested", "expired_ca")]
        told = [
            certificate("x", 6 * DAY, begins=-20 * DAY, manager="cert-manager"),
            *(blocked("x", "cert-manager", it["reason"], remedy=remedy) for it in lost for remedy in ("a", "b")),
            *(impact("x", reach, it) for reach in ("cluster", "namespace") for it in ("Route/x", "APIService/x")),
        ]
        self.assertHold(firing("two of everything", *told, alerts=lost))
