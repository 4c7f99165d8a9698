"""Failures between notafter and a real API server: nothing known is lost, and notafter recovers."""

import shutil
import unittest

from certificates import StoredAuthority, certificate, secret
from control_plane import ROOT, shared, wait_for
from exporter import Exporter, ServiceAccount
from objects import create, location
from proxy import Proxy

NAMESPACE = "failures"
SECRETS = 600  # three pages


def setUpModule():
    plane = shared()
    plane.create_namespaces(NAMESPACE)
    pem = certificate("web", 90)
    for index in range(SECRETS):
        create(plane, secret(NAMESPACE, f"web-{index:03}", {"tls.crt": pem}))


def is_page_of_secrets(target):
    """Returns whether a request continues the list of secrets."""
    return "/secrets?" in target and "continue=" in target


class FailureTest(unittest.TestCase):
    def setUp(self):
        self.plane = shared()

    def count(self, scrape):
        """Returns the number of this module's certificates."""
        return len(scrape.all("cert_not_after_seconds", cert_namespace=NAMESPACE))

    def until_up(self, notafter, up, resources=("secrets",)):
        """Waits until these lists are up or down, and returns that scrape."""

        def scrape():
            scrape = notafter.scrape()
            are_up = [scrape.value("notafter_list_up", resource=resource) == up for resource in resources]
            return scrape if all(are_up) else None

        return wait_for(f"notafter_list_up {up}", scrape)


class Expiry(FailureTest):
    """Lists whose continue tokens expire with a compaction of etcd.

    Since Kubernetes 1.34 the watch cache remembers more than etcd (ListFromCacheSnapshot), so this API
    server runs without that feature, as older ones do.
    """

    @classmethod
    def setUpClass(cls):
        shared().restart_api_server("--feature-gates=ListFromCacheSnapshot=false")
        cls.addClassCleanup(shared().restart_api_server)

    def assertSurvives(self, times):
        """Asserts that a list is complete although it expires so often; returns the log."""
        expired = []

        def expire(target):
            if is_page_of_secrets(target) and len(expired) < times:
                expired.append(target)
                self.plane.compact()

        with Proxy(self.plane, expire) as proxy, Exporter(self.plane, port=proxy.port).ready() as notafter:
            statuses = [status for target, status, _ in proxy.requests if is_page_of_secrets(target)]
            self.assertEqual(statuses.count(410), times)
            scrape = notafter.scrape()
            self.assertEqual(self.count(scrape), SECRETS)
            self.assertEqual(scrape.value("notafter_list_up", resource="secrets"), 1)
            return notafter.log.read_text()

    def test_1_a_list_that_expires_is_read_again_from_the_start(self):
        self.assertNotIn("twice", self.assertSurvives(1))

    def test_2_a_list_that_expires_again_continues_with_newer_pages(self):
        self.assertIn("twice", self.assertSurvives(2))


class Failures(FailureTest):
    def test_1_without_its_rights_it_logs_the_missing_rule_and_keeps_what_it_knows(self):
        with Exporter(self.plane).ready() as notafter:
            self.plane.kubectl("delete", "clusterrolebinding", "notafter")
            try:
                scrape = self.until_up(notafter, 0)
                self.assertEqual(self.count(scrape), SECRETS)
                rule = '- {apiGroups: [""], resources: ["secrets"], verbs: ["list", "watch"]}'
                # The first refusal may come from an API server that has just started.
                wait_for("the missing rule", lambda: rule in notafter.log.read_text())
            finally:
                self.plane.kubectl("apply", "-k", str(ROOT / "manifests/base"))
            self.until_up(notafter, 1)

    def test_2_a_revoked_token_is_replaced_by_the_one_that_is_mounted_later(self):
        plane = self.plane
        plane.kubectl("-n", "notafter", "create", "serviceaccount", "temporary")
        binding = ("--clusterrole=notafter", "--serviceaccount=notafter:temporary")
        plane.kubectl("create", "clusterrolebinding", "temporary", *binding)
        account = ServiceAccount(plane, "temporary")
        with Exporter(plane, account=account).ready() as notafter:
            plane.kubectl("-n", "notafter", "delete", "serviceaccount", "temporary")
            plane.kubectl("-n", "notafter", "create", "serviceaccount", "temporary")
            self.assertEqual(self.count(self.until_up(notafter, 0)), SECRETS)
            self.assertIn("(401)", notafter.log.read_text())
            account.renew()
            self.until_up(notafter, 1)

    def test_3_a_new_ca_of_the_api_server_is_trusted_once_it_is_mounted(self):
        with Proxy(self.plane) as proxy:
            account = ServiceAccount(self.plane)
            with Exporter(self.plane, account=account, port=proxy.port).ready() as notafter:
                successor = StoredAuthority(account.folder, "successor")
                proxy.present(successor)
                scrape = self.until_up(notafter, 0)
                self.assertEqual(self.count(scrape), SECRETS)
                self.assertIn("invalid peer certificate", notafter.log.read_text())
                account.trust(successor.file)
                self.until_up(notafter, 1)

    def test_4_the_login_page_of_a_proxy_is_not_an_empty_cluster(self):
        answers = []
        meddle = lambda _: answers[0] if answers else None
        with Proxy(self.plane, meddle) as proxy, Exporter(self.plane, port=proxy.port).ready() as notafter:
            answers.append((200, [("Content-Type", "text/html")], b"<html>please log in"))
            scrape = self.until_up(notafter, 0)
            self.assertEqual(self.count(scrape), SECRETS)
            log = notafter.log.read_text()
            self.assertIn("proxy", log)
            self.assertNotIn("please log in", log)
            answers.clear()
            self.until_up(notafter, 1)

    def test_5_while_the_api_server_is_down_everything_known_is_served(self):
        with Exporter(self.plane).ready() as notafter:
            self.plane.api_server.stop()
            try:
                # Each list finds it out on its own.
                scrape = self.until_up(notafter, 0, ["secrets", "clusterserviceversions.operators.coreos.com"])
                self.assertEqual(self.count(scrape), SECRETS)
                self.assertEqual(notafter.get("/live")[0], 200)
                self.assertEqual(notafter.get("/ready")[0], 200)
                self.assertIn("connection", notafter.log.read_text())
            finally:
                self.plane.start_api_server()
            create(self.plane, secret(NAMESPACE, "after", {"tls.crt": certificate("after", 9)}))
            self.until_up(notafter, 1)
            scrape = notafter.after_a_poll()
            self.assertEqual(self.count(scrape), SECRETS + 1)

    def test_6_objects_of_an_etcd_restored_from_a_backup_are_reported(self):
        plane, restored = self.plane, secret(NAMESPACE, "restored", {"tls.crt": certificate("restored", 9)})
        create(plane, restored)
        plane.stop()
        backup = plane.folder / "backup"
        shutil.copytree(plane.folder / "etcd", backup)
        plane.start()
        with Exporter(plane).ready() as notafter:
            for days in range(10, 20):
                replacement = secret(NAMESPACE, "restored", {"tls.crt": certificate("x", days)})
                plane.json("PUT", location(restored), replacement)
            later = notafter.after_a_poll().value("cert_not_after_seconds", name="restored")
            plane.stop()
            shutil.rmtree(plane.folder / "etcd")
            shutil.copytree(backup, plane.folder / "etcd")
            plane.start()
            self.until_up(notafter, 1)
            scrape = notafter.after_a_poll()
            self.assertLess(scrape.value("cert_not_after_seconds", name="restored"), later)
            self.assertIn("API server answers again", notafter.log.read_text())
