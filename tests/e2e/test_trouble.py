"""What goes wrong between notafter and a real API server: nothing known is lost, and it mends itself."""

import shutil
import unittest

from certificates import certificate, secret
from control_plane import ROOT, Authority, shared, wait_for
from exporter import Exporter, ServiceAccount
from proxy import Proxy
from test_inventory import put

NAMESPACE = "trouble"
SECRETS = 600  # three pages


def setUpModule():
    plane = shared()
    plane.kubectl("create", "namespace", NAMESPACE)
    pem = certificate("web", 90)
    put(plane, *(secret(NAMESPACE, f"web-{index:03}", {"tls.crt": pem}) for index in range(SECRETS)))


def is_page_of_secrets(target):
    """Whether a request goes on with the list of secrets; others have pages, too."""
    return "/secrets?" in target and "continue=" in target


class TroubleTest(unittest.TestCase):
    def setUp(self):
        self.plane = shared()

    def count(self, scrape):
        """How many of this module's certificates there are."""
        return len(scrape.all("cert_not_after_seconds", cert_namespace=NAMESPACE))

    def until_up(self, notafter, up):
        """Waits until the list of secrets is up or down, and returns that scrape."""

        def scrape():
            scrape = notafter.scrape()
            return scrape if scrape.value("notafter_list_up", resource="secrets") == up else None

        return wait_for(f"notafter_list_up {up}", scrape)


class Expiry(TroubleTest):
    """Since Kubernetes 1.34 the watch cache can tell the past for longer than etcd (ListFromCacheSnapshot); here the
    API server is started as its predecessors are, whose continue tokens end with etcd's compaction."""

    @classmethod
    def setUpClass(cls):
        shared().stop_api_server()
        shared().start_api_server("--feature-gates=ListFromCacheSnapshot=false")

    @classmethod
    def tearDownClass(cls):
        shared().stop_api_server()
        shared().start_api_server()

    def test_1_a_list_that_expires_while_it_is_read_is_read_anew(self):
        expired = []

        def expire(target):
            if is_page_of_secrets(target) and not expired:
                expired.append(target)
                self.plane.compact()

        with Proxy(self.plane, expire) as proxy, Exporter(self.plane, port=proxy.port).ready() as notafter:
            self.assertIn(410, [status for target, status, _ in proxy.requests if is_page_of_secrets(target)])
            scrape = notafter.scrape()
            self.assertEqual(self.count(scrape), SECRETS)
            self.assertEqual(scrape.value("notafter_list_up", resource="secrets"), 1)

    def test_2_a_list_that_expires_again_goes_on_with_newer_pages(self):
        expired = []

        def expire(target):
            if is_page_of_secrets(target) and len(expired) < 2:
                expired.append(target)
                self.plane.compact()

        with Proxy(self.plane, expire) as proxy, Exporter(self.plane, port=proxy.port).ready() as notafter:
            refused = [target for target, status, _ in proxy.requests if status == 410 and is_page_of_secrets(target)]
            self.assertEqual(len(refused), 2)
            scrape = notafter.scrape()
            self.assertEqual(self.count(scrape), SECRETS)
            self.assertEqual(scrape.value("notafter_list_up", resource="secrets"), 1)
            self.assertIn("it expired twice", notafter.log.read_text())


class Trouble(TroubleTest):
    def test_1_without_its_rights_it_says_which_and_keeps_what_it_knows(self):
        with Exporter(self.plane).ready() as notafter:
            self.plane.kubectl("delete", "clusterrolebinding", "notafter")
            try:
                scrape = self.until_up(notafter, 0)
                self.assertEqual(self.count(scrape), SECRETS)
                rule = '- {apiGroups: [""], resources: ["secrets"], verbs: ["list"]}'
                self.assertIn(rule, notafter.log.read_text())
            finally:
                self.plane.kubectl("apply", "-k", str(ROOT / "manifests/base"))
            self.until_up(notafter, 1)

    def test_2_a_token_that_is_no_longer_known_is_replaced_by_the_one_that_was_mounted_since(self):
        plane = self.plane
        plane.kubectl("-n", "notafter", "create", "serviceaccount", "passing")
        binding = ("--clusterrole=notafter", "--serviceaccount=notafter:passing")
        plane.kubectl("create", "clusterrolebinding", "passing", *binding)
        account = ServiceAccount(plane, "passing")
        with Exporter(plane, account=account).ready() as notafter:
            plane.kubectl("-n", "notafter", "delete", "serviceaccount", "passing")
            plane.kubectl("-n", "notafter", "create", "serviceaccount", "passing")
            self.assertEqual(self.count(self.until_up(notafter, 0)), SECRETS)
            self.assertIn("(401)", notafter.log.read_text())
            account.renew()
            self.until_up(notafter, 1)

    def test_3_a_new_authority_of_the_api_server_is_trusted_once_it_is_mounted(self):
        with Proxy(self.plane) as proxy:
            account = ServiceAccount(self.plane)
            with Exporter(self.plane, account=account, port=proxy.port).ready() as notafter:
                successor = Authority(account.folder, "successor")
                proxy.show(successor)
                scrape = self.until_up(notafter, 0)
                self.assertEqual(self.count(scrape), SECRETS)
                self.assertIn("invalid peer certificate", notafter.log.read_text())
                account.trust(successor.file)
                self.until_up(notafter, 1)

    def test_4_a_page_of_a_proxy_is_no_empty_cluster(self):
        answers = []

        def meddle(_):
            return answers and answers[0] or None

        with Proxy(self.plane, meddle) as proxy, Exporter(self.plane, port=proxy.port).ready() as notafter:
            answers.append((200, [("Content-Type", "text/html")], b"<html>please log in"))
            scrape = self.until_up(notafter, 0)
            self.assertEqual(self.count(scrape), SECRETS)
            log = notafter.log.read_text()
            self.assertIn("is a proxy in between?", log)
            self.assertNotIn("please log in", log)
            answers.clear()
            self.until_up(notafter, 1)

    def test_5_while_the_api_server_is_away_everything_known_is_served(self):
        with Exporter(self.plane).ready() as notafter:
            self.plane.stop_api_server()
            try:
                scrape = self.until_up(notafter, 0)
                self.assertEqual(self.count(scrape), SECRETS)
                operators = "clusterserviceversions.operators.coreos.com"
                self.assertEqual(scrape.value("notafter_list_up", resource=operators), 0)
                self.assertEqual(notafter.get("/live")[0], 200)
                self.assertEqual(notafter.get("/ready")[0], 200)
                self.assertIn("no connection to the API server", notafter.log.read_text())
            finally:
                self.plane.start_api_server()
            put(self.plane, secret(NAMESPACE, "after", {"tls.crt": certificate("after", 9)}))
            self.until_up(notafter, 1)
            scrape = notafter.after_a_poll()
            self.assertEqual(self.count(scrape), SECRETS + 1)

    def test_6_an_etcd_that_was_restored_from_a_backup_is_believed(self):
        plane = self.plane
        put(plane, secret(NAMESPACE, "restored", {"tls.crt": certificate("restored", 9)}))
        plane.stop()
        backup = plane.folder / "backup"
        shutil.copytree(plane.folder / "etcd", backup)
        plane.start()
        with Exporter(plane).ready() as notafter:
            path = f"/api/v1/namespaces/{NAMESPACE}/secrets/restored"
            for days in range(10, 20):
                plane.json("PUT", path, secret(NAMESPACE, "restored", {"tls.crt": certificate("x", days)}))
            later = notafter.after_a_poll().value("cert_not_after_seconds", name="restored")
            plane.stop()
            shutil.rmtree(plane.folder / "etcd")
            shutil.copytree(backup, plane.folder / "etcd")
            plane.start()
            self.until_up(notafter, 1)
            scrape = notafter.after_a_poll()
            self.assertLess(scrape.value("cert_not_after_seconds", name="restored"), later)
            self.assertIn("ResourceVersionTooLarge", notafter.log.read_text())
