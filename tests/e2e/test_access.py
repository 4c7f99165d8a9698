"""Who may scrape, on a real API server: its client CA, its tokens, and real Prometheuses that have either or neither."""

import base64
import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
import unittest

from control_plane import Authority, ControlPlane, wait_for
from exporter import Exporter, ServiceAccount
from prometheus import FOLDERS, Prometheus

SCRAPER = "system:serviceaccount:openshift-monitoring:prometheus-k8s"
OPENSHIFT = ("--client-ca-from-cluster", f"--client-name={SCRAPER}", "--token-review")


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Access(unittest.TestCase):
    """notafter as the platform's overlay runs it, that reviews tokens as well; on a cluster of its own, whose CA changes."""

    @classmethod
    def setUpClass(cls):
        cls.plane = plane = ControlPlane()
        cls.addClassCleanup(plane.stop)
        # kubectl and the exporter go on to believe the server's CA; that of its clients is a file of its own.
        cls.clients = plane.folder / "clients.crt"
        shutil.copy(plane.authority.file, cls.clients)
        plane.start(f"--client-ca-file={cls.clients}")
        plane.define()
        for namespace in ("notafter", "openshift-monitoring"):
            plane.kubectl("create", "namespace", namespace)
        plane.kubectl("-n", "notafter", "create", "serviceaccount", "notafter")
        plane.kubectl("-n", "openshift-monitoring", "create", "serviceaccount", "prometheus-k8s")
        plane.kubectl("-n", "openshift-monitoring", "create", "serviceaccount", "other")
        rights = (os.environ["NOTAFTER"], "rights", "--token-review", "--client-ca-from-cluster")
        plane.kubectl("apply", "-f", "-", stdin=subprocess.run(rights, capture_output=True, text=True, check=True).stdout)
        plane.kubectl("create", "clusterrole", "metrics", "--verb=get", "--non-resource-url=/metrics")
        scraper = SCRAPER.removeprefix("system:serviceaccount:")
        plane.kubectl("create", "clusterrolebinding", "metrics", "--clusterrole=metrics", f"--serviceaccount={scraper}")
        cls.account = ServiceAccount(plane)
        cls.serving = Authority(plane.folder, "serving-ca")
        cls.pair = cls.serving.pair("notafter", addresses=["127.0.0.1"])
        flags = (f"--tls-cert={cls.pair[0]}", f"--tls-key={cls.pair[1]}", *OPENSHIFT)
        client = cls.client(plane.authority.pair(SCRAPER))
        cls.notafter = cls.enterClassContext(Exporter(plane, *flags, account=cls.account, tls=client)).ready()
        wait_for("the cluster's client CA", lambda: cls.notafter.get("/metrics")[0] == 200)

    @classmethod
    def client(cls, pair=None):
        """How who has that client certificate, or none, speaks to it."""
        context = ssl.create_default_context(cafile=cls.serving.file)
        if pair:
            context.load_cert_chain(*pair)
        return context

    @contextlib.contextmanager
    def as_client(self, pair=None):
        before, self.notafter.tls = self.notafter.tls, self.client(pair)
        try:
            yield
        finally:
            self.notafter.tls = before

    def with_token(self, token, path="/metrics"):
        """Status and text of the answer to who has that token and no certificate."""
        with self.as_client():
            status, _, body = self.notafter.get(path, {"Authorization": f"Bearer {token}"})
        return status, body.decode()

    def token(self, account, *flags):
        return self.plane.kubectl("-n", "openshift-monitoring", "create", "token", account, *flags).strip()

    def refused(self, reason):
        return self.notafter.scrape().value("notafter_refused_requests_total", reason=reason)

    def test_1_real_prometheuses_come_in_by_certificate_or_token_and_not_without(self):
        crt, key = self.plane.authority.pair(SCRAPER)
        ca = {"ca_file": self.serving.file}
        ways = {
            "certificate": ({"tls_config": ca | {"cert_file": crt, "key_file": key}}, ""),
            "token": ({"tls_config": ca, "authorization": {"credentials": self.token("prometheus-k8s")}}, ""),
            "nothing": ({"tls_config": ca}, "server returned HTTP status 401 Unauthorized"),
            "not allowed": (
                {"tls_config": ca, "authorization": {"credentials": self.token("other")}},
                "server returned HTTP status 403 Forbidden",
            ),
        }
        for folder in FOLDERS:
            for way, (scrape, error) in ways.items():
                address = f"127.0.0.1:{self.notafter.port}"
                with self.subTest(way, folder=folder), Prometheus(
                    folder, address, scrape={"scheme": "https", **scrape}
                ) as prometheus:
                    wait_for("a scrape", lambda: prometheus.query("up"))
                    [target] = prometheus.get("targets")["activeTargets"]
                    self.assertEqual((target["health"], target["lastError"]), ("down" if error else "up", error))
                    self.assertEqual(bool(prometheus.query("notafter_build_info")), not error)

    def test_2_tokens_are_judged_by_the_api_server(self):
        good, other = self.token("prometheus-k8s"), self.token("other")
        self.assertEqual(self.with_token(good)[0], 200)
        self.assertEqual(self.with_token(good, "/nowhere")[0], 404)
        user = "system:serviceaccount:openshift-monitoring:other"
        self.assertEqual(self.with_token(other), (403, f"{user} may not GET the non-resource URL /metrics\n"))
        invalid = (401, "the token is invalid, has expired, or is meant for another audience\n")
        for token in (self.token("prometheus-k8s", "--audience=vault"), "made-up", good[:-4] + "AAAA"):
            self.assertEqual(self.with_token(token), invalid)
        self.assertEqual(self.with_token(self.signed(good, expires=time.time() + 600))[0], 200, "signed as it should be")
        self.assertEqual(self.with_token(self.signed(good, expires=time.time() - 60)), invalid)
        self.plane.kubectl("create", "clusterrolebinding", "other", "--clusterrole=metrics",
                           "--serviceaccount=openshift-monitoring:other")
        wait_for("the new right", lambda: self.with_token(other)[0] == 200)

    def signed(self, token, expires):
        """The same token with another end, signed with the cluster's key of service accounts."""
        head, claims, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(claims + "=="))
        claims |= {"exp": int(expires), "iat": int(expires) - 3600, "nbf": int(expires) - 3600}
        text = head.encode() + b"." + encoded(json.dumps(claims).encode())
        sign = ("openssl", "dgst", "-sha256", "-sign", self.plane.folder / "sa.key")
        signature = subprocess.run(sign, input=text, capture_output=True, check=True).stdout
        return (text + b"." + encoded(signature)).decode()

    def test_3_only_the_name_that_is_allowed_and_probes_come_in(self):
        with self.as_client(self.plane.authority.pair("system:node:worker-0")):
            status, _, body = self.notafter.get("/metrics")
            self.assertEqual((status, b"system:node:worker-0" in body), (403, True))
        with self.as_client():
            for path, expected in (("/metrics", 401), ("/", 401), ("/nowhere", 401), ("/live", 200), ("/ready", 200)):
                self.assertEqual(self.notafter.get(path)[0], expected, path)
        before = self.refused("client_certificate")
        stranger = Authority(self.plane.folder, "stranger-ca").pair(SCRAPER)
        with self.as_client(stranger), self.assertRaisesRegex(OSError, "(?i)alert|reset|broken pipe|eof"):
            self.notafter.get("/metrics")
        self.assertEqual(self.refused("client_certificate"), before + 1)

    def test_4_a_new_pair_is_served_under_load_and_no_scrape_fails(self):
        crt, key = self.plane.authority.pair(SCRAPER)
        scrape = {"scheme": "https", "tls_config": {"ca_file": self.serving.file, "cert_file": crt, "key_file": key}}
        address = f"127.0.0.1:{self.notafter.port}"
        loading = True

        def load():
            seen = set()
            while loading:
                with socket.create_connection(("127.0.0.1", self.notafter.port)) as raw:
                    with self.notafter.tls.wrap_socket(raw, server_hostname="127.0.0.1") as it:
                        seen.add(it.getpeercert()["serialNumber"])
                        it.sendall(b"GET /metrics HTTP/1.1\r\nHost: notafter\r\nConnection: close\r\n\r\n")
                        self.assertEqual(it.recv(12), b"HTTP/1.1 200")
                        while it.recv(65536):
                            pass
            return seen

        with Prometheus(FOLDERS[0], address, scrape=scrape) as prometheus, concurrent.futures.ThreadPoolExecutor() as pool:
            prometheus.scraped()
            loads = [pool.submit(load) for _ in range(2)]
            try:
                for _ in range(3):
                    # The certificate first, then its key, as no careful writer would do it.
                    serial = self.shown()
                    self.serving.pair("notafter", addresses=["127.0.0.1"])
                    wait_for("the new pair", lambda: self.shown() != serial)
            finally:
                loading = False
            self.assertEqual({len(it.result() | {self.shown()}) for it in loads}, {4})
            self.assertEqual([value for _, value in prometheus.query("min_over_time(up[5m])")], [1])

    def shown(self):
        """The serial number of the certificate that is shown now."""
        with socket.create_connection(("127.0.0.1", self.notafter.port)) as raw:
            with self.notafter.tls.wrap_socket(raw, server_hostname="127.0.0.1") as it:
                return it.getpeercert()["serialNumber"]

    def test_5_the_clusters_profile_of_tls_is_followed(self):
        def speaks(version):
            context = self.client()
            context.minimum_version = context.maximum_version = version
            try:
                with socket.create_connection(("127.0.0.1", self.notafter.port)) as raw:
                    with context.wrap_socket(raw, server_hostname="127.0.0.1"):
                        return True
            except ssl.SSLError:
                return False

        self.assertTrue(speaks(ssl.TLSVersion.TLSv1_2) and speaks(ssl.TLSVersion.TLSv1_3))
        path = "/apis/config.openshift.io/v1/apiservers"
        self.plane.json("POST", path, {
            "apiVersion": "config.openshift.io/v1", "kind": "APIServer", "metadata": {"name": "cluster"},
            "spec": {"tlsSecurityProfile": {"type": "Modern", "modern": {}}, "audit": {"profile": "Default"}},
        })
        wait_for("TLS 1.2 to be too old", lambda: not speaks(ssl.TLSVersion.TLSv1_2))
        self.assertTrue(speaks(ssl.TLSVersion.TLSv1_3))
        self.plane.json("DELETE", f"{path}/cluster")
        wait_for("TLS 1.2 to be spoken again", lambda: speaks(ssl.TLSVersion.TLSv1_2))

    def test_6_silent_connections_keep_nobody_out(self):
        before = self.refused("silence")
        silent = [socket.create_connection(("127.0.0.1", self.notafter.port)) for _ in range(200)]
        self.assertEqual(self.notafter.get("/metrics")[0], 200)
        wait_for("all to be closed", lambda: self.refused("silence") == before + 200)
        for it in silent:
            self.assertEqual(it.recv(1), b"")
            it.close()

    def test_7_a_new_client_ca_of_the_cluster_is_followed(self):
        new = Authority(self.plane.folder, "next-client-ca")
        pair = new.pair(SCRAPER)
        with self.as_client(pair), self.assertRaises(OSError):
            self.notafter.get("/metrics")
        with open(self.clients, "a") as file, open(new.file) as ca:
            file.write(ca.read())

        def comes_in():
            with self.as_client(pair):
                return self.notafter.get("/metrics")[0] == 200

        # The API server looks at its files once a minute.
        wait_for("the new CA", comes_in, 120)
        self.assertEqual(self.notafter.get("/metrics")[0], 200, "the old one is still among them")

    def test_8_while_the_api_server_does_not_answer_only_strangers_wait_and_not_for_long(self):
        known = self.token("prometheus-k8s")
        self.assertEqual(self.with_token(known)[0], 200)
        unseen = self.token("prometheus-k8s")
        self.plane.api_server.send_signal(signal.SIGSTOP)
        try:
            self.assertEqual(self.with_token(known)[0], 200)
            status, why = self.with_token(unseen)
            self.assertEqual((status, why), (503, "the token could not be reviewed: no complete answer within 900ms\n"))
            self.assertEqual(self.notafter.get("/metrics")[0], 200, "a certificate needs nobody's opinion")
        finally:
            self.plane.api_server.send_signal(signal.SIGCONT)
        wait_for("reviews", lambda: self.with_token(unseen)[0] == 200)
