"""Objects of a tenant mislead notafter about that tenant only; and notafter in one namespace."""

import re
import shlex

from certificates import DAY, HOUR, Authority, certificate, rfc3339, secret, unix
from control_plane import ROOT
from exporter import Exporter, confined_account
from managed import (
    cluster_version, csv, issued, issued_secret, olm_secret, olm_signer, service, service_ca, service_ca_secret,
)
from proxy import Proxy
from staged import Staged

# Every label and annotation that notafter reads.
MARKS = re.findall(r'"([a-z.-]+/[a-z-]+|olmcahash)"', (ROOT / "src/object/marks.rs").read_text())
# Dangerous to a shell, and neither a date, a duration, a number nor a name.
HOSTILE = "$(reboot); `reboot` && reboot | 'reboot' \" \\ \n\N{REPLACEMENT CHARACTER} -1 9999-99-99T99:99:99Z"
WEEKS = 20 * DAY


class Served(Staged):
    def served(self, name):
        """Creates a Service, and returns service-ca's secret for it."""
        annotations = {"serving_cert_secret_name": f"{name}-tls", "serving_cert_signed_by": "x"}
        served = self.put(service("app", name, **annotations))
        return self.put(service_ca_secret(served, f"{name}-tls", service_ca(-100 * DAY), -100 * DAY))


class Tenants(Served):
    NAMESPACES = ("a-mallory", "shop", "widgets", "app", "openshift-service-ca")

    def assertUnharmed(self, scrape):
        """Asserts that every list is up, and that no command contains text of a tenant."""
        for sample in scrape.all("notafter_list_up"):
            self.assertEqual(sample.value, 1, sample.labels)
        for sample in scrape.all("cert_rotation_blocked"):
            self.assertNotIn("reboot", sample.labels["remedy"])
            self.assertTypes(sample.labels["remedy"])

    def stolen(self, name, original, **metadata):
        """Creates a tenant's secret with the public certificate of another secret."""
        return self.put({**secret("a-mallory", name, {}, **metadata), "data": original["data"]})

    def test_a_tenants_secret_with_a_certificate_of_the_platform_is_a_copy(self):
        self.put(cluster_version())
        signer = service_ca(-100 * DAY)
        self.put(secret("openshift-service-ca", "signing-key", {"tls.crt": signer.pem}))
        operator = self.put(csv("openshift-service-ca", "widgets.v1", "widgets"))
        original = self.put(olm_secret(operator, "widgets", olm_signer(WEEKS), WEEKS, names=2))
        claim = {"annotations": {"service.beta.openshift.io/originating-service-name": "x", "olmcahash": "0"}}
        copies = [self.stolen("plain", original), self.stolen("claiming", original, **claim)]
        scrape = self.scrape()
        remedy = "oc -n openshift-service-ca delete secret widgets-service-cert"
        self.assertRotation(scrape, original, "olm", unix(WEEKS - 23 * HOUR), ("rotate_at_absent", remedy))
        for copy in copies:
            self.assertRotation(scrape, copy, "copy", None)

    def test_a_secret_with_the_certificate_of_another_tenant_does_not_change_the_original(self):
        original = self.served("web")
        orphan = {"annotations": {"service.beta.openshift.io/originating-service-name": "web"}}
        gone = {"annotations": {"cert-manager.io/certificate-name": "web"}}
        for name, metadata in (("plain", {}), ("orphan", orphan), ("gone", gone)):
            self.stolen(name, original, **metadata)
        self.assertRotation(self.scrape(), original, "service-ca", unix(330 * DAY))

    def test_an_older_secret_that_receives_the_certificate_later_does_not_change_the_original(self):
        signs = {"auth.openshift.io/certificate-issuer": "x", "auth.openshift.io/certificate-not-before": rfc3339(-DAY)}
        early = self.put(secret("a-mallory", "early", {"tls.crt": certificate("early", 900)}, annotations=signs))
        self.next_second()
        ca = Authority("ca", -100 * DAY, 900 * DAY)
        self.put(issued("shop", "late", "late-tls", -DAY, renewal={"policy": "Disabled"}))
        late = self.put(issued_secret("shop", "late-tls", "late", ca.leaf("x", -60 * DAY, 30 * DAY), ca.pem))
        remedy = ("renewal_disabled", "cmctl renew -n shop late")
        self.assertRotation(self.scrape(), late, "cert-manager", None, remedy)
        self.edit(early, {"data": {"tls.crt": late["data"]["tls.crt"]}})
        self.assertRotation(self.scrape(), late, "cert-manager", None, remedy)

    def test_garbage_in_labels_and_annotations_does_not_harm_others(self):
        self.assertGreater(len(MARKS), 20)
        leaf = {"tls.crt": certificate("garbage", 30)}
        names = []
        for index, mark in enumerate(MARKS):
            for kind, text in (("odd", HOSTILE), ("long", "reboot " * 14_000), ("empty", "")):
                names.append(name := f"{kind}-{index}")
                self.put(secret("a-mallory", name, {"tls.crt": certificate(name, 30)}, annotations={mark: text}))
        self.put(secret("a-mallory", "all", leaf, annotations={mark: HOSTILE for mark in MARKS}))
        number = "service.beta.openshift.io/serving-cert-generation-error-num"
        annotations = {"garbage": {mark: HOSTILE for mark in MARKS}, "long": {number: "9" * 200_000}}
        for name in annotations:
            bad = service("a-mallory", name)
            bad["metadata"]["annotations"] = annotations[name]
            self.put(bad)
        sound = self.served("sound")
        scrape = self.scrape()
        leaves = scrape.all("cert_not_after_seconds", cert_namespace="a-mallory", role="leaf")
        self.assertEqual({sample.labels["name"] for sample in leaves}, {*names, "all"})
        self.assertEqual({sample.value for sample in leaves}, {unix(30 * DAY)})
        self.assertRotation(scrape, sound, "service-ca", unix(330 * DAY))
        self.assertUnharmed(scrape)
        self.assertNotIn("reboot " * 50, scrape.text)

    def test_thousands_of_owners_do_not_harm_others(self):
        owners = [
            {"apiVersion": "example.com/v1", "kind": "Thing", "name": f"{HOSTILE}-{index}", "uid": f"{index}"}
            for index in range(5000)
        ]
        owned = self.put(secret("a-mallory", "owned", {"tls.crt": certificate("owned", 30)}, ownerReferences=owners))
        other = self.put(secret("shop", "other", {"tls.crt": certificate("other", 30)}))
        scrape = self.scrape()
        self.assertRotation(scrape, owned, "operator", None)
        self.assertRotation(scrape, other, "none", None)
        self.assertUnharmed(scrape)

    def test_no_command_contains_a_name_from_an_annotation(self):
        """The API server restricts the names of objects to safe characters, but not annotations."""
        ca = Authority("ca", -100 * DAY, 900 * DAY)
        leaf = ca.leaf("x", -60 * DAY, 30 * DAY)
        nameless = self.put(issued_secret("shop", "nameless", HOSTILE, leaf, ca.pem))
        misled = self.put(issued_secret("shop", "misled", HOSTILE, ca.leaf("y", -60 * DAY, 30 * DAY), ca.pem))
        self.put(issued("shop", "real", "misled", DAY, renewal={"policy": "Disabled"}))
        unserved = {"service.beta.openshift.io/originating-service-name": HOSTILE}
        leaf = {"tls.crt": certificate("unserved", 30)}
        unserved = self.put(secret("shop", "unserved", leaf, annotations=unserved))
        scrape = self.scrape()
        show = "kubectl -n shop get certificates.cert-manager.io"
        self.assertRotation(scrape, nameless, "cert-manager", None, ("certificate_gone", show))
        self.assertRotation(scrape, misled, "cert-manager", None, ("renewal_disabled", "cmctl renew -n shop real"))
        self.assertRotation(scrape, unserved, "service-ca", None, ("service_gone", "kubectl -n shop get services"))
        self.assertUnharmed(scrape)


class Tools(Staged):
    NAMESPACES = ("widgets",)

    def test_with_a_cluster_version_the_command_is_oc(self):
        operator = self.put(csv("widgets", "tool.v1", "tool", phase="Pending", reason="RequirementsNotMet"))
        made = self.put(olm_secret(operator, "tool", olm_signer(WEEKS), WEEKS))
        self.put(csv("widgets", "bare.v1", "bare"))
        command, due = "-n widgets describe clusterserviceversion tool.v1", unix(WEEKS - 23 * HOUR)
        self.assertRotation(self.scrape(), made, "olm", due, ("requirements_not_met", f"kubectl {command}"))
        version = self.put(cluster_version())
        scrape = self.scrape()
        self.assertRotation(scrape, made, "olm", due, ("requirements_not_met", f"oc {command}"))
        blocked = scrape.all("cert_rotation_blocked", cert_namespace="widgets")
        self.assertEqual({shlex.split(sample.labels["remedy"])[0] for sample in blocked}, {"oc"})
        self.delete(version)
        self.assertRotation(self.scrape(), made, "olm", due, ("requirements_not_met", f"kubectl {command}"))


class OneNamespace(Served):
    NAMESPACES = ("app", "shop")
    # The resources that notafter lists in a namespace.
    RESOURCES = (
        "secrets", "services", "clusterserviceversions.operators.coreos.com", "certificates.cert-manager.io",
        "ingresscontrollers.operator.openshift.io", "routes.route.openshift.io", "ingresses.networking.k8s.io",
        "gateways.gateway.networking.k8s.io",
    )

    def test_notafter_lists_nothing_else_and_recognizes_the_managers_there(self):
        served = self.served("web")
        ca = Authority("ca", -100 * DAY, 900 * DAY)
        self.put(issued("app", "web", "issued-tls", DAY))
        made = self.put(issued_secret("app", "issued-tls", "web", ca.leaf("x", -DAY, WEEKS), ca.pem))
        self.put(secret("shop", "unseen", {"tls.crt": certificate("unseen", 30)}))
        account = confined_account(self.plane, "confined", self.RESOURCES, "app")
        with Proxy(self.plane) as proxy:
            with Exporter(self.plane, "--namespace=app", account=account, port=proxy.port).ready() as notafter:
                scrape = notafter.after_a_poll()
            paths = {target.split("?")[0] for target, _, _ in proxy.requests}
            self.assertEqual({status for _, status, _ in proxy.requests}, {200})
        self.assertEqual([path for path in paths if "/namespaces/app/" not in path], [])
        lists = scrape.all("notafter_list_up")
        self.assertEqual({(list.labels["resource"], list.labels["scope"]): list.value for list in lists},
                         {(resource, "app"): 1 for resource in self.RESOURCES})
        self.assertRotation(scrape, served, "service-ca", unix(330 * DAY))
        self.assertRotation(scrape, made, "cert-manager", unix(DAY + HOUR))
        self.assertEqual(scrape.all("cert_info", name="unseen"), [])
