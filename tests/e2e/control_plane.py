"""A real etcd and a real kube-apiserver on loopback, which start in seconds.

There is no kubelet and no controller-manager: Deployments get no pods, and objects whose owner is
gone are not collected. Everything that the exporter talks to is real: authentication, RBAC, storage,
lists.
"""

import atexit
import base64
import contextlib
import functools
import http.client
import json
import os
import pathlib
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request

from certificates import StoredAuthority
from contexts import Process

ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, seconds=60):
    """Waits until a condition returns something true, and returns that."""
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


def write_kubeconfig(path, user, **cluster):
    """Writes a kubeconfig with that user and that cluster, and returns its path."""
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "test", "cluster": cluster}], "users": [{"name": "test", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    }))
    return path


class ControlPlane:
    """An etcd and a kube-apiserver, from KUBEBUILDER_ASSETS (envtest's convention)."""

    def __init__(self):
        self.assets = pathlib.Path(os.environ["KUBEBUILDER_ASSETS"])
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="notafter-e2e-"))
        self.port, self.etcd_port, self.peer_port = free_port(), free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.authority = StoredAuthority(self.folder, "cluster-ca")
        self.front_proxy = StoredAuthority(self.folder, "front-proxy-ca")
        self.serving = self.authority.pair("kube-apiserver")
        crt, key = self.authority.pair("admin", organization="system:masters")
        admin, ca = {"client-certificate": crt, "client-key": key}, {"certificate-authority": self.authority.file}
        self.kubeconfig = write_kubeconfig(self.folder / "kubeconfig", admin, server=self.url, **ca)
        self.tls = ssl.create_default_context(cafile=self.authority.file)
        self.tls.load_cert_chain(crt, key)
        subprocess.run(["openssl", "genrsa", "-out", self.folder / "sa.key", "2048"], check=True, capture_output=True)
        self.etcd = self.api_server = None

    def start(self, *flags):
        """Starts both on the data that is there, with more flags of the API server."""
        url, peer = f"http://127.0.0.1:{self.etcd_port}", f"http://127.0.0.1:{self.peer_port}"
        self.etcd = self._run(
            "etcd",
            f"--data-dir={self.folder}/etcd", f"--listen-client-urls={url}", f"--advertise-client-urls={url}",
            f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}", "--unsafe-no-fsync", "--log-level=warn",
        )
        self.start_api_server(*flags)

    def start_api_server(self, *flags):
        crt, key = self.serving
        self.api_server = self._run(
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

    def restart_api_server(self, *flags):
        self.api_server.stop()
        self.start_api_server(*flags)

    def stop(self):
        for process in (self.api_server, self.etcd):
            if process:
                process.stop()

    def _run(self, name, *arguments):
        return Process(self.assets / name, *arguments, log=self.folder / f"{name}.log")

    def connect(self):
        """Returns a connection of the administrator, for one thread."""
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.tls, timeout=60)

    def request(self, method, path, body=None, headers=None, connection=None):
        """Returns the status, headers and body that answer a request of the administrator."""
        content = "application/merge-patch+json" if method == "PATCH" else "application/json"
        data = json.dumps(body) if body is not None else None
        once = contextlib.nullcontext(connection) if connection else contextlib.closing(self.connect())
        with once as connection:
            connection.request(method, path, data, {"Content-Type": content, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def json(self, method, path, body=None, connection=None):
        """Returns the object that answers a successful request of the administrator."""
        status, _, data = self.request(method, path, body, connection=connection)
        assert status < 300, f"{method} {path}: {status} {data[:500]}"
        return json.loads(data)

    def kubectl(self, *arguments, stdin=None):
        """Returns the output of a successful kubectl."""
        done = self.run_kubectl(*arguments, stdin=stdin)
        assert done.returncode == 0, f"kubectl {arguments}: {done.stderr}"
        return done.stdout

    def run_kubectl(self, *arguments, stdin=None):
        command = [os.environ["KUBECTL"], f"--kubeconfig={self.kubeconfig}", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True)

    def create_namespaces(self, *names):
        """Creates namespaces that do not exist yet."""
        for name in names:
            status, _, body = self.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
            assert status in (201, 409), body

    def define(self):
        """Creates the CRDs of OLM, cert-manager, OpenShift and the Prometheus operator."""
        crds = [f"--filename={file}" for file in os.environ["CRDS"].split(":")]
        self.kubectl("apply", "--server-side", *crds)
        # kubectl fails on a CRD without any condition instead of waiting for one.
        established = ("wait", "--for=condition=Established", "crd", "--all")
        wait_for("the CRDs", lambda: self.run_kubectl(*established).returncode == 0)

    def compact(self):
        """Makes every continue token that exists expire (410)."""
        endpoint = f"http://127.0.0.1:{self.etcd_port}/v3/kv"

        def post(path, body):
            return json.load(urllib.request.urlopen(f"{endpoint}/{path}", json.dumps(body).encode()))

        key = base64.b64encode(b"/notafter-e2e").decode()
        revision = post("put", {"key": key, "value": key})["header"]["revision"]
        post("compaction", {"revision": revision, "physical": True})


def started():
    """Returns a control plane of its own, with the CRDs and notafter's manifests."""
    plane = ControlPlane()
    atexit.register(plane.stop)
    plane.start()
    plane.define()
    plane.kubectl("apply", "-k", str(ROOT / "manifests/base"))
    return plane


@functools.cache
def shared():
    """Returns the control plane of all tests."""
    return started()
