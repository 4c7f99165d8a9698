"""An exporter behind a faulty proxy of its own, with secrets that change."""

import base64
import pathlib
import re

from certificates import DAY, HOUR, PRIVATE_KEY, certificate, secret, unix
from control_plane import wait_for
from exporter import Exporter, ServiceAccount
from faulty import FaultyProxy
from managed import csv
from objects import create, location

SECRETS, OPERATORS, MIB = 60, 5, 1 << 20
# The name of the API server, which is in the exporter's own /etc/hosts.
HOST = "kubernetes.test"
# The deadline of the exporter, whose interval is a second.
TIMEOUT = 4
VALUE = re.compile(r'^notafter_list_(\w+)\{resource="([^"]+)"[^}]*\} (\S+)$', re.MULTILINE)
# The files of name resolution are those of a folder; no DNS server listens at that address.
NAMED = """
mount --bind "$1/hosts" /etc/hosts && mount --bind "$1/resolv.conf" /etc/resolv.conf
shift && exec "$@"
"""


class Glance:
    """The parts of a scrape that a fault concerns, read faster than a strict parser does."""

    def __init__(self, text, namespace):
        values = VALUE.findall(part(text, "notafter_list_"))
        found = {name: {} for name in ("up", "last_success_timestamp_seconds", "reconciled_total")}
        for name, resource, value in values:
            found.setdefault(name, {})[resource] = float(value)
        up, self.last, reconciled = (found[name] for name in list(found)[:3])
        self.up = {resource: value == 1 for resource, value in up.items()}
        self.reconciled = sum(reconciled.values())
        own = re.compile(rf'cert_namespace="{namespace}",name="([^"]+)".*\}} (\d+)$', re.MULTILINE)
        self.dates = {name: int(date) for name, date in own.findall(part(text, "cert_not_after_seconds{"))}

    @property
    def down(self):
        return {resource for resource, is_up in self.up.items() if not is_up}


def part(text, start):
    """Returns the samples whose names start like this, and whatever is between them."""
    last = text.rfind(f"\n{start}") + 1
    return text[text.find(f"\n{start}") + 1:text.find("\n", last)]


class Named(Exporter):
    """An exporter that looks up the name of its API server."""

    def __init__(self, plane, *flags, account, preload=(), **options):
        self.preload = preload
        (account.folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        resolve(account, True)
        super().__init__(plane, *flags, account=account, host=HOST, **options)

    def program(self):
        *pod, notafter = super().program()
        outside = ("unshare", "--map-root-user", "--mount", "sh", "-c", NAMED, "named", self.account.folder)
        return *outside, *pod, *(self.preload or [notafter])


def resolve(account, is_known):
    """Decides whether the name of the API server can be looked up."""
    (account.folder / "hosts").write_text(f"127.0.0.1 localhost {HOST if is_known else ''}\n")


class Subject:
    """An exporter behind a proxy of its own, and a namespace whose secrets change during faults.

    `program` is the command to run instead of notafter's release binary.
    """

    # The changes of all subjects: each is seen by every exporter.
    changes = 0

    def __init__(self, plane, namespace, *flags, program=()):
        self.plane, self.namespace, self.flags, self.program = plane, namespace, flags, program
        self.proxy, self.account, self.exporter = FaultyProxy(plane), ServiceAccount(plane), None
        self.certificate = self.written("proxy", plane.authority.leaf(HOST, -HOUR, DAY, [HOST]))
        self.proxy.present(*self.certificate)
        plane.create_namespaces(namespace)
        self.known, self.created = {}, 0
        for _ in range(SECRETS):
            self.add()
        for number in range(OPERATORS):
            create(plane, csv(namespace, f"operator-{number}", "deployment"))

    def written(self, name, pem):
        """Writes a certificate for the key of all certificates, and returns the files of both."""
        files = self.account.folder / f"{name}.crt", self.account.folder / f"{name}.key"
        for file, content in zip(files, (pem, PRIVATE_KEY)):
            file.write_bytes(content)
        return files

    def start(self):
        self.exporter = Named(
            self.plane, "--timeout", f"{TIMEOUT}s", *self.flags, account=self.account, port=self.proxy.port,
            preload=self.program,
        )
        wait_for("the exporter", self.glance)

    def stop(self):
        """Stops the exporter, which must have been well until then."""
        exporter, self.exporter = self.exporter, None
        if exporter:
            exporter.__exit__()

    def add(self):
        name, days = f"secret-{self.created:03}", 30 + self.created
        self.created, self.known[name] = self.created + 1, unix(days * DAY)
        create(self.plane, secret(self.namespace, name, {"tls.crt": certificate(name, days)}))

    def change(self):
        """Creates a secret, replaces another, and deletes a third."""
        self.add()
        replaced, deleted, *_ = self.known
        days = 700 + self.created
        replacement = secret(self.namespace, replaced, {"tls.crt": certificate(replaced, days)})
        self.plane.json("PUT", location(replacement), replacement)
        self.plane.json("DELETE", location(secret(self.namespace, deleted, {})))
        del self.known[deleted], self.known[replaced]
        self.known[replaced] = unix(days * DAY)  # the last one now
        Subject.changes += 3

    def glance(self):
        status, _, body = self.exporter.get("/metrics")
        assert status == 200, status
        self.text = body.decode()
        return Glance(self.text, self.namespace)

    def is_right(self, glance):
        return bool(glance.up) and not glance.down and glance.dates == self.known

    def until_right(self):
        """Waits until everything is known as it is, and returns that glance."""

        def right():
            glance = self.glance()
            return glance if self.is_right(glance) else None

        return wait_for("a right scrape", right)

    def log(self, start=0):
        return self.exporter.log.read_bytes()[start:].decode(errors="replace")

    def forget_peak(self):
        """Makes the peak of the memory start again (proc(5): clear_refs)."""
        pathlib.Path(f"/proc/{self.exporter.process.pid}/clear_refs").write_text("5")

    def leaks(self):
        """Returns the names of the secret bytes that the log, the metrics or the page contain."""
        page = self.exporter.get("/")[2]
        shown = self.exporter.log.read_bytes() + self.text.encode() + page
        token = (self.account.folder / "token").read_bytes().strip()
        lines = PRIVATE_KEY.splitlines()
        secrets = {
            "the key": lines[2][:40], "the key in base64": base64.b64encode(PRIVATE_KEY)[80:120],
            "the key's bytes": base64.b64decode(b"".join(lines[1:-1]))[40:56], "the token": token[-40:],
        }
        return [name for name, part in secrets.items() if part in shown]
