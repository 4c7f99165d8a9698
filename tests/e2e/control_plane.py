"""A real etcd and a real kube-apiserver on loopback, in seconds.

There is no kubelet and no controller-manager: Deployments stay without pods, owner references are not
collected. Everything the exporter talks to is the real thing: authentication, RBAC, storage, lists.
"""

import atexit
import base64
import contextlib
import datetime
import functools
import http.client
import ipaddress
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def wait_for(what, condition, seconds=60):
    """Waits until the condition holds, and returns what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if result := condition():
                return result
            last = None
        except (OSError, http.client.HTTPException) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}" + (f": {last}" if last else ""))
        time.sleep(0.05)


class Authority:
    """A certificate authority with its files."""

    def __init__(self, folder, name):
        self.folder, self.name = pathlib.Path(folder), name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._sign(self.subject, self.key, ca=True)
        self.file = self._write(f"{name}.crt", self.certificate.public_bytes(serialization.Encoding.PEM))

    def pair(self, name, *, organization=None, addresses=()):
        """Files of a certificate and its key, for a server or a client."""
        key = ec.generate_private_key(ec.SECP256R1())
        attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        if organization:
            attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
        certificate = self._sign(x509.Name(attributes), key, addresses=addresses)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return (
            self._write(f"{name}.crt", certificate.public_bytes(serialization.Encoding.PEM)),
            self._write(f"{name}.key", pem),
        )

    def _sign(self, subject, key, *, ca=False, addresses=()):
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        if addresses:
            names = [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def _write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return str(path)


class ControlPlane:
    """etcd and kube-apiserver, from binaries of KUBEBUILDER_ASSETS (envtest's convention)."""

    def __init__(self):
        self.assets = pathlib.Path(os.environ["KUBEBUILDER_ASSETS"])
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="notafter-e2e-"))
        self.port, self.etcd_port, self.peer_port = free_port(), free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.authority = Authority(self.folder, "cluster-ca")
        self.front_proxy = Authority(self.folder, "front-proxy-ca")
        self.serving = self.authority.pair("kube-apiserver", addresses=["127.0.0.1"])
        self.admin = self.authority.pair("admin", organization="system:masters")
        self.kubeconfig = self.write_kubeconfig("admin", client_certificate=self.admin)
        self.tls = ssl.create_default_context(cafile=self.authority.file)
        self.tls.load_cert_chain(*self.admin)
        subprocess.run(["openssl", "genrsa", "-out", self.folder / "sa.key", "2048"], check=True, capture_output=True)
        self.etcd = self.api_server = None

    def start(self, *flags):
        """Starts both on the data that is there; with flags of the API server's."""
        self._start_etcd()
        self.start_api_server(*flags)

    def _start_etcd(self):
        url, peer = f"http://127.0.0.1:{self.etcd_port}", f"http://127.0.0.1:{self.peer_port}"
        self.etcd = self._spawn(
            "etcd",
            f"--data-dir={self.folder}/etcd", f"--listen-client-urls={url}", f"--advertise-client-urls={url}",
            f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}", "--unsafe-no-fsync", "--log-level=warn",
        )

    def start_api_server(self, *flags):
        crt, key = self.serving
        self.api_server = self._spawn(
            "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{self.etcd_port}",
            f"--secure-port={self.port}", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
            f"--cert-dir={self.folder}", f"--tls-cert-file={crt}", f"--tls-private-key-file={key}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self.folder}/sa.key",
            f"--service-account-signing-key-file={self.folder}/sa.key",
            f"--client-ca-file={self.authority.file}",
            "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24",
            "--disable-admission-plugins=ServiceAccount",
            f"--requestheader-client-ca-file={self.front_proxy.file}",
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group", "--requestheader-username-headers=X-Remote-User",
            *flags,
        )
        wait_for("the API server", lambda: self.request("GET", "/readyz")[0] == 200)

    def stop_api_server(self):
        self._stop(self.api_server)

    def stop(self):
        self._stop(self.api_server)
        self._stop(self.etcd)

    def _spawn(self, name, *arguments):
        with open(self.folder / f"{name}.log", "ab") as log:
            return subprocess.Popen([self.assets / name, *arguments], stdout=log, stderr=log)

    @staticmethod
    def _stop(process):
        if process and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def write_kubeconfig(self, name, *, client_certificate=None, token_file=None, port=None):
        user = {}
        if client_certificate:
            user = {"client-certificate": client_certificate[0], "client-key": client_certificate[1]}
        if token_file:
            user = {"tokenFile": str(token_file)}
        server = f"https://127.0.0.1:{port or self.port}"
        path = self.folder / f"{name}.kubeconfig"
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": name,
            "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority": self.authority.file}}],
            "users": [{"name": name, "user": user}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        }))
        return path

    def connect(self):
        """A connection of the administrator, for one thread."""
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.tls, timeout=60)

    def request(self, method, path, body=None, headers=None, connection=None):
        """Status, headers and body of a request of the administrator."""
        content = "application/merge-patch+json" if method == "PATCH" else "application/json"
        data = json.dumps(body) if body is not None else None
        with contextlib.closing(self.connect()) if connection is None else contextlib.nullcontext(connection) as it:
            it.request(method, path, data, {"Content-Type": content, **(headers or {})})
            answer = it.getresponse()
            return answer.status, answer.headers, answer.read()

    def json(self, method, path, body=None, connection=None):
        """The object that a successful request of the administrator answers with."""
        status, _, data = self.request(method, path, body, connection=connection)
        assert status < 300, f"{method} {path}: {status} {data[:500]}"
        return json.loads(data)

    def kubectl(self, *arguments, stdin=None):
        """What a kubectl that succeeds prints."""
        done = self.run_kubectl(*arguments, stdin=stdin)
        assert done.returncode == 0, f"kubectl {arguments}: {done.stderr}"
        return done.stdout

    def run_kubectl(self, *arguments, stdin=None):
        command = [os.environ["KUBECTL"], f"--kubeconfig={self.kubeconfig}", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True)

    def define(self):
        """Brings the resources of OLM, cert-manager, OpenShift and the Prometheus operator."""
        crds = [f"--filename={it}" for it in os.environ["CRDS"].split(":")]
        self.kubectl("apply", "--server-side", *crds)
        # A definition that has no condition yet is an error to kubectl, not something to wait for.
        established = ("wait", "--for=condition=Established", "crd", "--all")
        wait_for("the definitions", lambda: self.run_kubectl(*established).returncode == 0)

    def compact(self):
        """Makes every continue token that was given out so far expire (410)."""
        endpoint = f"http://127.0.0.1:{self.etcd_port}/v3/kv"

        def post(path, body):
            return json.load(urllib.request.urlopen(f"{endpoint}/{path}", json.dumps(body).encode()))

        key = base64.b64encode(b"/notafter-e2e").decode()
        revision = post("put", {"key": key, "value": key})["header"]["revision"]
        post("compaction", {"revision": revision, "physical": True})


@functools.cache
def shared():
    """The control plane that all tests use, with the CRDs and notafter's manifests. It ends with the program."""
    plane = ControlPlane()
    atexit.register(plane.stop)
    plane.start()
    plane.define()
    plane.kubectl("apply", "-k", str(ROOT / "manifests/base"))
    return plane
