"""What tenants write misleads about what is theirs, and about nothing else; and who may see one namespace sees it."""

import re
import shlex

from certificates import certificate, secret
from control_plane import ROOT
from exporter import Exporter, ServiceAccount
from managed import (
    cluster_version, csv, issued, issued_secret, olm_secret, olm_signer, service, service_ca,
    service_ca_secret,
)
from proxy import Proxy
from signer import DAY, HOUR, Signer, rfc3339, unix
from staged import Staged

# Every label and annotation that anything is made of.
MARKS = re.findall(r'"([a-z.-]+/[a-z-]+|olmcahash)"', (ROOT / "src/facts/mark.rs").read_text())
# A shell would do something with it, and it is no date, no duration, no number and no name.
HOSTILE = "$(reboot); `reboot` && reboot | 'reboot' \" \\ \n\N{REPLACEMENT CHARACTER} -1 9999-99-99T99:99:99Z"
WEEKS = 20 * DAY


class Tenants(Staged):
    NAMESPACES = ("a-mallory", "shop", "widgets", "app", "openshift-service-ca")

    def assertUnharmed(self, scrape):
        """That every list was read, and that no command holds what a tenant wrote."""
        for it in scrape.all("notafter_list_up"):
            self.assertEqual(it.value, 1, it.labels)
        for it in scrape.all("cert_rotation_blocked"):
            self.assertNotIn("reboot", it.labels["remedy"])
            self.assertTypes(it.labels["remedy"])

    def held(self, name, original, **metadata):
        """A tenant's secret with somebody else's certificate, which is no secret."""
        return self.put({**secret("a-mallory", name, {}, **metadata), "data": original["data"]})

    def test_what_holds_the_certificate_of_the_platform_is_a_copy_and_not_the_original(self):
        self.put(cluster_version())
        signer = service_ca(-100 * DAY)
        self.put(secret("openshift-service-ca", "signing-key", {"tls.crt": signer.pem}))
        operator = self.put(csv("openshift-service-ca", "widgets.v1", "widgets"))
        original = self.put(olm_secret(operator, "widgets", olm_signer(WEEKS), WEEKS, names=2))
        claim = {"annotations": {"service.beta.openshift.io/originating-service-name": "x", "olmcahash": "0"}}
        copies = [self.held("plain", original), self.held("claiming", original, **claim)]
        scrape = self.scrape()
        remedy = "oc -n openshift-service-ca delete secret widgets-service-cert"
        self.assertIs(scrape, original, "olm", unix(WEEKS - 23 * HOUR), ("rotate_at_absent", remedy))
        for it in copies:
            self.assertIs(scrape, it, "copy", None)

    def test_who_holds_the_certificate_of_another_tenant_is_not_believed(self):
        it = self.put(service("app", "web", serving_cert_secret_name="web-tls", serving_cert_signed_by="x"))
        original = self.put(service_ca_secret(it, "web-tls", service_ca(-100 * DAY), -100 * DAY))
        orphan = {"annotations": {"service.beta.openshift.io/originating-service-name": "web"}}
        gone = {"annotations": {"cert-manager.io/certificate-name": "web"}}
        for name, metadata in (("plain", {}), ("orphan", orphan), ("gone", gone)):
            self.held(name, original, **metadata)
        self.assertIs(self.scrape(), original, "service-ca", unix(330 * DAY))

    def test_nor_is_who_had_a_secret_before_the_other_and_then_put_the_certificate_into_it(self):
        signs = {"auth.openshift.io/certificate-issuer": "x", "auth.openshift.io/certificate-not-before": rfc3339(-DAY)}
        early = self.put(secret("a-mallory", "early", {"tls.crt": certificate("early", 900)}, annotations=signs))
        self.later()
        ca = Signer("ca", -100 * DAY, 900 * DAY)
        self.put(issued("shop", "late", "late-tls", -DAY, renewal={"policy": "Disabled"}))
        late = self.put(issued_secret("shop", "late-tls", "late", ca.leaf("x", -60 * DAY, 30 * DAY), ca.pem))
        remedy = ("renewal_disabled", "cmctl renew -n shop late")
        self.assertIs(self.scrape(), late, "cert-manager", None, remedy)
        self.edit(early, {"data": {"tls.crt": late["data"]["tls.crt"]}})
        self.assertIs(self.scrape(), late, "cert-manager", None, remedy)

    def test_garbage_in_a_mark_costs_nobody_else(self):
        self.assertGreater(len(MARKS), 20)
        leaf = {"tls.crt": certificate("garbage", 30)}
        names = []
        for index, mark in enumerate(MARKS):
            for kind, text in (("odd", HOSTILE), ("long", "reboot " * 14_000), ("empty", "")):
                names.append(name := f"{kind}-{index}")
                self.put(secret("a-mallory", name, {"tls.crt": certificate(name, 30)}, annotations={mark: text}))
        self.put(secret("a-mallory", "all", leaf, annotations={mark: HOSTILE for mark in MARKS}))
        it = service("a-mallory", "garbage")
        it["metadata"]["annotations"] = {mark: HOSTILE for mark in MARKS}
        self.put(it)
        it = service("a-mallory", "long")
        it["metadata"]["annotations"] = {"service.beta.openshift.io/serving-cert-generation-error-num": "9" * 200_000}
        self.put(it)
        well = self.put(service("app", "well", serving_cert_secret_name="well-tls", serving_cert_signed_by="x"))
        well = self.put(service_ca_secret(well, "well-tls", service_ca(-100 * DAY), -100 * DAY))
        scrape = self.scrape()
        told = scrape.all("cert_not_after_seconds", cert_namespace="a-mallory", role="leaf")
        self.assertEqual({it.labels["name"] for it in told}, {*names, "all"})
        self.assertEqual({it.value for it in told}, {unix(30 * DAY)})
        self.assertIs(scrape, well, "service-ca", unix(330 * DAY))
        self.assertUnharmed(scrape)
        self.assertNotIn("reboot " * 50, scrape.text)

    def test_thousands_of_owners_cost_nobody_else(self):
        owners = [
            {"apiVersion": "example.com/v1", "kind": "Thing", "name": f"{HOSTILE}-{index}", "uid": f"{index}"}
            for index in range(5000)
        ]
        owned = self.put(secret("a-mallory", "owned", {"tls.crt": certificate("owned", 30)}, ownerReferences=owners))
        other = self.put(secret("shop", "other", {"tls.crt": certificate("other", 30)}))
        scrape = self.scrape()
        self.assertIs(scrape, owned, "operator", None)
        self.assertIs(scrape, other, "none", None)
        self.assertUnharmed(scrape)

    def test_a_name_that_only_an_annotation_knows_is_no_part_of_a_command(self):
        """Objects have names that a shell takes as they are; annotations have what they like."""
        ca = Signer("ca", -100 * DAY, 900 * DAY)
        leaf = ca.leaf("x", -60 * DAY, 30 * DAY)
        nameless = self.put(issued_secret("shop", "nameless", HOSTILE, leaf, ca.pem))
        misled = self.put(issued_secret("shop", "misled", HOSTILE, ca.leaf("y", -60 * DAY, 30 * DAY), ca.pem))
        self.put(issued("shop", "real", "misled", DAY, renewal={"policy": "Disabled"}))
        unserved = {"service.beta.openshift.io/originating-service-name": HOSTILE}
        leaf = {"tls.crt": certificate("unserved", 30)}
        unserved = self.put(secret("shop", "unserved", leaf, annotations=unserved))
        scrape = self.scrape()
        show = "kubectl -n shop get certificates.cert-manager.io"
        self.assertIs(scrape, nameless, "cert-manager", None, ("certificate_gone", show))
        self.assertIs(scrape, misled, "cert-manager", None, ("renewal_disabled", "cmctl renew -n shop real"))
        self.assertIs(scrape, unserved, "service-ca", None, ("service_gone", "kubectl -n shop get services"))
        self.assertUnharmed(scrape)


class Tools(Staged):
    NAMESPACES = ("widgets",)

    def test_the_command_is_oc_where_there_is_a_cluster_version(self):
        operator = self.put(csv("widgets", "tool.v1", "tool", phase="Pending", reason="RequirementsNotMet"))
        it = self.put(olm_secret(operator, "tool", olm_signer(WEEKS), WEEKS))
        self.put(csv("widgets", "bare.v1", "bare"))
        command, due = "-n widgets describe clusterserviceversion tool.v1", unix(WEEKS - 23 * HOUR)
        self.assertIs(self.scrape(), it, "olm", due, ("requirements_not_met", f"kubectl {command}"))
        version = self.put(cluster_version())
        scrape = self.scrape()
        self.assertIs(scrape, it, "olm", due, ("requirements_not_met", f"oc {command}"))
        remedies = {it.labels["remedy"] for it in scrape.all("cert_rotation_blocked", cert_namespace="widgets")}
        self.assertEqual({shlex.split(it)[0] for it in remedies}, {"oc"})
        self.delete(version)
        self.assertIs(self.scrape(), it, "olm", due, ("requirements_not_met", f"kubectl {command}"))


class OneNamespace(Staged):
    NAMESPACES = ("app", "shop")
    # What notafter asks for in a namespace.
    RESOURCES = (
        "secrets", "services", "clusterserviceversions.operators.coreos.com", "certificates.cert-manager.io",
        "ingresscontrollers.operator.openshift.io", "routes.route.openshift.io",
    )

    def test_who_is_confined_to_it_asks_for_nothing_else_and_knows_its_managers(self):
        it = self.put(service("app", "web", serving_cert_secret_name="web-tls", serving_cert_signed_by="x"))
        served = self.put(service_ca_secret(it, "web-tls", service_ca(-100 * DAY), -100 * DAY))
        ca = Signer("ca", -100 * DAY, 900 * DAY)
        self.put(issued("app", "web", "issued-tls", DAY))
        made = self.put(issued_secret("app", "issued-tls", "web", ca.leaf("x", -DAY, WEEKS), ca.pem))
        self.put(secret("shop", "unseen", {"tls.crt": certificate("unseen", 30)}))
        kubectl = lambda *words: self.plane.kubectl("-n", "app", *words)
        self.plane.kubectl("-n", "notafter", "create", "serviceaccount", "confined")
        kubectl("create", "role", "notafter", "--verb=list", f"--resource={','.join(self.RESOURCES)}")
        kubectl("create", "rolebinding", "notafter", "--role=notafter", "--serviceaccount=notafter:confined")
        account = ServiceAccount(self.plane, "confined")
        with Proxy(self.plane) as proxy:
            with Exporter(self.plane, "--namespace=app", account=account, port=proxy.port).ready() as notafter:
                scrape = notafter.after_a_poll()
            paths = {target.split("?")[0] for target, _, _ in proxy.requests}
            self.assertEqual({status for _, status, _ in proxy.requests}, {200})
        self.assertEqual([it for it in paths if "/namespaces/app/" not in it], [])
        told = scrape.all("notafter_list_up")
        self.assertEqual({(it.labels["resource"], it.labels["scope"]): it.value for it in told},
                         {(resource, "app"): 1 for resource in self.RESOURCES})
        self.assertIs(scrape, served, "service-ca", unix(330 * DAY))
        self.assertIs(scrape, made, "cert-manager", unix(DAY + HOUR))
        self.assertEqual(scrape.all("cert_info", name="unseen"), [])
