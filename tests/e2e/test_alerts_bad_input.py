"""Odd, missing or excessive input causes neither a storm of alerts nor an error."""

from promtool import Case, RuleTests, alert
from series import DAY, YEAR, certificate, flat
from test_alerts_under_monitoring import ALERTS, CSV, SECRET, everything

ENDLESS = 253402300799  # in the year 9999
LOST = alert("CertificateRotationBlocked", name=SECRET)
UNSETTLED = alert("OperatorNotSettled", **CSV)

# For each missing family, the objects that do not alert, and the alerts that fire instead.
WITHOUT = {
    "cert_impact": (["expired", SECRET], [alert("CertificateExpired", name="expired"), LOST, UNSETTLED]),
    "cert_not_after_seconds": (["blocked", "late", "soon", "imminent", "expired", "early"], []),
    # In promtool it is 1970: a certificate without notBefore counts as issued then, so it is young.
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


def firing(name, *cluster, alerts=()):
    """Returns a case in which exactly these alerts fire once all have waited long enough."""
    return Case(name, 90, *cluster).firing(range(61, 91), *alerts)


class BadInput(RuleTests):
    def test_hundreds_of_expired_copies_do_not_alert(self):
        copies = [certificate(f"serving-cert-{it}", -it * DAY, not_before=-YEAR, manager="copy") for it in range(300)]
        self.assertHold(firing("copies", *copies))

    def test_nonsensical_dates_do_not_cause_a_storm(self):
        backwards = [certificate("past", -DAY, not_before=DAY), certificate("early", DAY, not_before=2 * DAY)]
        early = [labels for labels in ALERTS if labels.get("name") == "early"]
        self.assertHold(
            firing("no notBefore", certificate("x", 200 * DAY, not_before=None))
            .counting(90, "max(notafter:life_seconds)", ({}, 200 * DAY)),
            firing("notAfter before notBefore", *backwards, alerts=early),
            firing("the year 9999", certificate("x", ENDLESS), certificate("y", ENDLESS, not_before=None)),
            firing("the year 1", certificate("x", -62135596800, not_before=-62135596800)),
            firing("a second", certificate("x", -DAY, not_before=-DAY - 1)),
        )

    def test_without_one_family_the_others_still_alert(self):
        cluster = flat(everything())
        self.assertEqual(set(WITHOUT), {family for family, *_ in cluster})
        cases = []
        for missing, (lost, instead) in WITHOUT.items():
            alerts = [labels for labels in ALERTS if labels.get("name", labels.get("csv")) not in lost] + instead
            case = Case(f"without {missing}", 80, [entry for entry in cluster if entry[0] != missing])
            cases.append(case.firing(range(76, 81), *alerts))
        self.assertHold(*cases)

    def test_a_secret_with_another_manager_is_the_same_alert(self):
        soon = alert("CertificateExpiresSoon", name="x")
        one = certificate("x", {0: 10 * DAY, 100: None}, not_before=-YEAR)
        two = certificate("x", {0: None, 90: 10 * DAY}, not_before=-YEAR, manager="operator")
        self.assertHold(Case("two managers", 170, one, two).firing(range(60, 171), soon))
