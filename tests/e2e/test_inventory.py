"""Every certificate of a real cluster is on /metrics with its dates, and nothing else is."""

import datetime
import unittest

from certificates import certificate, read, secret
from control_plane import shared
from exporter import Exporter, ServiceAccount

NAMESPACE = "inventory"


def put(plane, *objects):
    for it in objects:
        metadata = it["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/secrets"
        plane.json("POST", path, it)


def replace(plane, it):
    metadata = it["metadata"]
    plane.json("PUT", f"/api/v1/namespaces/{metadata['namespace']}/secrets/{metadata['name']}", it)


def everything(plane):
    """What an independent reader finds in all TLS secrets of the cluster."""
    found = {}
    for it in plane.json("GET", "/api/v1/secrets?fieldSelector=type%3Dkubernetes.io%2Ftls")["items"]:
        found |= read(it)
    return found


def operator(namespace, name, version="1.4.2"):
    """The least that OLM's CRD takes for a ClusterServiceVersion."""
    return {
        "apiVersion": "operators.coreos.com/v1alpha1", "kind": "ClusterServiceVersion",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "displayName": name, "version": version,
            "install": {"strategy": "deployment", "spec": {"deployments": []}},
        },
    }


class Inventory(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.plane = plane = shared()
        for namespace in (NAMESPACE, "inventory2", "operators"):
            plane.kubectl("create", "namespace", namespace)
        root = certificate("root", 3650, kind="rsa")
        middle = certificate("middle", 1000, issuer="root")
        forever = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)
        plain = certificate("web", 90, hosts=["web.inventory.svc", "web"])
        put(
            plane,
            secret(NAMESPACE, "web", {"tls.crt": plain}),
            secret(NAMESPACE, "web-tls", {"tls.crt": certificate("web-tls", 60)}),
            secret(NAMESPACE, "web2", {"tls.crt": certificate("web2", 30)}),
            secret("inventory2", "web", {"tls.crt": certificate("other", 20)}),
            secret(NAMESPACE, "chain", {"tls.crt": plain + middle + root, "ca.crt": root}),
            secret(NAMESPACE, "rsa", {"tls.crt": certificate("rsa", 90, kind="rsa")}),
            secret(NAMESPACE, "ed25519", {"tls.crt": certificate("ed25519", 90, kind="ed25519")}),
            secret(NAMESPACE, "crlf", {"tls.crt": plain.replace(b"\n", b"\r\n")}),
            secret(NAMESPACE, "forever", {"tls.crt": certificate("forever", 0, until=forever)}),
            secret(NAMESPACE, "expired", {"tls.crt": certificate("expired", 0)}),
            secret(NAMESPACE, "small-serial", {"tls.crt": certificate("x", 9, serial=0x8B01)}),
            secret(NAMESPACE, "unicode", {"tls.crt": certificate("Zoë \"q\" \\ , +", 9, organization="Grüße")}),
            secret(NAMESPACE, "bundle", {"tls.crt": plain, "ca-bundle.crt": root * 500}),
            secret(NAMESPACE, "many-keys", {"tls.crt": plain, "olmCAKey": root, "a.b_c-d": middle, "note": b"hi"}),
            secret(NAMESPACE, "empty", {"tls.crt": b""}),
            secret(NAMESPACE, "words", {"tls.crt": b"paste it here"}),
            secret(NAMESPACE, "half", {"tls.crt": plain[:400]}),
            secret(NAMESPACE, "opaque", {"tls.crt": plain, "tls.key": b"x"}, type="Opaque"),
        )

    def test_1_every_certificate_is_there_with_its_dates_and_nothing_else_is(self):
        with Exporter(self.plane).ready() as notafter:
            scrape = notafter.scrape()
            expected = everything(self.plane)
            self.assertGreater(len(expected), 500)
            self.assertEqual(scrape.certificates(), expected)
            self.assertEqual(
                scrape.problems(),
                {("words", "tls.crt", "no_certificate"), ("half", "tls.crt", "unterminated")},
            )
            self.assertEqual(scrape.value("notafter_list_up", resource="secrets"), 1)
            subject = scrape.all("cert_info", name="unicode")[0].labels["subject"]
            self.assertEqual(subject, 'CN=Zoë \\"q\\" \\\\ \\, \\+,O=Grüße')

    def test_2_whatever_changes_shows_within_a_poll(self):
        plane = self.plane
        with Exporter(plane).ready() as notafter:
            before = notafter.scrape().certificates()
            with self.subTest("an addition"):
                put(plane, secret(NAMESPACE, "added", {"tls.crt": certificate("added", 7)}))
                told = notafter.after_a_poll().certificates()
                self.assertEqual(told.keys() - before.keys(), {(NAMESPACE, "added", "tls.crt", 0)})
                self.assertEqual(told, everything(plane))
            with self.subTest("a replacement"):
                replace(plane, secret(NAMESPACE, "added", {"tls.crt": certificate("added", 8)}))
                renewed = notafter.after_a_poll().certificates()
                place = (NAMESPACE, "added", "tls.crt", 0)
                self.assertGreater(renewed[place]["not_after"], told[place]["not_after"])
                self.assertEqual(renewed, everything(plane))
            with self.subTest("a removed key"):
                replace(plane, secret(NAMESPACE, "many-keys", {"tls.crt": certificate("web", 9)}))
                told = notafter.after_a_poll().certificates()
                keys = {key for _, name, key, _ in told if name == "many-keys"}
                self.assertEqual(keys, {"tls.crt"})
                self.assertEqual(told, everything(plane))
            with self.subTest("a deletion, of a secret whose name others begin with"):
                plane.json("DELETE", f"/api/v1/namespaces/{NAMESPACE}/secrets/web")
                told = notafter.after_a_poll().certificates()
                names = {name for namespace, name, _, _ in told if namespace == NAMESPACE}
                self.assertNotIn("web", names)
                self.assertLessEqual({"web-tls", "web2"}, names)
                self.assertIn(("inventory2", "web", "tls.crt", 0), told)
                self.assertEqual(told, everything(plane))
            with self.subTest("the same name again"):
                put(plane, secret(NAMESPACE, "web", {"tls.crt": certificate("web", 91)}))
                self.assertEqual(notafter.after_a_poll().certificates(), everything(plane))
            with self.subTest("an unreadable one"):
                replace(plane, secret(NAMESPACE, "added", {"tls.crt": b"-----BEGIN CERTIFICATE-----\nxx"}))
                scrape = notafter.after_a_poll()
                self.assertIn(("added", "tls.crt", "unterminated"), scrape.problems())
                self.assertNotIn((NAMESPACE, "added", "tls.crt", 0), scrape.certificates())

    def test_3_operators_are_told_without_their_copies(self):
        plane = self.plane
        path = "/apis/operators.coreos.com/v1alpha1/namespaces/{}/clusterserviceversions"
        resource = "clusterserviceversions.operators.coreos.com"
        plane.json("POST", path.format("operators"), operator("operators", "widgets.v1.4.2"))
        copy = operator("inventory2", "widgets.v1.4.2")
        copy["metadata"]["labels"] = {"olm.copiedFrom": "operators"}
        plane.json("POST", path.format("inventory2"), copy)
        with Exporter(plane).ready() as notafter:
            scrape = notafter.after_a_poll(resource)
            [info] = scrape.all("olm_csv_info", csv="widgets.v1.4.2")
            self.assertEqual(info.labels["csv_namespace"], "operators")
            self.assertEqual(info.labels["version"], "1.4.2")
            self.assertEqual(scrape.value("olm_csv_phase", csv="widgets.v1.4.2", phase="None"), 1)
            status = {
                "phase": "Failed", "reason": "APIServiceResourceIssue",
                "lastTransitionTime": "2024-02-23T10:07:05Z", "certsLastUpdated": "2022-02-24T10:07:05Z",
                "certsRotateAt": "2026-02-22T10:07:05Z",
            }
            widgets = path.format("operators") + "/widgets.v1.4.2/status"
            plane.json("PATCH", widgets, {"status": status})
            scrape = notafter.after_a_poll(resource)
            phases = scrape.all("olm_csv_phase", csv="widgets.v1.4.2")
            self.assertEqual(len(phases), 9)
            self.assertEqual([it.labels["phase"] for it in phases if it.value], ["Failed"])
            [info] = scrape.all("olm_csv_info", csv="widgets.v1.4.2")
            self.assertEqual(info.labels["reason"], "APIServiceResourceIssue")
            time = lambda name: scrape.value(f"olm_csv_{name}_seconds", csv="widgets.v1.4.2")
            self.assertEqual(time("last_transition"), 1708682825)
            self.assertEqual(time("certs_last_updated"), 1645697225)
            self.assertEqual(time("certs_rotate_at"), 1771754825)
            plane.json("DELETE", path.format("operators") + "/widgets.v1.4.2")
            scrape = notafter.after_a_poll(resource)
            self.assertEqual(scrape.all("olm_csv_info", csv="widgets.v1.4.2"), [])

    def test_4_confined_to_namespaces_only_roles_are_needed(self):
        plane = self.plane
        plane.kubectl("-n", "notafter", "create", "serviceaccount", "tenant")
        for namespace in (NAMESPACE, "inventory2"):
            in_it = ("-n", namespace)
            plane.kubectl(*in_it, "create", "role", "notafter", "--verb=list", "--resource=secrets")
            plane.kubectl(
                *in_it, "create", "rolebinding", "notafter", "--role=notafter", "--serviceaccount=notafter:tenant"
            )
        account = ServiceAccount(plane, "tenant")
        flags = ("--namespace", NAMESPACE, "--namespace", "inventory2")
        with Exporter(plane, *flags, account=account).ready() as notafter:
            scrape = notafter.scrape()
            expected = {it: told for it, told in everything(plane).items() if it[0] in (NAMESPACE, "inventory2")}
            self.assertEqual(scrape.certificates(), expected)
            operators = "clusterserviceversions.operators.coreos.com"
            for scope in (NAMESPACE, "inventory2"):
                self.assertEqual(scrape.value("notafter_list_up", resource="secrets", scope=scope), 1)
                self.assertEqual(scrape.value("notafter_list_up", resource=operators, scope=scope), 0)
            rule = '- {apiGroups: ["operators.coreos.com"], resources: ["clusterserviceversions"], verbs: ["list"]}'
            self.assertEqual(notafter.log.read_text().count(rule), 2)

    def test_5_what_a_tenant_writes_into_metadata_costs_nobody_else(self):
        """The API server takes an owner whose name is no UTF-8 and has no end, if it comes in protobuf."""

        def field(number, value):
            length, head = len(value), [number << 3 | 2]
            while length >= 0x80:
                head.append(length & 0x7F | 0x80)
                length >>= 7
            return bytes([*head, length]) + value

        owner = field(1, b"Th\xffng") + field(3, b"\xff\xfe" * 5000) + field(4, b"0-0") + field(5, b"example.com/v1")
        metadata = field(1, b"tenant") + field(3, NAMESPACE.encode()) + field(13, owner)
        entry = lambda key, value: field(2, field(1, key) + field(2, value))
        data = entry(b"tls.crt", certificate("tenant", 9)) + entry(b"tls.key", b"x")
        it = field(1, metadata) + data + field(3, b"kubernetes.io/tls")
        body = b"k8s\0" + field(1, field(1, b"v1") + field(2, b"Secret")) + field(2, it)
        connection = self.plane.connect()
        path = f"/api/v1/namespaces/{NAMESPACE}/secrets"
        connection.request("POST", path, body, {"Content-Type": "application/vnd.kubernetes.protobuf"})
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()[:0]), (201, b""))
        connection.close()
        with Exporter(self.plane).ready() as notafter:
            scrape = notafter.scrape()
            self.assertEqual(scrape.value("notafter_list_up", resource="secrets"), 1)
            owner = scrape.all("cert_info", name="tenant")[0].labels["owner"]
            self.assertTrue(owner.startswith("Th\N{REPLACEMENT CHARACTER}ng/"), owner)
            self.assertLessEqual(len(owner.encode()), 256)
            notafter.after_a_poll()
