"""notafter's release binary as a pod would run it, and the metrics that it serves."""

import gzip
import os
import pathlib
import shutil
import tempfile
import urllib.error
import urllib.request

from prometheus_client.openmetrics import parser

from contexts import Process
from control_plane import free_port, wait_for

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"

# The files of the service account are mounted as the kubelet does, in a mount namespace of this
# process alone.
POD = """
mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io
ln -s "$1" /run/secrets/kubernetes.io/serviceaccount
shift && exec "$@"
"""


class ServiceAccount:
    """A folder like the one that the kubelet mounts, with a real token of a service account."""

    def __init__(self, plane, name="notafter", namespace="notafter"):
        self.plane, self.name, self.namespace = plane, name, namespace
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="serviceaccount-", dir=plane.folder))
        self.trust(plane.authority.file)
        (self.folder / "namespace").write_text(namespace)
        self.renew()

    def renew(self):
        """Writes a new token; the old one stays valid."""
        token = self.plane.kubectl("-n", self.namespace, "create", "token", self.name)
        (self.folder / "token").write_text(token)

    def trust(self, authority):
        shutil.copy(authority, self.folder / "ca.crt")

    def notafter(self):
        """Returns the command of notafter in which this service account is where a pod has it."""
        pod = ("unshare", "--map-root-user", "--mount", "sh", "-c", POD, "pod", self.folder)
        return *pod, os.environ["NOTAFTER"]


def confined_account(plane, name, resources, *namespaces):
    """Returns a new service account that may list and watch these resources in these namespaces only."""
    plane.kubectl("-n", "notafter", "create", "serviceaccount", name)
    role, binding = (f"--resource={','.join(resources)}",), (f"--role={name}", f"--serviceaccount=notafter:{name}")
    for namespace in namespaces:
        plane.kubectl("-n", namespace, "create", "role", name, "--verb=list,watch", *role)
        plane.kubectl("-n", namespace, "create", "rolebinding", name, *binding)
    return ServiceAccount(plane, name)


class Exporter(Process):
    """A running `notafter serve`, terminated at the end of a context.

    `host` and `port` are where it finds the API server; with `tls`, tests connect over TLS.
    """

    def __init__(self, plane, *flags, account=None, host="127.0.0.1", port=None, listen=None, tls=None):
        self.account = account or ServiceAccount(plane)
        self.port, self.tls = listen or free_port(), tls
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.log = self.account.folder / f"{self.port}.log"
        environment = {
            "KUBERNETES_SERVICE_HOST": host,
            "KUBERNETES_SERVICE_PORT": str(port or plane.port),
            "PATH": os.environ["PATH"],
        }
        command = [*self.program(), "serve", "--listen", f"127.0.0.1:{self.port}", "--interval", "1s", *flags]
        super().__init__(*command, log=self.log, env=environment)

    def program(self):
        """Returns the command."""
        return self.account.notafter()

    def __exit__(self, *_):
        status = self.stop()
        assert status == 0, f"exit status {status}: {self.log.read_text()}"
        assert "panicked" not in self.log.read_text()

    def get(self, path, headers=None):
        """Returns the status, headers and body of an answer."""
        request = urllib.request.Request(self.url + path, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=10, context=self.tls) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def ready(self):
        """Waits until every secret has been read."""
        wait_for("readiness", lambda: self.get("/ready")[0] == 200)
        return self

    def scrape(self):
        """Returns the metrics as a strict OpenMetrics parser reads them."""
        status, headers, body = self.get("/metrics", {"Accept": OPEN_METRICS, "Accept-Encoding": "gzip"})
        assert status == 200 and headers["Content-Encoding"] == "gzip", (status, headers)
        assert headers["Content-Type"] == f"{OPEN_METRICS}; charset=utf-8", headers
        return Scrape(gzip.decompress(body).decode())

    def after_a_poll(self, resource="secrets"):
        """Returns a scrape after a poll that started after this call: the second to succeed."""
        last = lambda: self.scrape().value("notafter_list_last_success_timestamp_seconds", resource=resource)
        for _ in range(2):
            before = last()
            wait_for("the next poll", lambda: last() != before)
        return self.scrape()

    def memory(self):
        """Returns the resident memory in bytes: now, and its peak."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        kib = {line.split()[0]: int(line.split()[1]) for line in status if line.startswith("Vm")}
        return kib["VmRSS:"] * 1024, kib["VmHWM:"] * 1024


class Scrape:
    """The samples of a scrape."""

    def __init__(self, text):
        self.text = text
        families = parser.text_string_to_metric_families(text)
        self.samples = [sample for family in families for sample in family.samples]

    def all(self, name, /, **labels):
        """Returns the samples of that name whose labels include these."""
        wanted = labels.items()
        return [sample for sample in self.samples if sample.name == name and wanted <= sample.labels.items()]

    def value(self, name, /, **labels):
        """Returns the value of the only such sample, or None if there is none."""
        found = self.all(name, **labels)
        assert len(found) <= 1, found
        return found[0].value if found else None

    def certificates(self):
        """Returns what is reported of every certificate, by namespace, name, key and position."""
        found = {}
        for sample in self.all("cert_not_after_seconds"):
            found[place(sample.labels)] = {"not_after": int(sample.value)}
        for sample in self.all("cert_not_before_seconds"):
            found[place(sample.labels)]["not_before"] = int(sample.value)
        for sample in self.all("cert_info"):
            names = ("serial", "fingerprint", "dns_names")
            found[place(sample.labels)] |= {name: sample.labels[name] for name in names}
        return found

    def problems(self):
        """Returns every problem: the name of the secret, the key and the reason."""
        problems = [sample.labels for sample in self.all("notafter_problem")]
        return {(labels["name"], labels["key"], labels["reason"]) for labels in problems}


def place(labels):
    return labels["cert_namespace"], labels["name"], labels["key"], int(labels["position"])
