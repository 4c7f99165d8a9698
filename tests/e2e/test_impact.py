"""The objects that an expired certificate affects, and the reach of that, on a real API server."""

from certificates import DAY, certificate, secret
from consumers import api_server, api_service, converted, gateway, ingress, kubernetes_ingress, route, webhooks
from managed import csv, ingress_controller, olm_secret, olm_signer
from staged import Staged

PLATFORM = "openshift-operator-lifecycle-manager"
REPORT = "operator-lifecycle-manager-packageserver"


class Impact(Staged):
    NAMESPACES = (PLATFORM, "widgets", "shop", "openshift-config", "openshift-ingress", "openshift-ingress-operator")

    def assertAffects(self, scrape, secret, *expected):
        """Asserts that the certificate of a secret affects these objects, each with its reach."""
        metadata = secret["metadata"]
        impacts = scrape.all("cert_impact", cert_namespace=metadata["namespace"], name=metadata["name"])
        impacts = [impact.labels for impact in impacts]
        self.assertEqual({(labels["impact"], labels["consumer"]) for labels in impacts}, set(expected))
        for labels in impacts:
            self.assertEqual((labels["key"], labels["position"]), ("tls.crt", "0"))

    def own(self, namespace, name):
        """Creates a certificate of a user."""
        return self.put(secret(namespace, name, {"tls.crt": certificate(name, 90)}))

    def test_a_certificate_of_olm_affects_its_operator_and_its_callers(self):
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
        self.assertAffects(
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
                self.assertAffects(scrape, secrets[name], (reach, consumer), owner)

    def test_a_certificate_of_the_platforms_endpoints_affects_the_cluster(self):
        named, console = self.own("openshift-config", "api"), self.own("openshift-config", "console")
        default, own = self.own("openshift-ingress", "router-certs-default"), self.own("openshift-ingress", "own")
        self.put(api_server("api"))
        self.put(ingress("console"))
        controllers = [self.put(ingress_controller("default")), self.put(ingress_controller("internal"))]
        self.edit(controllers[1], {"spec": {"defaultCertificate": {"name": "own"}}})
        scrape = self.scrape()
        self.assertAffects(scrape, named, ("cluster", "APIServer/cluster"))
        self.assertAffects(scrape, console, ("cluster", "Ingress/cluster"))
        self.assertAffects(scrape, default, ("cluster", "IngressController/openshift-ingress-operator/default"))
        self.assertAffects(scrape, own, ("cluster", "IngressController/openshift-ingress-operator/internal"))

    def test_a_certificate_affects_the_route_that_names_it_and_an_unused_one_nothing(self):
        routed, unused = self.own("shop", "checkout"), self.own("shop", "unused")
        self.put(route("shop", "checkout", "checkout"))
        self.put(route("shop", "elsewhere", "not-there"))
        scrape = self.scrape()
        self.assertAffects(scrape, routed, ("namespace", "Route/checkout"))
        self.assertAffects(scrape, unused)
        self.assertEqual(scrape.all("cert_impact", name="not-there"), [])

    def test_a_certificate_affects_the_ingress_or_gateway_that_names_it_and_is_replaced_there(self):
        web, shared, own = self.own("shop", "web"), self.own("openshift-config", "wildcard"), self.own("shop", "gateway-tls")
        unused = self.own("shop", "unused")
        self.put(kubernetes_ingress("shop", "web", "web"))
        self.put(gateway("shop", "front", "gateway-tls", "openshift-config/wildcard"))
        scrape = self.scrape()
        self.assertAffects(scrape, web, ("namespace", "Ingress/web"))
        self.assertAffects(scrape, own, ("namespace", "Gateway/front"))
        self.assertAffects(scrape, shared, ("namespace", "Gateway/shop/front"))
        for secret, action in ((web, "Fix"), (own, "Fix"), (shared, "Fix"), (unused, "Look at")):
            metadata = secret["metadata"]
            [advice] = scrape.all("cert_expiry_seconds", cert_namespace=metadata["namespace"], name=metadata["name"])
            self.assertEqual(advice.labels["action"], action)
            self.assertTypes(advice.labels["remedy"])
