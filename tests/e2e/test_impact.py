"""Who breaks when a certificate ends, and how far that reaches: as the real API server keeps those who name it."""

from certificates import certificate, secret
from consumers import api_server, api_service, converted, ingress, route, webhooks
from managed import csv, ingress_controller, olm_secret, olm_signer
from signer import DAY
from staged import Staged

PLATFORM = "openshift-operator-lifecycle-manager"
REPORT = "operator-lifecycle-manager-packageserver"


class Impact(Staged):
    NAMESPACES = (PLATFORM, "widgets", "shop", "openshift-config", "openshift-ingress", "openshift-ingress-operator")

    def assertBreaks(self, scrape, secret, *expected):
        """That these break with a secret's certificate: how far it reaches, and who."""
        metadata = secret["metadata"]
        told = scrape.all("cert_impact", cert_namespace=metadata["namespace"], name=metadata["name"])
        self.assertEqual({(it.labels["impact"], it.labels["consumer"]) for it in told}, set(expected))
        for it in told:
            self.assertEqual((it.labels["key"], it.labels["position"]), ("tls.crt", "0"))

    def given(self, namespace, name):
        """A certificate that a user has put there."""
        return self.put(secret(namespace, name, {"tls.crt": certificate(name, 90)}))

    def test_of_operators(self):
        signer, labels = olm_signer(20 * DAY), {"olm.clusteroperator.name": REPORT}
        package = self.put(csv(PLATFORM, "packageserver", "packageserver", labels=labels))
        served = self.put(olm_secret(package, "packageserver", signer, 20 * DAY))
        self.put(api_service("packages.example.com", PLATFORM, "packageserver-service", signer.pem))
        secrets = {}
        for name in ("core", "own", "lenient", "mutating", "converting"):
            operator = self.put(csv("widgets", f"{name}.v1", name))
            secrets[name] = self.put(olm_secret(operator, name, signer, 20 * DAY))
        calls = lambda name: (name, "widgets", f"{name}-service", signer.pem)
        self.put(webhooks(*calls("core"), ""))
        self.put(webhooks(*calls("own"), "widgets.example.com"))
        self.put(webhooks(*calls("lenient"), "apps", policy="Ignore"))
        self.put(webhooks(*calls("mutating"), "batch", kind="MutatingWebhookConfiguration"))
        self.put(converted("convert.example.com", *calls("converting")[1:]))
        scrape = self.scrape()
        self.assertBreaks(
            scrape, served,
            ("cluster", "APIService/v1.packages.example.com"), ("cluster", f"ClusterOperator/{REPORT}"),
            ("operator", "ClusterServiceVersion/packageserver"),
        )
        for name, reach, consumer in (
            ("core", "cluster", "ValidatingWebhookConfiguration/core"),
            ("own", "operator", "ValidatingWebhookConfiguration/own"),
            ("lenient", "operator", "ValidatingWebhookConfiguration/lenient"),
            ("mutating", "cluster", "MutatingWebhookConfiguration/mutating"),
            ("converting", "operator", "CustomResourceDefinition/things.convert.example.com"),
        ):
            with self.subTest(name):
                owner = ("operator", f"ClusterServiceVersion/{name}.v1")
                self.assertBreaks(scrape, secrets[name], (reach, consumer), owner)

    def test_of_the_platforms_own_ends(self):
        named, console = self.given("openshift-config", "api"), self.given("openshift-config", "console")
        default, own = self.given("openshift-ingress", "router-certs-default"), self.given("openshift-ingress", "own")
        self.put(api_server("api"))
        self.put(ingress("console"))
        controllers = [self.put(ingress_controller("default")), self.put(ingress_controller("internal"))]
        self.edit(controllers[1], {"spec": {"defaultCertificate": {"name": "own"}}})
        scrape = self.scrape()
        self.assertBreaks(scrape, named, ("cluster", "APIServer/cluster"))
        self.assertBreaks(scrape, console, ("cluster", "Ingress/cluster"))
        self.assertBreaks(scrape, default, ("cluster", "IngressController/openshift-ingress-operator/default"))
        self.assertBreaks(scrape, own, ("cluster", "IngressController/openshift-ingress-operator/internal"))

    def test_of_routes_and_of_nobody(self):
        routed, unused = self.given("shop", "checkout"), self.given("shop", "unused")
        self.given("widgets", "unused")
        self.put(route("shop", "checkout", "checkout"))
        self.put(route("shop", "elsewhere", "not-there"))
        scrape = self.scrape()
        self.assertBreaks(scrape, routed, ("namespace", "Route/checkout"))
        self.assertBreaks(scrape, unused)
        self.assertEqual(scrape.all("cert_impact", name="not-there"), [])
