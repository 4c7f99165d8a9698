"""The metrics have every certificate of a real cluster with its dates, and nothing else."""

import datetime
import unittest

from certificates import DAY, HOUR, NOW, Authority, certificate, read, secret
from control_plane import shared, wait_for
from exporter import Exporter, confined_account
from objects import create, fixture, location

NAMESPACE = "inventory"


def everything(plane):
    """Returns what an independent reader finds in all TLS secrets of the cluster."""
    found = {}
    for secret in plane.json("GET", "/api/v1/secrets?fieldSelector=type%3Dkubernetes.io%2Ftls")["items"]:
        found |= read(secret)
    return found


class Inventory(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.plane = plane = shared()
        plane.create_namespaces(NAMESPACE, "inventory2", "widget-operator")
        authority = Authority("root", -HOUR, 3650 * DAY)
        root, middle = authority.pem, authority.leaf("middle", -HOUR, 1000 * DAY)
        forever = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC) - NOW
        plain = certificate("web", 90, hosts=["web.inventory.svc", "web"])
        contents = {
            "web": {"tls.crt": plain},
            "web-tls": {"tls.crt": certificate("web-tls", 60)},
            "web2": {"tls.crt": certificate("web2", 30)},
            "chain": {"tls.crt": plain + middle + root, "ca.crt": root},
            "rsa": {"tls.crt": certificate("rsa", 90, kind="rsa")},
            "ed25519": {"tls.crt": certificate("ed25519", 90, kind="ed25519")},
            "crlf": {"tls.crt": plain.replace(b"\n", b"\r\n")},
            "forever": {"tls.crt": authority.leaf("forever", -HOUR, forever)},
            "expired": {"tls.crt": certificate("expired", 0)},
            "small-serial": {"tls.crt": certificate("x", 9, serial=0x8B01)},
            "unicode": {"tls.crt": certificate("Zoë \"q\" \\ , +", 9, organization="Grüße")},
            "bundle": {"tls.crt": plain, "ca-bundle.crt": root * 499},  # the most that is read of a secret
            "many-keys": {"tls.crt": plain, "olmCAKey": root, "a.b_c-d": middle, "note": b"hi"},
            "empty": {"tls.crt": b""},
            "words": {"tls.crt": b"paste it here"},
            "half": {"tls.crt": plain[:400]},
        }
        for name, data in contents.items():
            create(plane, secret(NAMESPACE, name, data))
        create(plane, secret("inventory2", "web", {"tls.crt": certificate("other", 20)}))
        create(plane, secret(NAMESPACE, "opaque", {"tls.crt": plain, "tls.key": b"x"}, type="Opaque"))

    def test_1_every_certificate_is_reported_with_its_dates_and_nothing_else_is(self):
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

    def test_2_every_change_is_reported_within_a_poll(self):
        plane, added = self.plane, (NAMESPACE, "added", "tls.crt", 0)

        def replace(name, data):
            replacement = secret(NAMESPACE, name, {"tls.crt": data})
            plane.json("PUT", location(replacement), replacement)

        with Exporter(plane).ready() as notafter:
            def after_a_poll():
                found = notafter.after_a_poll().certificates()
                self.assertEqual(found, everything(plane))
                return found

            before = notafter.scrape().certificates()
            with self.subTest("an addition"):
                create(plane, secret(NAMESPACE, "added", {"tls.crt": certificate("added", 7)}))
                first = after_a_poll()
                self.assertEqual(first.keys() - before.keys(), {added})
            with self.subTest("a replacement"):
                replace("added", certificate("added", 8))
                self.assertGreater(after_a_poll()[added]["not_after"], first[added]["not_after"])
            with self.subTest("a removed key"):
                replace("many-keys", certificate("web", 9))
                self.assertEqual({key for _, name, key, _ in after_a_poll() if name == "many-keys"}, {"tls.crt"})
            with self.subTest("a deletion, of a secret whose name is a prefix of others"):
                plane.json("DELETE", f"/api/v1/namespaces/{NAMESPACE}/secrets/web")
                left = {(namespace, name) for namespace, name, _, _ in after_a_poll()}
                self.assertNotIn((NAMESPACE, "web"), left)
                self.assertLessEqual({(NAMESPACE, "web-tls"), (NAMESPACE, "web2"), ("inventory2", "web")}, left)
            with self.subTest("the same name again"):
                create(plane, secret(NAMESPACE, "web", {"tls.crt": certificate("web", 91)}))
                after_a_poll()
            with self.subTest("an unreadable one"):
                replace("added", b"-----BEGIN CERTIFICATE-----\nxx")
                scrape = notafter.after_a_poll()
                self.assertIn(("added", "tls.crt", "unterminated"), scrape.problems())
                self.assertNotIn(added, scrape.certificates())

    def test_3_operators_are_reported_without_their_copies(self):
        widgets, copied = fixture("csv-widgets"), fixture("csv-widgets-copied")
        csv, status = widgets["metadata"]["name"], widgets.pop("status")
        self.assertEqual(copied["metadata"]["name"], csv)
        create(self.plane, widgets)
        create(self.plane, copied)
        with Exporter(self.plane).ready() as notafter:
            after_a_poll = lambda: notafter.after_a_poll("clusterserviceversions.operators.coreos.com")
            scrape = after_a_poll()
            [info] = scrape.all("olm_csv_info", csv=csv)
            self.assertEqual(info.labels["csv_namespace"], "widget-operator")
            self.assertEqual(info.labels["version"], "1.4.2")
            self.assertEqual(scrape.value("olm_csv_phase", csv=csv, phase="None"), 1)
            self.plane.json("PATCH", f"{location(widgets)}/status", {"status": status})
            scrape = after_a_poll()
            phases = scrape.all("olm_csv_phase", csv=csv)
            self.assertEqual(len(phases), 9)
            self.assertEqual([phase.labels["phase"] for phase in phases if phase.value], [status["phase"]])
            [info] = scrape.all("olm_csv_info", csv=csv)
            self.assertEqual(info.labels["reason"], status["reason"])
            for name, field in (
                ("last_transition", "lastTransitionTime"), ("certs_last_updated", "certsLastUpdated"),
                ("certs_rotate_at", "certsRotateAt"),
            ):
                time = datetime.datetime.fromisoformat(status[field]).timestamp()
                self.assertEqual(scrape.value(f"olm_csv_{name}_seconds", csv=csv), time)
            self.plane.json("DELETE", location(widgets))
            self.assertEqual(after_a_poll().all("olm_csv_info", csv=csv), [])

    def test_4_confined_to_namespaces_it_needs_roles_only(self):
        plane, namespaces = self.plane, (NAMESPACE, "inventory2")
        account = confined_account(plane, "tenant", ["secrets"], *namespaces)
        flags = [f"--namespace={namespace}" for namespace in namespaces]
        with Exporter(plane, *flags, account=account).ready() as notafter:
            scrape = notafter.scrape()
            expected = {place: dates for place, dates in everything(plane).items() if place[0] in namespaces}
            self.assertEqual(scrape.certificates(), expected)
            operators = "clusterserviceversions.operators.coreos.com"
            for scope in namespaces:
                self.assertEqual(scrape.value("notafter_list_up", resource="secrets", scope=scope), 1)
                self.assertEqual(scrape.value("notafter_list_up", resource=operators, scope=scope), 0)
            rule = '- {apiGroups: ["operators.coreos.com"], resources: ["clusterserviceversions"], verbs: ["list", "watch"]}'
            wait_for("both denials", lambda: notafter.log.read_text().count(rule) == 2)

    def test_5_bad_metadata_of_a_tenant_does_not_harm_others(self):
        """In protobuf, the API server accepts an owner whose name is endless and not UTF-8."""

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
        raw = field(1, metadata) + data + field(3, b"kubernetes.io/tls")
        body = b"k8s\0" + field(1, field(1, b"v1") + field(2, b"Secret")) + field(2, raw)
        connection = self.plane.connect()
        path = f"/api/v1/namespaces/{NAMESPACE}/secrets"
        connection.request("POST", path, body, {"Content-Type": "application/vnd.kubernetes.protobuf"})
        self.assertEqual(connection.getresponse().status, 201)
        connection.close()
        with Exporter(self.plane).ready() as notafter:
            scrape = notafter.scrape()
            self.assertEqual(scrape.value("notafter_list_up", resource="secrets"), 1)
            owner = scrape.all("cert_info", name="tenant")[0].labels["owner"]
            self.assertTrue(owner.startswith("Th\N{REPLACEMENT CHARACTER}ng/"), owner)
            self.assertLessEqual(len(owner.encode()), 256)
            notafter.after_a_poll()
