"""notafter's release binary as a pod would run it, and what it says."""

import gzip
import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

from prometheus_client.openmetrics import parser

from control_plane import free_port, wait_for

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"

# The service account's files are where the kubelet puts them, in a mount namespace of this process alone.
POD = """
mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io
ln -s "$1" /run/secrets/kubernetes.io/serviceaccount
shift && exec "$@"
"""


class ServiceAccount:
    """A folder like the one that the kubelet mounts, with a real token of the service account notafter."""

    def __init__(self, plane, name="notafter"):
        self.plane, self.name = plane, name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="serviceaccount-", dir=plane.folder))
        self.trust(plane.authority.file)
        (self.folder / "namespace").write_text("notafter")
        self.renew()

    def renew(self):
        """A new token; the old one goes on to be valid."""
        token = self.plane.kubectl("-n", "notafter", "create", "token", self.name)
        (self.folder / "token").write_text(token)

    def trust(self, authority):
        shutil.copy(authority, self.folder / "ca.crt")


class Exporter:
    """A running `notafter serve`; a context, at whose end it is told to stop."""

    def __init__(self, plane, *flags, account=None, port=None, listen=None, tls=None):
        """With flags for TLS, it is asked as this context has it."""
        self.account = account or ServiceAccount(plane)
        self.port, self.tls = listen or free_port(), tls
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.log = self.account.folder / f"{self.port}.log"
        environment = {
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT": str(port or plane.port),
            "PATH": os.environ["PATH"],
        }
        command = [*self.program(), "serve", "--listen", f"127.0.0.1:{self.port}", "--interval", "1s", *flags]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log)

    def program(self):
        """notafter, with its service account where a pod has it."""
        pod = ("unshare", "--map-root-user", "--mount", "sh", "-c", POD, "pod", self.account.folder)
        return *pod, os.environ["NOTAFTER"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        status = self.process.wait(20)
        assert status == 0, f"it ended with {status}: {self.log.read_text()}"
        assert "panicked" not in self.log.read_text()

    def get(self, path, headers=None):
        """Status, headers and body."""
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
        """What a strict reader of OpenMetrics makes of the metrics."""
        status, headers, body = self.get("/metrics", {"Accept": OPEN_METRICS, "Accept-Encoding": "gzip"})
        assert status == 200 and headers["Content-Encoding"] == "gzip", (status, headers)
        assert headers["Content-Type"] == f"{OPEN_METRICS}; charset=utf-8", headers
        return Scrape(gzip.decompress(body).decode())

    def after_a_poll(self, resource="secrets"):
        """A scrape after a poll that began from now on: the second one that is seen to end."""
        ended = lambda: self.scrape().value("notafter_list_last_success_timestamp_seconds", resource=resource)
        for _ in range(2):
            before = ended()
            wait_for("the next poll", lambda: ended() != before)
        return self.scrape()

    def memory(self):
        """Resident memory in bytes: now, and at most so far."""
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
        """The samples of that name whose labels include these."""
        wanted = labels.items()
        return [it for it in self.samples if it.name == name and wanted <= it.labels.items()]

    def value(self, name, /, **labels):
        """The value of the only such sample; nothing if there is none."""
        found = self.all(name, **labels)
        assert len(found) <= 1, found
        return found[0].value if found else None

    def certificates(self):
        """What is said of every certificate, by namespace, name, key and position."""
        told = {}
        for sample in self.all("cert_not_after_seconds"):
            told[place(sample)] = {"not_after": int(sample.value)}
        for sample in self.all("cert_not_before_seconds"):
            told[place(sample)]["not_before"] = int(sample.value)
        for sample in self.all("cert_info"):
            told[place(sample)] |= {it: sample.labels[it] for it in ("serial", "fingerprint", "dns_names")}
        return told

    def problems(self):
        """What is said of every problem: name, key and reason."""
        return {(it.labels["name"], it.labels["key"], it.labels["reason"]) for it in self.all("notafter_problem")}


def place(sample):
    labels = sample.labels
    return labels["cert_namespace"], labels["name"], labels["key"], int(labels["position"])
