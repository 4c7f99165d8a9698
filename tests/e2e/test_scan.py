"""`notafter scan` and `explain` of a real API server, and their tables on a real terminal."""

import json
import os
import pathlib
import pty
import re
import socket
import struct
import subprocess
import tempfile
import termios
import threading
import unittest
from fcntl import ioctl

import jsonschema

from certificates import DAY, Authority, secret
from clusters import demo
from control_plane import ROOT, shared, write_kubeconfig
from exporter import Exporter, confined_account
from objects import create, fixture

NAMESPACE = "scanned"
COLOR = re.compile(r"\x1b\[[0-9;]*m")


def scan(*arguments, kubeconfig=None, command="scan"):
    """Returns the output and the exit status of the command."""
    flags = ["--kubeconfig", kubeconfig] if kubeconfig else []
    done = subprocess.run([os.environ["NOTAFTER"], command, *arguments, *flags], capture_output=True, text=True, timeout=60)
    assert done.stderr == "", done.stderr
    return done.stdout, done.returncode


def on_terminal(*command, columns, environment=None, seen=lambda printed: None):
    """Returns what a command prints on a terminal of that width, and its exit status.

    `seen` is called with everything that it has printed so far.
    """
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {"TERM": "xterm-256color", "PATH": os.environ["PATH"]} | (environment or {})
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True)
    os.close(theirs)
    printed = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux's end of a terminal whose program has gone
            break
        if not piece:
            break
        printed += piece
        seen(printed)
    os.close(ours)
    return printed.decode().replace("\r\n", "\n"), process.wait(10)


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = plane = shared()
        plane.create_namespaces(NAMESPACE)
        authority = Authority("root", -DAY, 3650 * DAY)
        leaf = authority.leaf("web.scanned.svc", -DAY, 90 * DAY, ["web.scanned.svc"])
        for name, data in {
            "web": {"tls.crt": leaf + authority.pem, "ca.crt": authority.pem},
            "expired": {"tls.crt": authority.leaf("expired", -90 * DAY, -DAY)},
            "words": {"tls.crt": b"paste it here"},
        }.items():
            create(plane, secret(NAMESPACE, name, data))

    def report(self, *arguments, kubeconfig=None):
        printed, status = scan(*arguments, "--output", "json", kubeconfig=kubeconfig or self.plane.kubeconfig)
        return json.loads(printed), status

    def test_it_is_valid_by_its_schema_and_has_what_serve_exposes(self):
        report, status = self.report()
        self.assertEqual(status, 1)
        schema = json.loads((ROOT / "docs/report.schema.json").read_text())
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        jsonschema.Draft202012Validator(schema, format_checker=checker).validate(report)
        self.assertTrue(report["complete"])
        found = {
            (one["namespace"], one["name"], one["key"], one["position"]): one["role"]
            for one in report["certificates"] if one["notAfter"]
        }
        with Exporter(self.plane).ready() as notafter:
            exposed = {}
            for sample in notafter.scrape().all("cert_not_after_seconds"):
                labels = sample.labels
                place = labels["cert_namespace"], labels["name"], labels["key"], int(labels["position"])
                exposed[place] = labels["role"]
        self.assertGreater(len(exposed), 3)
        self.assertEqual(found, exposed)
        [expired] = [
            one for one in report["certificates"] if (one["namespace"], one["name"]) == (NAMESPACE, "expired")
        ]
        self.assertEqual((expired["urgency"], expired["needsPerson"]), ("expired", True))

    def test_a_namespace_is_scanned_with_the_rights_of_whoever_asks(self):
        account = confined_account(self.plane, "scanner", ["secrets"], NAMESPACE)
        user = {"tokenFile": str(account.folder / "token")}
        authority = {"certificate-authority": str(self.plane.authority.file)}
        kubeconfig = write_kubeconfig(account.folder / "kubeconfig", user, server=self.plane.url, **authority)
        report, status = self.report("--namespace", NAMESPACE, kubeconfig=kubeconfig)
        self.assertEqual(status, 1, "a certificate that needs a person wins")
        self.assertEqual({one["name"] for one in report["certificates"]}, {"web", "expired"})
        states = {one["resource"]: one["state"] for one in report["lists"]}
        self.assertEqual((states["secrets"], states["services"]), ("complete", "denied"))
        self.assertFalse(report["complete"])
        report, status = self.report("--namespace", NAMESPACE, "--within", "1s", "--manager", "olm", kubeconfig=kubeconfig)
        self.assertEqual((report["certificates"], status), ([], 3))

    def test_a_secret_is_explained(self):
        printed, status = scan(f"{NAMESPACE}/web", kubeconfig=self.plane.kubeconfig, command="explain")
        self.assertEqual(status, 0, printed)
        for line in ("  tls.crt[0]  leaf  ", "  tls.crt[1]  root  ", "  ca.crt[0]  trust  ", "    DNS names: web.scanned.svc"):
            self.assertIn(f"\n{line}", printed)

    def test_a_dump_of_the_cluster_yields_the_same_report(self):
        resources = subprocess.run(
            [os.environ["KUBECTL"], "--kubeconfig", self.plane.kubeconfig, "api-resources", "--verbs=list", "--output=name"],
            capture_output=True, text=True, check=True, timeout=60).stdout.split()
        report = json.loads(scan("--output", "json", kubeconfig=self.plane.kubeconfig)[0])
        read = [entry["resource"] for entry in report["lists"] if entry["resource"] in resources]
        self.assertIn("secrets", read)
        for form in "yaml", "json":
            dumped = subprocess.run(
                [os.environ["KUBECTL"], "--kubeconfig", self.plane.kubeconfig, "get", ",".join(read), "-A", "--output", form],
                capture_output=True, check=True, timeout=60).stdout
            with tempfile.NamedTemporaryFile(suffix=f".{form}") as file, self.subTest(form):
                file.write(dumped)
                file.flush()
                printed, _ = scan(file.name, "--output", "json")
                of_file = json.loads(printed)
                for certificate in of_file["certificates"]:
                    is_missing = certificate["key"] is None  # and so in no file
                    self.assertEqual(certificate.pop("source"), None if is_missing else file.name)
                for certificate in report["certificates"]:
                    certificate.pop("source", None)
                self.assertEqual(of_file["certificates"], report["certificates"])
                self.assertEqual(of_file["operators"], report["operators"])


class Documented(unittest.TestCase):
    """Every command of docs/scan.md, as somebody would type it."""

    def test_every_command_works(self):
        plane = shared()
        plane.create_namespaces("shop")
        leaf = Authority("root", -90 * DAY, 3650 * DAY).leaf("web", -90 * DAY, 10 * DAY)
        create(plane, secret("shop", "web-tls", {"tls.crt": leaf}))
        operator = fixture("csv-widgets")
        create(plane, operator | {"metadata": {"namespace": "shop", "name": "widget-operator.v1"}})
        blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs/scan.md").read_text(), re.DOTALL)
        commands = [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]
        self.assertGreater(len(commands), 15)
        with tempfile.TemporaryDirectory() as home:
            folder = pathlib.Path(home) / ".local/bin"
            programs = pathlib.Path(home) / "bin"
            programs.mkdir()
            (programs / "notafter").symlink_to(os.environ["NOTAFTER"])
            (programs / "kubectl").symlink_to(os.environ["KUBECTL"])
            path = f"{folder}:{programs}:{os.environ['PATH']}"
            environment = {"HOME": home, "PATH": path, "KUBECONFIG": str(plane.kubeconfig)}
            for command in commands:
                done = subprocess.run(["bash", "-c", command], cwd=home, env=environment, capture_output=True, text=True, timeout=60)
                with self.subTest(command):
                    looks = re.search("notafter (scan|explain)", command) and "--exit-zero" not in command
                    self.assertEqual(done.returncode, 1 if looks else 0, done.stdout + done.stderr)
                    self.assertEqual(done.stderr, "")


class Terminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.demo = cls.enterClassContext(demo())
        api = re.search(r"cluster is at (\S+)\. ", cls.demo.printed)[1]
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.kubeconfig = write_kubeconfig(folder / "kubeconfig", {}, server=api)

    def table(self, *arguments, columns=100, command="scan", **environment):
        flags = command, *arguments, "--kubeconfig", self.kubeconfig
        return on_terminal(os.environ["NOTAFTER"], *flags, columns=columns, environment=environment)

    def test_it_fits_every_width_and_breaks_no_name_and_no_command(self):
        command = "Fix: oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert"
        for columns in (60, 80, 120, 200):
            printed, status = self.table(columns=columns)
            self.assertEqual(status, 1)
            plain = COLOR.sub("", printed)
            with self.subTest(columns=columns):
                self.assertIn(f"       {command}\n", plain)
                self.assertIn("openshift-operator-lifecycle-manager/packageserver-service-cert\n", plain)
                for line in plain.splitlines():
                    copied = "Fix: " in line or "Look at: " in line or len(line.split()) == 1
                    self.assertTrue(copied or len(line) <= columns, f"{len(line)} columns: {line}")
                heading = plain.splitlines()[1].split()
                self.assertEqual("EXPIRES" in heading, columns >= 80, heading)
                self.assertEqual("RENEWAL" in heading, columns >= 110, heading)

    def test_colours_are_used_on_a_terminal_unless_they_are_unwanted(self):
        self.assertRegex(self.table()[0], COLOR)
        for arguments, environment in ((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"}), (("--color", "never"), {}):
            with self.subTest(arguments, **environment):
                self.assertNotRegex(self.table(*arguments, **environment)[0], COLOR)

    def test_an_explanation_fits_too(self):
        printed, _ = self.table("shop/checkout-tls", columns=60, command="explain")
        plain = COLOR.sub("", printed)
        long = [line for line in plain.splitlines() if len(line) > 60 and len(line.split(": ")[-1].split()) > 1]
        self.assertEqual([line for line in long if "Look at: " not in line], [])

    def test_a_reader_that_has_seen_enough_is_no_error(self):
        for output in ("table", "json", "csv", "yaml", "junit", "openmetrics", "markdown"):
            command = [os.environ["NOTAFTER"], "scan", "--all", "-o", output, "--kubeconfig", self.kubeconfig]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            process.stdout.read(10)
            process.stdout.close()
            with self.subTest(output):
                self.assertEqual(process.stderr.read(), b"")
                self.assertEqual(process.wait(10), 1)
            process.stderr.close()

    def test_a_scan_that_takes_long_shows_that_it_lives_on_a_terminal_only(self):
        # A server that accepts connections and never answers.

        with socket.create_server(("127.0.0.1", 0)) as silent, tempfile.TemporaryDirectory() as folder:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            kubeconfig = write_kubeconfig(pathlib.Path(folder) / "kubeconfig", {}, server=url)
            command = os.environ["NOTAFTER"], "scan", "--timeout", "4s", "--kubeconfig", kubeconfig
            printed, status = on_terminal(*command, columns=100)
            self.assertIn("Reading the cluster", printed)
            self.assertEqual(status, 3, printed)
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.stderr, "")

    def test_a_dump_that_takes_long_shows_how_many_objects_have_been_read(self):
        objects = "\n".join(json.dumps(secret("shop", f"web-{number}", {"tls.crt": b"none" * 500})) for number in range(100))
        shown = threading.Event()

        def write(dump):
            with dump.open("w") as pipe:
                pipe.write(objects)
                pipe.flush()
                shown.wait(60)

        with tempfile.TemporaryDirectory() as folder:
            dump = pathlib.Path(folder) / "dump.json"
            os.mkfifo(dump)
            writer = threading.Thread(target=write, args=[dump])
            writer.start()
            seen = lambda printed: re.search(rb"Reading the files: [1-9]\d* objects", printed) and shown.set()
            on_terminal(os.environ["NOTAFTER"], "scan", dump, columns=100, seen=seen)
            self.assertTrue(shown.is_set())
            writer.join()
