"""The image at work: read-only, as a user that nobody knows, with nothing beside it but what the kubelet puts there."""

import json
import pathlib
import unittest

from certificates import certificate, secret
from container import ACCOUNT, USER, Container
from control_plane import shared, wait_for
from exporter import ServiceAccount
from prometheus import FOLDERS, Prometheus
from test_inventory import put

NAMESPACE = "container"
NAME = "api.cluster.test"


class Contained(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = shared()
        cls.plane.kubectl("create", "namespace", NAMESPACE)
        put(cls.plane, secret(NAMESPACE, "web", {"tls.crt": certificate("web", 90)}))

    def kubeconfig(self, account, host=NAME, **cluster):
        """Writes one that has a name for the API server, and returns where the container finds it."""
        cluster = {"server": f"https://{host}:{self.plane.port}", "tls-server-name": "127.0.0.1", **cluster}
        (account.folder / "kubeconfig").write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "clusters": [{"name": "it", "cluster": cluster}],
            "users": [{"name": "it", "user": {"tokenFile": f"{ACCOUNT}/token"}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        }))
        return "--kubeconfig", f"{ACCOUNT}/kubeconfig"

    def logged(self, notafter, text):
        wait_for(f"{text!r} in the log", lambda: text in notafter.log.read_text())

    def test_it_is_ready_and_scraped_in_a_root_that_it_cannot_write_as_a_user_without_a_name(self):
        with Container(self.plane, account=ServiceAccount(self.plane)).ready() as notafter:
            process = pathlib.Path(f"/proc/{notafter.process.pid}")
            self.assertEqual(int((process / "uid_map").read_text().split()[0]), USER)
            [root] = [it for it in (process / "mountinfo").read_text().splitlines() if it.split()[4] == "/"]
            self.assertIn("ro", root.split()[5].split(","))
            self.assertIn("CapEff:\t0000000000000000\n", (process / "status").read_text())
            self.assertFalse((process / "root/bin").exists())
            scrape = notafter.scrape()
            self.assertEqual(len(scrape.all("cert_not_after_seconds", cert_namespace=NAMESPACE)), 1)
            with Prometheus(FOLDERS[0], notafter.url.removeprefix("http://")) as prometheus:
                prometheus.scraped()
                self.assertEqual(len(prometheus.query(f'cert_info{{cert_namespace="{NAMESPACE}"}}')), 1)

    def test_it_finds_the_api_server_by_a_name_of_the_hosts_file(self):
        account = ServiceAccount(self.plane)
        flags = self.kubeconfig(account, **{"certificate-authority": f"{ACCOUNT}/ca.crt"})
        with Container(self.plane, *flags, account=account, hosts=f"localhost {NAME}").ready() as notafter:
            self.assertEqual(notafter.scrape().value("notafter_list_up", resource="secrets"), 1)

    def test_it_asks_the_name_server_and_believes_it(self):
        account = ServiceAccount(self.plane)
        # There is nothing behind the address: whoever is refused there has looked it up.
        with Container(self.plane, *self.kubeconfig(account), account=account, name=NAME) as notafter:
            self.logged(notafter, "Connection refused")
        with Container(self.plane, *self.kubeconfig(account, host=f"no.{NAME}"), account=account, name=NAME) as notafter:
            self.logged(notafter, "failed to lookup address information")

    def test_where_the_kubeconfig_names_no_authority_those_of_the_image_are_asked(self):
        account = ServiceAccount(self.plane)
        flags = self.kubeconfig(account, host="127.0.0.1")
        with Container(self.plane, *flags, account=account) as notafter:
            self.logged(notafter, "UnknownIssuer")
