"""Everything that the alerts are about, wrong at once on the real API server, and mended."""

import collections
import functools
import json

import yaml

from certificates import DAY, HOUR, Authority, secret
from consumers import api_server, api_service
from contexts import Setup
from control_plane import ROOT
from managed import csv, issued, issued_secret, olm_secret, olm_signer
from objects import create, location

# An alert: its name, its severity, and the namespace and name of what it is about.
Told = collections.namedtuple("Told", "alertname severity namespace what")
DOWN = Told("NotafterDown", "warning", "notafter", "")
CA = Authority("ca", -900 * DAY, 900 * DAY)
LONG = 700 * DAY
CONFIG = "openshift-config"
NAMESPACES = ("shop", "widgets", CONFIG)
ACCOUNT, ROUTES = "watcher", "routes.route.openshift.io"
RIGHTS = ROOT / "manifests/base/rights.yaml"


class Causes(Setup):
    """One cause for every alert of every severity, until the end of a context.

    `told` has the alerts that somebody is to be told of, and who breaks; `inhibited` those that go with one of them.
    """

    def __init__(self, plane):
        super().__init__()
        self.plane, self.told, self.inhibited, self._mended = plane, {}, set(), []

    def _begin(self):
        self._near_their_ends()
        self._of_the_api_server()
        self._late()
        self._of_operators()
        self._refused()
        # As long as it has not been started.
        self.told[DOWN] = "nobody is warned"

    def mend(self):
        for mended in self._mended:
            mended()

    def concern(self, told):
        """Whether an alert is about what is here, and not about what others have left on the control plane."""
        return told.namespace in (*NAMESPACES, "notafter")

    def _near_their_ends(self):
        self._certificate("CertificateExpiresSoon", "warning", "soon", -300 * DAY, 20 * DAY)
        self._certificate("CertificateExpiryImminent", "warning", "imminent", -300 * DAY, 5 * DAY)
        self._certificate("CertificateExpired", "warning", "ended", -300 * DAY, -2 * DAY)
        self._certificate("CertificateExpired", "info", "forgotten", -300 * DAY, -31 * DAY)
        self._certificate("CertificateNotYetValid", "warning", "early", DAY, 300 * DAY)
        self.told[Told("CertificateUnreadable", "warning", "shop", "garbled")] = "tls.crt (bad_base64)"
        block = b"-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n"
        self._renewed(self._put(secret("shop", "garbled", {"tls.crt": block})))

    def _of_the_api_server(self):
        """The cluster breaks with these."""
        self._certificate("CertificateExpiryImminent", "critical", "imminent", -300 * DAY, 5 * DAY, CONFIG)
        self._certificate("CertificateNotYetValid", "critical", "early", DAY, 300 * DAY, CONFIG)
        # cert-manager made it, and nobody asks for it any more.
        self.told[Told("CertificateRotationBlocked", "critical", CONFIG, "lost")] = "APIServer/cluster"
        self._issued(CONFIG, "lost", -24 * DAY, 6 * DAY)
        self._mend(self._put, issued(CONFIG, "lost", "lost", 20 * DAY))
        self._put(api_server("imminent", "early", "lost"))

    def _late(self):
        self.told[Told("CertificateRenewalOverdue", "warning", "shop", "late")] = "nothing that notafter knows of"
        wanted = self._put(issued("shop", "late", "late", -DAY))
        self._issued("shop", "late", -80 * DAY, 20 * DAY)
        self._status(wanted, issued("shop", "late", "late", 20 * DAY))

    def _of_operators(self):
        blocked, failure, hidden = "CertificateRotationBlocked", "OperatorCertificateFailure", self.inhibited
        self._operator("skewed", LONG, blocked, "info", names=2, rotate_at=LONG + DAY)
        self._operator("shortly", 50 * DAY, blocked, "warning", names=2, rotate_at=LONG)
        self._operator("missing", None, failure, "warning", phase="Installing")
        self._operator("renewing", LONG, failure, "critical", phase="Pending", reason="NeedsCertRotation")
        self._operator("hung", -2 * DAY, "CertificateExpired", "critical", "shop", phase="Installing")
        hidden.add(Told(failure, "critical", "shop", "hung-service-cert"))
        self.told[Told("OperatorNotSettled", "warning", "widgets", "waits.v1")] = "RequirementsNotMet"
        self._operator("waits", LONG, phase="Pending", reason="RequirementsNotMet")
        hidden.add(Told(blocked, "info", "widgets", "waits-service-cert"))

    def _refused(self):
        """The rights that the manifests give, but for those to list routes."""
        self.told[Told("NotafterBlind", "warning", "notafter", ROUTES)] = "it has never seen them"
        [rules] = [it["rules"] for it in yaml.safe_load_all(RIGHTS.read_text()) if it["kind"] == "ClusterRole"]
        self._apply("v1", "ServiceAccount", namespace="notafter")
        self._rights([it for it in rules if it["resources"] != ["routes"]])
        subject = {"kind": "ServiceAccount", "namespace": "notafter", "name": ACCOUNT}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": ACCOUNT}
        self._apply("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", subjects=[subject], roleRef=role)
        self._mend(self._rights, rules)

    def _certificate(self, alertname, severity, name, begins, ends, namespace="shop"):
        """One that nobody is known to renew."""
        breaks = "APIServer/cluster" if severity == "critical" else "nothing that notafter knows of"
        self.told[Told(alertname, severity, namespace, name)] = breaks
        self._renewed(self._put(secret(namespace, name, {"tls.crt": CA.leaf(name, begins, ends)})))

    def _issued(self, namespace, name, begins, ends):
        leaf = CA.leaf("x.shop.svc", begins, ends, ["x.shop.svc"])
        self._renewed(self._put(issued_secret(namespace, name, name, leaf, CA.pem)))

    def _operator(self, name, ends, alertname=None, severity=None, namespace="widgets", *, names=3, **state):
        """An operator with a certificate that OLM made, unless it is missing, and what the alert about that is."""
        signer, wanted = olm_signer(LONG), csv(namespace, f"{name}.v1", name, **state)
        operator = self._put(wanted)
        if alertname:
            breaks = f"APIService/v1.{name}.example.com" if severity == "critical" else f"ClusterServiceVersion/{name}.v1"
            self.told[Told(alertname, severity, namespace, f"{name}-service-cert")] = breaks
        if severity == "critical":
            self._put(api_service(f"{name}.example.com", namespace, f"{name}-service", signer.pem))
        renewed = olm_secret(operator, name, signer, LONG)
        if ends is None:
            self._mend(self._put, renewed)
        else:
            made = self._put(olm_secret(operator, name, signer, ends, names))
            self._mend(self._patch, made, {"data": renewed["data"]})
        self._status(operator, csv(namespace, f"{name}.v1", name))

    def _put(self, it):
        self.callback(self.plane.request, "DELETE", location(it))
        return create(self.plane, it)

    def _patch(self, it, change, under=""):
        self.plane.json("PATCH", location(it) + under, change)

    def _mend(self, what, *arguments):
        self._mended.append(functools.partial(what, *arguments))

    def _renewed(self, it):
        leaf = secret("", "", {"tls.crt": CA.leaf("x.shop.svc", -HOUR, 300 * DAY, ["x.shop.svc"])})
        self._mend(self._patch, it, {"data": leaf["data"]})

    def _status(self, it, well):
        self._mend(self._patch, it, {"status": well["status"]}, "/status")

    def _rights(self, rules):
        self._apply("rbac.authorization.k8s.io/v1", "ClusterRole", rules=rules)

    def _apply(self, version, kind, *, namespace=None, **more):
        metadata = {"name": ACCOUNT} | ({"namespace": namespace} if namespace else {})
        it = json.dumps({"apiVersion": version, "kind": kind, "metadata": metadata, **more})
        self.callback(self.plane.kubectl, "delete", "--ignore-not-found", "-f", "-", stdin=it)
        self.plane.kubectl("apply", "-f", "-", stdin=it)
