"""Authentication of scrapes by the client CA and the tokens of a real API server."""

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

from certificates import StoredAuthority
from consumers import api_server
from control_plane import ControlPlane, wait_for
from exporter import Exporter
from objects import create, location
from prometheus import FOLDERS, Prometheus

SCRAPER = "system:serviceaccount:openshift-monitoring:prometheus-k8s"
OPENSHIFT = ("--client-ca-from-cluster", f"--client-name={SCRAPER}", "--token-review")


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Access(unittest.TestCase):
    """notafter with the flags of the platform's overlay and token reviews."""

    @classmethod
    def setUpClass(cls):
        cls.plane = plane = ControlPlane()
        cls.addClassCleanup(plane.stop)
        # The client CA is a file of its own: kubectl and the exporter still trust the server's CA.
        cls.clients = plane.folder / "clients.crt"
        shutil.copy(plane.authority.file, cls.clients)
        plane.start(f"--client-ca-file={cls.clients}")
        plane.define()
        plane.create_namespaces("notafter", "openshift-monitoring")
        plane.kubectl("-n", "notafter", "create", "serviceaccount", "notafter")
        plane.kubectl("-n", "openshift-monitoring", "create", "serviceaccount", "prometheus-k8s")
        plane.kubectl("-n", "openshift-monitoring", "create", "serviceaccount", "other")
        rights = (os.environ["NOTAFTER"], "rights", "--token-review", "--client-ca-from-cluster")
        rights = subprocess.run(rights, capture_output=True, text=True, check=True).stdout
        plane.kubectl("apply", "-f", "-", stdin=rights)
        plane.kubectl("create", "clusterrole", "metrics", "--verb=get", "--non-resource-url=/metrics")
        scraper = SCRAPER.removeprefix("system:serviceaccount:")
        plane.kubectl("create", "clusterrolebinding", "metrics", "--clusterrole=metrics", f"--serviceaccount={scraper}")
        cls.serving = StoredAuthority(plane.folder, "serving-ca")
        crt, key = cls.serving.pair("notafter")
        flags = (f"--tls-cert={crt}", f"--tls-key={key}", *OPENSHIFT)
        client = cls.client(plane.authority.pair(SCRAPER))
        cls.notafter = cls.enterClassContext(Exporter(plane, *flags, tls=client)).ready()
        wait_for("the cluster's client CA", lambda: cls.notafter.get("/metrics")[0] == 200)

    @classmethod
    def client(cls, pair=None):
        """Returns the TLS context of a client with that certificate, or with none."""
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
        """Returns the status and text of the answer to a client with a token only."""
        with self.as_client():
            status, _, body = self.notafter.get(path, {"Authorization": f"Bearer {token}"})
        return status, body.decode()

    def token(self, account, *flags):
        return self.plane.kubectl("-n", "openshift-monitoring", "create", "token", account, *flags).strip()

    def denied(self, reason):
        return self.notafter.scrape().value("notafter_refused_requests_total", reason=reason)

    def test_1_real_prometheuses_scrape_with_a_certificate_or_a_token_and_not_without(self):
        crt, key = self.plane.authority.pair(SCRAPER)
        ca = {"ca_file": self.serving.file}
        credentials = {
            "certificate": ({"tls_config": ca | {"cert_file": crt, "key_file": key}}, ""),
            "token": ({"tls_config": ca, "authorization": {"credentials": self.token("prometheus-k8s")}}, ""),
            "nothing": ({"tls_config": ca}, "server returned HTTP status 401 Unauthorized"),
            "unauthorized token": (
                {"tls_config": ca, "authorization": {"credentials": self.token("other")}},
                "server returned HTTP status 403 Forbidden",
            ),
        }
        for folder in FOLDERS:
            for name, (scrape, error) in credentials.items():
                scraping = Prometheus(folder, self.address(), scrape={"scheme": "https", **scrape})
                with self.subTest(name, folder=folder), scraping as prometheus:
                    wait_for("a scrape", lambda: prometheus.query("up"))
                    [target] = prometheus.get("targets")["activeTargets"]
                    self.assertEqual((target["health"], target["lastError"]), ("down" if error else "up", error))
                    self.assertEqual(bool(prometheus.query("notafter_build_info")), not error)

    def address(self):
        return f"127.0.0.1:{self.notafter.port}"

    def test_2_the_api_server_reviews_tokens(self):
        good, other = self.token("prometheus-k8s"), self.token("other")
        self.assertEqual(self.with_token(good)[0], 200)
        self.assertEqual(self.with_token(good, "/nowhere")[0], 404)
        status, text = self.with_token(other)
        self.assertEqual(status, 403)
        for named in ("system:serviceaccount:openshift-monitoring:other", "/metrics"):
            self.assertIn(named, text)
        for token in (self.token("prometheus-k8s", "--audience=vault"), "made-up", good[:-4] + "AAAA"):
            status, text = self.with_token(token)
            self.assertEqual(status, 401)
            self.assertIn("audience", text)
        self.assertEqual(self.with_token(self.signed(good, expires=time.time() + 600))[0], 200, "the signature is good")
        self.assertEqual(self.with_token(self.signed(good, expires=time.time() - 60))[0], 401)
        self.plane.kubectl("create", "clusterrolebinding", "other", "--clusterrole=metrics",
                           "--serviceaccount=openshift-monitoring:other")
        wait_for("the new right", lambda: self.with_token(other)[0] == 200)

    def signed(self, token, expires):
        """Returns a token with another expiry, signed by the cluster's key of service accounts."""
        head, claims, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(claims + "=="))
        claims |= {"exp": int(expires), "iat": int(expires) - 3600, "nbf": int(expires) - 3600}
        text = head.encode() + b"." + encoded(json.dumps(claims).encode())
        sign = ("openssl", "dgst", "-sha256", "-sign", self.plane.folder / "sa.key")
        signature = subprocess.run(sign, input=text, capture_output=True, check=True).stdout
        return (text + b"." + encoded(signature)).decode()

    def test_3_only_the_allowed_name_and_probes_get_an_answer(self):
        with self.as_client(self.plane.authority.pair("system:node:worker-0")):
            status, _, body = self.notafter.get("/metrics")
            self.assertEqual((status, b"system:node:worker-0" in body), (403, True))
        with self.as_client():
            for path, expected in (("/metrics", 401), ("/", 401), ("/runbooks/", 401), ("/nowhere", 401), ("/live", 200), ("/ready", 200)):
                self.assertEqual(self.notafter.get(path)[0], expected, path)
        before = self.denied("client_certificate")
        stranger = StoredAuthority(self.plane.folder, "stranger-ca").pair(SCRAPER)
        with self.as_client(stranger), self.assertRaisesRegex(OSError, "(?i)alert|reset|broken pipe|eof"):
            self.notafter.get("/metrics")
        self.assertEqual(self.denied("client_certificate"), before + 1)

    def test_4_under_load_a_new_certificate_is_presented_and_no_scrape_fails(self):
        crt, key = self.plane.authority.pair(SCRAPER)
        scrape = {"scheme": "https", "tls_config": {"ca_file": self.serving.file, "cert_file": crt, "key_file": key}}
        loading = True

        def load():
            seen = set()
            while loading:
                with self.connect() as connection:
                    seen.add(connection.getpeercert()["serialNumber"])
                    connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: notafter\r\nConnection: close\r\n\r\n")
                    self.assertEqual(connection.recv(12), b"HTTP/1.1 200")
                    while connection.recv(65536):
                        pass
            return seen

        scraping, pool = Prometheus(FOLDERS[0], self.address(), scrape=scrape), concurrent.futures.ThreadPoolExecutor()
        with scraping as prometheus, pool:
            prometheus.scraped()
            loads = [pool.submit(load) for _ in range(2)]
            try:
                for _ in range(3):
                    # The certificate is replaced before its key: for a moment, they do not match.
                    serial = self.presented()
                    self.serving.pair("notafter")
                    wait_for("the new certificate", lambda: self.presented() != serial)
            finally:
                loading = False
            self.assertEqual({len(load.result() | {self.presented()}) for load in loads}, {4})
            self.assertEqual([value for _, value in prometheus.query("min_over_time(up[5m])")], [1])

    @contextlib.contextmanager
    def connect(self, context=None):
        with socket.create_connection(("127.0.0.1", self.notafter.port)) as raw:
            with (context or self.notafter.tls).wrap_socket(raw, server_hostname="127.0.0.1") as connection:
                yield connection

    def presented(self):
        """Returns the serial number of the certificate that is presented now."""
        with self.connect() as connection:
            return connection.getpeercert()["serialNumber"]

    def test_5_the_tls_profile_of_the_cluster_is_followed(self):
        def speaks(version):
            context = self.client()
            context.minimum_version = context.maximum_version = version
            try:
                with self.connect(context):
                    return True
            except ssl.SSLError:
                return False

        self.assertTrue(speaks(ssl.TLSVersion.TLSv1_2) and speaks(ssl.TLSVersion.TLSv1_3))
        modern = api_server()
        modern["spec"] = {"tlsSecurityProfile": {"type": "Modern", "modern": {}}, "audit": {"profile": "Default"}}
        create(self.plane, modern)
        wait_for("the end of TLS 1.2", lambda: not speaks(ssl.TLSVersion.TLSv1_2))
        self.assertTrue(speaks(ssl.TLSVersion.TLSv1_3))
        self.plane.json("DELETE", location(modern))
        wait_for("TLS 1.2", lambda: speaks(ssl.TLSVersion.TLSv1_2))

    def test_6_silent_connections_do_not_block_scrapes(self):
        before = self.denied("silence")
        silent = [socket.create_connection(("127.0.0.1", self.notafter.port)) for _ in range(200)]
        self.assertEqual(self.notafter.get("/metrics")[0], 200)
        wait_for("all to be closed", lambda: self.denied("silence") == before + 200)
        for connection in silent:
            self.assertEqual(connection.recv(1), b"")
            connection.close()

    def test_7_a_new_client_ca_of_the_cluster_is_followed(self):
        new = StoredAuthority(self.plane.folder, "next-client-ca")
        pair = new.pair(SCRAPER)
        with self.as_client(pair), self.assertRaises(OSError):
            self.notafter.get("/metrics")
        with open(self.clients, "a") as file, open(new.file) as ca:
            file.write(ca.read())

        def may_scrape():
            with self.as_client(pair):
                return self.notafter.get("/metrics")[0] == 200

        # The API server reads its files once a minute.
        wait_for("the new CA", may_scrape, 120)
        self.assertEqual(self.notafter.get("/metrics")[0], 200, "the old CA is still trusted")

    def test_8_while_the_api_server_hangs_only_unknown_clients_wait_and_not_for_long(self):
        known = self.token("prometheus-k8s")
        self.assertEqual(self.with_token(known)[0], 200)
        unseen = self.token("prometheus-k8s")
        self.plane.api_server.process.send_signal(signal.SIGSTOP)
        try:
            self.assertEqual(self.with_token(known)[0], 200)
            status, text = self.with_token(unseen)
            self.assertEqual(status, 503)
            self.assertIn("900ms", text)
            self.assertEqual(self.notafter.get("/metrics")[0], 200, "a certificate needs no review")
        finally:
            self.plane.api_server.process.send_signal(signal.SIGCONT)
        wait_for("token reviews", lambda: self.with_token(unseen)[0] == 200)
