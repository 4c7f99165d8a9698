"""Every command that repairs something, typed on a real API server in the state that it is advised for.

Its effect is looked at on the server. There are no managers here, so nothing comes back that was deleted.
"""

import base64
import pathlib
import shlex

from advised import HERE, WEEKS, Advised
from certificates import DAY, Authority, certificate, rfc3339, secret, unix
from consumers import kubernetes_ingress, route
from control_plane import ROOT
from managed import (
    certrotation_secret, certrotation_signer, cluster_version, etcd, ingress_controller, issued, issued_secret, service_ca,
)
from objects import location

LONG = 700 * DAY
ROUTERS, CONTROLLERS, ETCD = "openshift-ingress", "openshift-ingress-operator", "openshift-etcd"
SIGNERS = "openshift-kube-controller-manager-operator"
ERRORS = {"serving_cert_generation_error_num": "10", "serving_cert_generation_error": "secrets is forbidden"}


class Fixes(Advised):
    """The commands that repair something. They are not typed as a dry run here."""

    NAMESPACES = (HERE, ROUTERS, CONTROLLERS, ETCD, SIGNERS)
    SCRIPT = ""

    def fix(self, secret, reason, scrape):
        """Types the fix for a secret, which is advised for that reason, and returns it."""
        *advised, is_fix = self.advised(secret, scrape)
        self.assertEqual((advised[0], is_fix), (reason, True))
        self.assertTypes(advised[1])
        return advised[1]

    def assertNeedsFiles(self, command, *objects):
        """Asserts that a command fails until its files are named, and changes nothing then."""
        before = [self.known(object) for object in objects]
        status, _, errors = self.shell.run(command, ROOT)
        self.assertNotEqual(status, 0)
        self.assertIn("FILE", errors)
        self.assertEqual([self.known(object) for object in objects], before)

    def assertServe(self, *secrets):
        """Asserts that secrets hold the certificate of the file, and notafter its dates."""
        scrape = self.scrape()
        for secret in secrets:
            data = self.known(secret)["data"]
            self.assertEqual(base64.b64decode(data["tls.crt"]), pathlib.Path(self.pair[0]).read_bytes())
            place = {"cert_namespace": secret["metadata"]["namespace"], "name": secret["metadata"]["name"]}
            leaf = {**place, "key": "tls.crt", "position": "0"}
            self.assertEqual(scrape.value("cert_not_after_seconds", **leaf), unix(365 * DAY))

    def test_a_secret_that_is_to_be_deleted_is_gone_and_no_other_one(self):
        neighbour = self.put(secret(HERE, "neighbour", {"tls.crt": certificate("neighbour", 400)}))
        signer, elsewhere = service_ca(-100 * DAY), "00000000-0000-4000-8000-000000000000"
        etcd_signer = Authority("openshift-etcd_etcd-signer@1732000000", -90 * DAY, 1700 * DAY)
        peer, gone = (self.put(certrotation_secret(ETCD, f"etcd-peer-{node}", etcd_signer, -10 * DAY, 1000 * DAY))
                      for node in ("master-0", "master-9"))
        self.put(etcd("master-0"))
        left_behind = [
            ("rotate_at_too_late", self.operator("skewed", rotate_at=LONG)),
            ("rotate_at_absent", self.operator("unset")),
            ("installing", self.operator("stuck", phase="Installing")),
            # The states of an operator whose certificate has expired.
            ("", self.operator("hung", ends=-DAY, phase="Failed", reason="APIServiceResourceIssue")),
            ("", self.operator("ready", ends=-DAY, phase="InstallReady", reason="AllRequirementsMet")),
            *(("", self.operator(reason.lower(), ends=-DAY, phase="Pending", reason=reason))
              for reason in ("NeedsCertRotation", "NeedsReinstall", "APIServiceResourcesNeedReinstall")),
            ("other_service", self.serving("other", signer, uid=elsewhere)[1]),
            ("node_gone", gone),
        ]
        scrape = self.scrape()
        for reason, left in left_behind:
            with self.subTest(left["metadata"]["name"]):
                command = self.fix(left, reason, scrape)
                self.assertRegex(command, r"^kubectl -n \S+ delete secret \S+$")
                self.assertIsNone(self.known(left))
        for kept in (neighbour, peer):
            self.assertEqual(self.known(kept), kept)
        self.assertEqual(self.scrape().all("cert_not_after_seconds", name="skewed-service-cert"), [])

    def test_a_certificate_made_by_hand_is_replaced_where_it_is(self):
        ca = Authority("ca", -100 * DAY, 900 * DAY)
        default = Authority("ingress-operator@1732000000", -600 * DAY, 10 * DAY)
        data = {"tls.crt": ca.leaf("shop", -300 * DAY, 10 * DAY), "ca.crt": ca.pem}
        by_hand = self.put(secret(HERE, "shop", data, labels={"team": "shop"}, annotations={"note": "ours"}))
        data = {"tls.crt": default.leaf("*.apps.example.com", -600 * DAY, 10 * DAY)}
        copied = self.put(secret(HERE, "copied", data))
        self.put(kubernetes_ingress(HERE, "shop", "shop"))
        self.put(route(HERE, "copied", "copied"))
        scrape = self.scrape()
        for replaced, reason in ((by_hand, ""), (copied, "never_renewed")):
            _, command, _ = self.advised(replaced, scrape)
            self.assertNeedsFiles(command, replaced)
            self.fix(replaced, reason, scrape)
        self.assertServe(by_hand, copied)
        now = self.known(by_hand)
        self.assertEqual(now["data"]["ca.crt"], by_hand["data"]["ca.crt"])
        self.assertNotEqual(now["data"]["tls.key"], by_hand["data"]["tls.key"])
        self.assertEqual((now["type"], now["metadata"]["labels"]), (by_hand["type"], {"team": "shop"}))
        self.assertEqual(now["metadata"]["annotations"]["note"], "ours")
        self.assertEqual(now["metadata"]["uid"], by_hand["metadata"]["uid"])

    def test_service_ca_is_made_to_try_again(self):
        signer, elsewhere = service_ca(-100 * DAY), "00000000-0000-4000-8000-000000000000"
        ours, own = self.serving("own", signer, **ERRORS)
        theirs, foreign = self.serving("foreign", signer, uid=elsewhere, **ERRORS)
        scrape = self.scrape()
        for served, made in ((ours, own), (theirs, foreign)):
            self.fix(made, "gave_up", scrape)
            left = self.known(served)["metadata"]["annotations"]
            wanted = {key: value for key, value in served["metadata"]["annotations"].items() if "generation-error" not in key}
            self.assertEqual(left, wanted)
        # Another Service's secret is in the way; its own one is not, and stays until it is issued again.
        self.assertIsNone(self.known(foreign))
        self.assertEqual(self.known(own), own)
        self.assertEqual(self.advised(own, self.scrape())[0], "")

    def test_the_signer_of_requests_is_marked_for_renewal(self):
        self.put(cluster_version())
        late = {"auth.openshift.io/certificate-not-after": rfc3339(400 * DAY)}
        signer = certrotation_secret(SIGNERS, "csr-signer", certrotation_signer(), -10 * DAY, WEEKS, kind="signer", **late)
        signer = self.put(signer)
        self.fix(signer, "annotations_contradict", self.scrape())
        now = self.known(signer)
        forced = {"auth.openshift.io/certificate-not-after": "force-regeneration"}
        self.assertEqual(now["metadata"]["annotations"], signer["metadata"]["annotations"] | forced)
        self.assertEqual(now["data"], signer["data"])
        self.assertEqual(self.advised(signer, self.scrape())[0], "")

    def test_the_default_ingress_gets_a_certificate_of_ones_own(self):
        controller = self.put(ingress_controller("default", replicas=2))
        ca = Authority("ingress-operator@1732000000", -600 * DAY, 130 * DAY)
        leaf = {"tls.crt": ca.leaf("*.apps.example.com", -600 * DAY, 130 * DAY) + ca.pem}
        deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "router-default", "uid": "0"}
        default = self.put(secret(ROUTERS, "router-certs-default", leaf, ownerReferences=[deployment]))
        custom = secret(ROUTERS, "custom-certs-default", {})
        self.addCleanup(self.plane.request, "DELETE", location(custom))
        scrape = self.scrape()
        _, command, _ = self.advised(default, scrape)
        self.assertNeedsFiles(command, controller, custom)
        self.fix(default, "never_renewed", scrape)
        configured = {"defaultCertificate": {"name": "custom-certs-default"}}
        self.assertEqual(self.known(controller)["spec"], controller["spec"] | configured)
        self.assertEqual(self.known(custom)["type"], "kubernetes.io/tls")
        self.assertServe(custom)

    def test_commands_of_tools_that_are_not_here_name_objects_that_these_tools_accept(self):
        self.put(cluster_version())
        late = {"auth.openshift.io/certificate-not-after": rfc3339(400 * DAY)}
        signer = certrotation_signer()
        wrong, wrong_signer = (
            self.put(certrotation_secret(SIGNERS, f"wrong-{kind}", signer, -10 * DAY, WEEKS, kind=kind, **late))
            for kind in ("target", "signer")
        )
        self.put(issued(HERE, "disabled", "disabled-tls", DAY, renewal={"policy": "Disabled"}))
        ca = Authority("ca", -100 * DAY, 900 * DAY)
        leaf = ca.leaf("x.shop.svc", -60 * DAY, WEEKS, ["x.shop.svc"])
        disabled = self.put(issued_secret(HERE, "disabled-tls", "disabled", leaf, ca.pem))
        scrape = self.scrape()
        # What follows the verb is a namespace and an object of it, for `oc` and cmctl as for kubectl.
        for made, reason, verb, kind in (
            (wrong, "annotations_contradict", "oc adm ocp-certificates regenerate-leaf", ""),
            (wrong_signer, "annotations_contradict", "oc adm ocp-certificates regenerate-top-level", ""),
            (disabled, "renewal_disabled", "cmctl renew", "certificate.cert-manager.io"),
        ):
            command = self.fix(made, reason, scrape)
            self.assertTrue(command.startswith(f"{verb} -n "), command)
            _, namespace, *named = shlex.split(command.removeprefix(verb))
            named = [kind, *named] if kind else named
            found = self.assertTypes(shlex.join(["kubectl", "-n", namespace, "get", "-o", "yaml", *named]))
            # By these `oc` recognises a secret and its kind (openshift/oc: pkg/cli/admin/ocpcertificates/certregen).
            if verb.startswith("oc "):
                self.assertIn("auth.openshift.io/certificate-issuer: ", found)
                self.assertIn(f"auth.openshift.io/managed-certificate-type: {made['metadata']['name'][6:]}", found)
