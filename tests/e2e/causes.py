"""One cause for every alert of every severity, on the real API server, and its repair."""

import collections
import functools
import json

import yaml

from certificates import DAY, HOUR, Authority, rfc3339, secret
from consumers import api_server, api_service
from contexts import Setup
from control_plane import ROOT
from managed import csv, issued, issued_secret, olm_secret, olm_signer
from objects import create, location

# The name and the severity of an alert, and the namespace and name of its object.
Alert = collections.namedtuple("Alert", "alertname severity namespace what")
DOWN = Alert("NotafterDown", "warning", "notafter", "")
CA = Authority("ca", -900 * DAY, 900 * DAY)
LONG = 700 * DAY
CONFIG = "openshift-config"
NAMESPACES = ("shop", "widgets", CONFIG)
ACCOUNT, ROUTES = "watcher", "routes.route.openshift.io"
RIGHTS = ROOT / "manifests/base/rights.yaml"


class Causes(Setup):
    """One cause for every alert of every severity, until the end of a context.

    `sent` has the alerts that are sent, each with a part of its text; `inhibited` those that another one inhibits.
    """

    def __init__(self, plane):
        super().__init__()
        self.plane, self.sent, self.inhibited, self._repairs = plane, {}, set(), []

    def _begin(self):
        self._near_expiry()
        self._of_the_api_server()
        self._late()
        self._of_operators()
        self._refused()
        # Until notafter is started.
        self.sent[DOWN] = "expire without a warning"

    def repair(self):
        for repair in self._repairs:
            repair()

    def concern(self, sent):
        """Returns whether an alert is about one of these causes, and not about leftovers of other tests.

        Nor about the other lists: a quarter of an hour takes a second and a half here, which a list needs on a busy
        machine.
        """
        return sent.namespace in (*NAMESPACES, "notafter") and (sent.alertname != "NotafterBlind" or sent.what == ROUTES)

    def _near_expiry(self):
        self._certificate("CertificateExpiresSoon", "warning", "soon", -300 * DAY, 20 * DAY)
        self._certificate("CertificateExpiryImminent", "warning", "imminent", -300 * DAY, 5 * DAY)
        self._certificate("CertificateExpired", "warning", "expired", -300 * DAY, -2 * DAY)
        self._certificate("CertificateExpired", "info", "forgotten", -300 * DAY, -31 * DAY)
        self._certificate("CertificateNotYetValid", "warning", "early", DAY, 300 * DAY)
        self._in_many_places("wildcard", "warning", 10 * DAY)
        self._in_many_places("lost-wildcard", "info", -31 * DAY)
        self.sent[Alert("CertificateUnreadable", "warning", "shop", "garbled")] = "tls.crt (bad_base64)"
        block = b"-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n"
        self._renewed(self._put(secret("shop", "garbled", {"tls.crt": block})))

    def _in_many_places(self, name, severity, ends):
        """Creates three secrets with one certificate."""
        self.sent[Alert("CertificateInManyPlaces", severity, "notafter", "")] = f"shop/{name}-0, shop/{name}-1, shop/{name}-2"
        pem = CA.leaf(name, -300 * DAY, ends)
        for number in range(3):
            self._renewed(self._put(secret("shop", f"{name}-{number}", {"tls.crt": pem})))

    def _of_the_api_server(self):
        """Creates certificates that the whole cluster depends on."""
        self._certificate("CertificateExpiryImminent", "critical", "imminent", -300 * DAY, DAY, CONFIG)
        self._certificate("CertificateNotYetValid", "critical", "early", DAY, 300 * DAY, CONFIG)
        # cert-manager issued it, and its Certificate is gone.
        self.sent[Alert("CertificateRotationBlocked", "warning", CONFIG, "lost")] = "APIServer/cluster"
        self._issued(CONFIG, "lost", -24 * DAY, 6 * DAY)
        self._repair(self._put, issued(CONFIG, "lost", "lost", 20 * DAY))
        self._put(api_server("imminent", "early", "lost"))

    def _late(self):
        self.sent[Alert("CertificateRenewalOverdue", "warning", "shop", "late")] = "no known consumer"
        begins, ends = -26 * DAY, 4 * DAY
        times = {"not-before": rfc3339(begins), "not-after": rfc3339(ends)}
        annotations = {f"auth.openshift.io/certificate-{end}": time for end, time in times.items()}
        requested = secret("shop", "late", {"tls.crt": CA.leaf("x", begins, ends)}, annotations=annotations)
        self._renewed(self._put(requested))
        # The alert about the manager stands for these.
        self.sent[Alert("CertificateManagerLate", "warning", "notafter", "")] = "10 certificates"
        for name in map("late-{}".format, range(10)):
            wanted = self._put(issued("shop", name, name, -DAY))
            self._issued("shop", name, -80 * DAY, 20 * DAY)
            self._status(wanted, issued("shop", name, name, 20 * DAY))

    def _of_operators(self):
        blocked, failure, hidden = "CertificateRotationBlocked", "OperatorCertificateFailure", self.inhibited
        self._operator("skewed", LONG, blocked, "info", names=2, rotate_at=LONG + DAY)
        self._operator("shortly", 50 * DAY, blocked, "warning", names=2, rotate_at=LONG)
        self._operator("missing", None, failure, "warning", phase="Installing")
        self._operator("renewing", LONG, failure, "critical", phase="Pending", reason="NeedsCertRotation")
        self._operator("hung", -2 * DAY, "CertificateExpired", "critical", "shop", phase="Installing")
        hidden.add(Alert(failure, "critical", "shop", "hung-service-cert"))
        self.sent[Alert("OperatorNotSettled", "warning", "widgets", "waits.v1")] = "RequirementsNotMet"
        self._operator("waits", LONG, blocked, "info", phase="Pending", reason="RequirementsNotMet")

    def _refused(self):
        """Grants the rights of the manifests except the one to list routes."""
        self.sent[Alert("NotafterBlind", "warning", "notafter", ROUTES)] = "It has never completed a list"
        [rules] = [it["rules"] for it in yaml.safe_load_all(RIGHTS.read_text()) if it["kind"] == "ClusterRole"]
        self._apply("v1", "ServiceAccount", namespace="notafter")
        self._rights([it for it in rules if it["resources"] != ["routes"]])
        subject = {"kind": "ServiceAccount", "namespace": "notafter", "name": ACCOUNT}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": ACCOUNT}
        self._apply("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", subjects=[subject], roleRef=role)
        self._repair(self._rights, rules)

    def _certificate(self, alertname, severity, name, begins, ends, namespace="shop"):
        """Creates a certificate without a manager."""
        breaks = "APIServer/cluster" if severity == "critical" else "no known consumer"
        self.sent[Alert(alertname, severity, namespace, name)] = breaks
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
            self.sent[Alert(alertname, severity, namespace, f"{name}-service-cert")] = breaks
        if severity == "critical":
            self._put(api_service(f"{name}.example.com", namespace, f"{name}-service", signer.pem))
        renewed = olm_secret(operator, name, signer, LONG)
        if ends is None:
            self._repair(self._put, renewed)
        else:
            made = self._put(olm_secret(operator, name, signer, ends, names))
            self._repair(self._patch, made, {"data": renewed["data"]})
        self._status(operator, csv(namespace, f"{name}.v1", name))

    def _put(self, it):
        self.callback(self.plane.request, "DELETE", location(it))
        return create(self.plane, it)

    def _patch(self, it, change, under=""):
        self.plane.json("PATCH", location(it) + under, change)

    def _repair(self, what, *arguments):
        self._repairs.append(functools.partial(what, *arguments))

    def _renewed(self, it):
        leaf = secret("", "", {"tls.crt": CA.leaf("x.shop.svc", -HOUR, 300 * DAY, ["x.shop.svc"])})
        self._repair(self._patch, it, {"data": leaf["data"]})

    def _status(self, it, well):
        self._repair(self._patch, it, {"status": well["status"]}, "/status")

    def _rights(self, rules):
        self._apply("rbac.authorization.k8s.io/v1", "ClusterRole", rules=rules)

    def _apply(self, version, kind, *, namespace=None, **more):
        metadata = {"name": ACCOUNT} | ({"namespace": namespace} if namespace else {})
        it = json.dumps({"apiVersion": version, "kind": kind, "metadata": metadata, **more})
        self.callback(self.plane.kubectl, "delete", "--ignore-not-found", "-f", "-", stdin=it)
        self.plane.kubectl("apply", "-f", "-", stdin=it)
