"""The image at work: read-only, as an unknown user, with nothing but the files of the kubelet."""

import pathlib
import unittest

from certificates import certificate, secret
from container import ACCOUNT, USER, Container
from control_plane import shared, wait_for, write_kubeconfig
from exporter import ServiceAccount
from objects import create
from prometheus import FOLDERS, Prometheus

NAMESPACE = "container"
NAME = "api.cluster.test"


class Contained(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = shared()
        cls.plane.create_namespaces(NAMESPACE)
        create(cls.plane, secret(NAMESPACE, "web", {"tls.crt": certificate("web", 90)}))

    def kubeconfig(self, account, host=NAME, **cluster):
        """Writes a kubeconfig that names the API server's host, and returns the flags for it."""
        cluster = {"server": f"https://{host}:{self.plane.port}", "tls-server-name": "127.0.0.1", **cluster}
        write_kubeconfig(account.folder / "kubeconfig", {"tokenFile": f"{ACCOUNT}/token"}, **cluster)
        return "--kubeconfig", f"{ACCOUNT}/kubeconfig"

    def assertLogs(self, notafter, text):
        wait_for(f"{text!r} in the log", lambda: text in notafter.log.read_text())

    def test_a_user_without_a_name_in_a_read_only_root_can_serve_scrapes(self):
        with Container(self.plane, account=ServiceAccount(self.plane)).ready() as notafter:
            process = pathlib.Path(f"/proc/{notafter.process.pid}")
            self.assertEqual(int((process / "uid_map").read_text().split()[0]), USER)
            mounts = [line.split() for line in (process / "mountinfo").read_text().splitlines()]
            [options] = [mount[5] for mount in mounts if mount[4] == "/"]
            self.assertIn("ro", options.split(","))
            self.assertIn("CapEff:\t0000000000000000\n", (process / "status").read_text())
            self.assertFalse((process / "root/bin").exists())
            scrape = notafter.scrape()
            self.assertEqual(len(scrape.all("cert_not_after_seconds", cert_namespace=NAMESPACE)), 1)
            with Prometheus(FOLDERS[0], notafter.url.removeprefix("http://")) as prometheus:
                prometheus.scraped()
                self.assertEqual(len(prometheus.query(f'cert_info{{cert_namespace="{NAMESPACE}"}}')), 1)

    def test_the_hosts_file_resolves_the_name_of_the_api_server(self):
        account = ServiceAccount(self.plane)
        flags = self.kubeconfig(account, **{"certificate-authority": f"{ACCOUNT}/ca.crt"})
        with Container(self.plane, *flags, account=account, hosts=f"localhost {NAME}").ready() as notafter:
            self.assertEqual(notafter.scrape().value("notafter_list_up", resource="secrets"), 1)

    def test_the_dns_server_resolves_the_name_of_the_api_server(self):
        account = ServiceAccount(self.plane)
        # No server listens at that address: the error shows that the name was resolved.
        with Container(self.plane, *self.kubeconfig(account), account=account, name=NAME) as notafter:
            self.assertLogs(notafter, "Connection refused")
        flags = self.kubeconfig(account, host=f"no.{NAME}")
        with Container(self.plane, *flags, account=account, name=NAME) as notafter:
            self.assertLogs(notafter, "failed to lookup address information")

    def test_without_a_ca_in_the_kubeconfig_those_of_the_image_are_trusted(self):
        account = ServiceAccount(self.plane)
        flags = self.kubeconfig(account, host="127.0.0.1")
        with Container(self.plane, *flags, account=account) as notafter:
            self.assertLogs(notafter, "UnknownIssuer")
