"""The declarations of owners, and the marks of controllers that renew their own secrets, on a real API server."""

import unittest

from certificates import DAY, HOUR, Authority, certificate, secret, unix
from control_plane import shared
from exporter import Exporter
from objects import create, location

NAMESPACE, OTHER = "declared", "declared-elsewhere"


def place(name, namespace=NAMESPACE):
    return {"kind": "Secret", "cert_namespace": namespace, "name": name}


class Declared(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = shared()
        cls.plane.create_namespaces(NAMESPACE, OTHER)

    def put(self, name, *, namespace=NAMESPACE, pem=None, **annotations):
        annotations = {f"notafter.io/{key.replace('_', '-')}": value for key, value in annotations.items()}
        pem = pem or certificate(name, 20)
        self.addCleanup(self.plane.json, "DELETE", location(secret(namespace, name, {})))
        return create(self.plane, secret(namespace, name, {"tls.crt": pem}, annotations=annotations))

    def test_annotations_and_flags_are_followed_and_a_useless_one_is_reported(self):
        self.put("renewed", renewed_before="2d", owner="team-shop")
        self.put("early", warn_before="480h")
        self.put("ignored", ignore="replaced by renewed")
        self.put("useless", renewed_before="soon", ignore="")
        self.put("flagged", namespace=OTHER)
        self.put("lab-1", namespace=OTHER)
        flags = ("--renewed-before", f"{OTHER}/fl*=36h", "--ignore", f"{OTHER}/lab-*=the lab may expire, see OPS-7",
                 "--ignore", f"{NAMESPACE}/gone=nothing")
        with Exporter(self.plane, *flags).ready() as notafter:
            scrape = notafter.scrape()
            for name, namespace, before in (("renewed", NAMESPACE, 2 * DAY), ("flagged", OTHER, 1.5 * DAY)):
                self.assertEqual(scrape.value("cert_renewal_due_seconds", **place(name, namespace)), unix(20 * DAY - before))
                [expiry] = scrape.all("cert_expiry_seconds", **place(name, namespace))
                self.assertEqual(expiry.labels["manager"], "owner")
            self.assertEqual(scrape.all("cert_expiry_seconds", **place("renewed"))[0].labels["owner"], "team-shop")
            self.assertEqual(scrape.value("cert_warn_before_seconds", **place("early")), 20 * DAY.total_seconds())
            ignored = {sample.labels["name"]: sample.labels["explanation"] for sample in scrape.all("notafter_ignored")}
            self.assertEqual(ignored["ignored"], "replaced by renewed")
            self.assertEqual(ignored["lab-1"], "the lab may expire, see OPS-7")
            self.assertEqual(scrape.all("cert_expiry_seconds", **place("ignored")), [])
            problems = {
                (sample.labels["name"], sample.labels["key"], sample.labels["reason"])
                for sample in scrape.all("notafter_problem", cert_namespace=NAMESPACE)
            }
            self.assertEqual(problems, {
                ("useless", "notafter.io/renewed-before", "invalid_field"),
                ("useless", "notafter.io/ignore", "invalid_field"),
                ("gone", "--ignore", "matches_nothing"),
            })
            mended = secret(NAMESPACE, "useless", {"tls.crt": certificate("useless", 20)})
            self.plane.json("PUT", location(mended), mended | {"metadata": mended["metadata"] | {
                "annotations": {"notafter.io/ignore": "now with a reason"}}})
            scrape = notafter.after_a_poll()
            self.assertEqual(scrape.all("notafter_problem", **place("useless")), [])
            self.assertEqual(len(scrape.all("notafter_ignored", **place("useless"))), 1)

    def test_a_flag_selects_by_a_label_and_follows_its_changes(self):
        labelled = lambda name, stage: secret(OTHER, name, {"tls.crt": certificate(name, 20)}, labels={"stage": stage})
        for name, stage in (("first", "lab"), ("second", "production")):
            self.addCleanup(self.plane.json, "DELETE", location(labelled(name, stage)))
            create(self.plane, labelled(name, stage))
        self.put("third", namespace=OTHER, stage="lab")
        ignored = lambda scrape: {sample.labels["name"] for sample in scrape.all("notafter_ignored", cert_namespace=OTHER)}
        with Exporter(self.plane, "--ignore", "*/*,stage=lab=the lab may expire", "--ignore", f"{OTHER}/*,stage=x=gone").ready() as notafter:
            scrape = notafter.scrape()
            self.assertEqual(ignored(scrape), {"first"})
            [problem] = [sample.labels for sample in scrape.all("notafter_problem", reason="matches_nothing")]
            self.assertEqual((problem["cert_namespace"], problem["name"], problem["key"]), (OTHER, "*,stage=x", "--ignore"))
            for name, stage in (("first", "production"), ("second", "lab")):
                self.plane.json("PATCH", location(labelled(name, stage)), {"metadata": {"labels": {"stage": stage}}})
            self.assertEqual(ignored(notafter.after_a_poll()), {"second"})

    def test_controllers_are_recognised_by_their_marks(self):
        kyverno = {"labels": {"cert.kyverno.io/managed-by": "kyverno"}}
        cluster = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "name": "orders", "uid": "0"}
        leaf = lambda issuer, days: Authority(issuer, -DAY, 900 * DAY).leaf("x", -HOUR, days * DAY)
        for name, pem, metadata, manager, left in (
            ("kyverno-svc.kyverno.svc.kyverno-tls-pair", leaf("*.kyverno.svc", 150), kyverno, "kyverno", 47 * HOUR),
            ("orders-server", leaf("orders", 90), {"ownerReferences": [cluster]}, "cloudnative-pg", 6.5 * DAY),
        ):
            with self.subTest(manager):
                self.addCleanup(self.plane.json, "DELETE", location(secret(NAMESPACE, name, {})))
                create(self.plane, secret(NAMESPACE, name, {"tls.crt": pem}, **metadata))
                with Exporter(self.plane).ready() as notafter:
                    scrape = notafter.scrape()
                self.assertEqual(scrape.all("cert_expiry_seconds", **place(name))[0].labels["manager"], manager)
                expiry = scrape.value("cert_not_after_seconds", **place(name))
                due = scrape.value("cert_renewal_due_seconds", **place(name))
                self.assertEqual(expiry - due, left.total_seconds())
                self.assertEqual(len(scrape.all("notafter_manager_info", manager=manager)), 1)
