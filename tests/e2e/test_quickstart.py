"""docs/quickstart.md, typed from beginning to end, as far as no kubelet is needed.

Instead of a pod, the Deployment is asked; the containers of the Job are run here. What is not typed at all is below.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import tomllib
import unittest
from pathlib import Path

import yaml

from clusters import demo
from contexts import Process
from control_plane import ROOT, ControlPlane, free_port, wait_for
from posted import Chat, Pod
from prometheus import FOLDERS, Prometheus
from sections import sections
from staged import Shell

# The commands that are not typed. test_what_is_not_typed_has_what_it_needs checks what they need.
ELSEWHERE = {
    "git clone ": "needs the repository on the Internet",
    "(cd notafter && cargo run ": "takes minutes; the tests have built the same program",
    "cargo install ": "takes minutes; the tests have built the same program",
    "podman ": "needs a container engine; test_image has the image",
    "kind ": "needs a container engine",
    "helm install ": "needs the chart, from the Internet",
}
# These ask for pods, which need a kubelet.
KUBECTL = """case " $* " in
  *" rollout status "*) set -- -n notafter get deployment/notafter ;;
  *" port-forward "*) set -- -n monitoring get namespace monitoring ;;
  *" wait --for=condition=complete job/first "*) set -- -n notafter-report get job first ;;
esac
"""
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
NAMESPACES = ("monitoring", "openshift-monitoring", "openshift-config-managed")
LAPTOP, PLAIN = "A laptop without a cluster", "Plain Prometheus"
OPENSHIFT, STACK = "OpenShift", "kind or k3s with kube-prometheus-stack"
FIRST, REPORT = "A first alert", "Without Prometheus"


def commands(text):
    return [line.removeprefix("$ ") for line in text.splitlines()]


class Quickstart(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.sections = sections("docs/quickstart.md")
        cls.plane = plane = ControlPlane()
        cls.addClassCleanup(plane.stop)
        plane.start()
        plane.define()
        plane.create_namespaces(*NAMESPACES)
        cls.shell = Shell(plane, KUBECTL)
        (cls.shell.folder / ".kube").mkdir()
        shutil.copy(plane.kubeconfig, cls.shell.folder / ".kube/config")

    def setUp(self):
        """An empty folder with a checkout."""
        self.folder = Path(tempfile.mkdtemp(prefix="quickstart-", dir=self.plane.folder))
        for name in ("manifests", "alerts", "dashboards"):
            shutil.copytree(ROOT / name, self.folder / "notafter" / name)

    def type(self, command, statuses=(0,)):
        status, output, errors = self.shell.run(command, self.folder, ("bash", "-o", "pipefail"))
        self.assertIn(status, statuses, f"{command}: {output}{errors}")
        return output

    def blocks(self, heading, language=None):
        return [text for kind, text in self.sections[heading] if language in (None, kind)]

    def follow(self, heading):
        """Types a section: files are written, commands run."""
        for language, text in self.sections[heading]:
            name, _, _ = text.partition("\n")
            if language == "console":
                for command in commands(text):
                    if not command.startswith(tuple(ELSEWHERE)):
                        self.type(command)
            elif re.fullmatch(r"# [\w.]+", name):
                (self.folder / name.removeprefix("# ")).write_text(text)

    def prometheus(self, address):
        """Returns a Prometheus with the rules of the document's configuration, which it has checked."""
        [text] = self.blocks(LAPTOP, "yaml")
        (self.folder / "prometheus.yml").write_text(text)
        self.type(f"{FOLDERS[0]}/promtool check config prometheus.yml")
        [rules] = yaml.safe_load(text)["rule_files"]
        return Prometheus(FOLDERS[0], address, rule_files=[str(self.folder / rules)])

    def test_every_section_is_typed_by_a_test(self):
        typed = (LAPTOP, PLAIN, "The image", OPENSHIFT, STACK, FIRST, REPORT)
        self.assertEqual(tuple(self.sections), typed)

    def test_on_a_laptop_alerts_of_the_demo_are_pending_at_once(self):
        with demo() as program, self.prometheus(program.address) as prometheus:
            names = lambda: {labels["alertname"] for labels, _ in prometheus.query('ALERTS{alertstate="pending"}')}
            wait_for("alerts", lambda: {"CertificateUnreadable", "CertificateRotationBlocked"} <= names())

    def test_from_a_laptop_a_certificate_that_has_just_expired_is_pending(self):
        _, look, serve = [command for text in self.blocks(PLAIN, "console")[:1] for command in commands(text)]
        self.assertIn("certificate", self.type(look, (0, 1, 3)))
        program, *flags, background = shlex.split(serve)
        self.assertEqual((program, background), ("notafter", "&"))
        address = f"127.0.0.1:{free_port()}"
        flags = [address if flag == "127.0.0.1:9779" else flag for flag in flags]
        environment = {"HOME": str(self.shell.folder), "PATH": os.environ["PATH"], "NOTAFTER_INTERVAL": "1s"}
        running = Process(os.environ["NOTAFTER"], *flags, env=environment, log=self.folder / "notafter.log")
        make, remove = self.blocks(FIRST, "console")
        with running, self.prometheus(address) as prometheus:
            for command in commands(make):
                self.type(command)
            alerts = lambda: [alert for alert in prometheus.get("alerts")["alerts"] if alert["labels"].get("name") == "first-alert"]
            [alert] = wait_for("the alert", alerts)
            self.assertEqual((alert["labels"]["alertname"], alert["labels"]["severity"]), ("CertificateExpired", "warning"))
            [quoted] = re.findall(r"^> (.*)$", (ROOT / "docs/quickstart.md").read_text(), re.MULTILINE)
            self.assertEqual(alert["annotations"]["summary"], quoted)
            for command in commands(remove):
                self.type(command)
            # The alert itself resolves ten minutes later.
            wait_for("its end", lambda: not prometheus.query('cert_expiry_seconds{name="first-alert"}'))

    def test_openshift_and_the_prometheus_operator_install_with_two_commands(self):
        for heading in (OPENSHIFT, STACK):
            with self.subTest(heading):
                self.follow(heading)
                self.type("kubectl apply --server-side --force-conflicts --dry-run=server --validate=strict -k .")
                deployment = self.plane.json("GET", "/apis/apps/v1/namespaces/notafter/deployments/notafter")
                [container] = deployment["spec"]["template"]["spec"]["containers"]
                self.assertEqual(container["image"], f"ghcr.io/notafter/notafter:{VERSION}")
                [(name, _, rest)] = [text.partition("\n") for text in self.blocks("The image", "yaml")]
                self.assertEqual(name, "# to kustomization.yaml")
                self.add(rest)
                self.assertIn(f"image: {self.own_image()}\n", self.type("kubectl kustomize ."))

    def test_a_report_is_posted_without_a_prometheus(self):
        with Chat() as chat:
            for language, text in self.sections[REPORT]:
                name, _, rest = text.partition("\n")
                if name in ("# kustomization.yaml", "# curl.conf"):
                    text = text.replace("https://chat.example.com", f"http://127.0.0.1:{chat.port}")
                    (self.folder / name.removeprefix("# ")).write_text(text)
                elif language == "console":
                    for command in commands(text):
                        self.type(command)
                elif name == "# to kustomization.yaml":
                    self.add(rest)
                    built = self.type("kubectl kustomize .")
                    self.assertRegex(built, r"image: registry\.example\.com/curl:\d")
                    self.assertIn("schedule: 0 6 * * 1\n", built)
            self.assertEqual(Pod(self.plane, "first").run(), (0, ""))
        [(path, _, body)] = chat.posts
        self.assertEqual(path, "/hooks/0000")
        self.assertRegex(json.loads(body)["text"], r"^\d+ certificate")

    def add(self, text):
        """Adds to the kustomization: the API server accepts the result."""
        file, added = self.folder / "kustomization.yaml", yaml.safe_load(text)
        was = yaml.safe_load(file.read_text())
        file.write_text(yaml.safe_dump(was | {key: was.get(key, []) + value for key, value in added.items()}))
        self.type("kubectl apply --server-side --force-conflicts --dry-run=server --validate=strict -k .")

    def own_image(self):
        """Returns the image that the document builds."""
        build, push = commands(*self.blocks("The image", "console"))
        image = shlex.split(push)[-1]
        self.assertEqual(build, f"podman build -t {image} notafter")
        return image

    def test_what_is_not_typed_has_what_it_needs(self):
        text = (ROOT / "docs/quickstart.md").read_text()
        for start, reason in ELSEWHERE.items():
            self.assertIn(f"$ {start}", text, f"is not there any more; it {reason}")
        metadata = ("cargo", "metadata", "--no-deps", "--offline", "--format-version=1")
        done = subprocess.run(metadata, cwd=ROOT, capture_output=True, text=True, check=True)
        [package] = [package for package in json.loads(done.stdout)["packages"] if package["name"] == "notafter"]
        targets = {(kind, target["name"]) for target in package["targets"] for kind in target["kind"]}
        self.assertLessEqual({("example", "demo"), ("bin", "notafter")}, targets)
        self.assertIn(f"$ git clone --branch v{VERSION} {package['repository']}.git\n", text)
        self.assertTrue((ROOT / "Containerfile").exists())
        self.assertTrue(self.own_image().endswith(f":{VERSION}"))
        self.assertIn(f"`podman save --output notafter.tar {self.own_image()}`", text)
        # The operator of the chart selects by the label `release`, and names Prometheus' Service after it.
        [release] = re.findall(r"helm install (\S+) ", text)
        overlay = self.type("kubectl kustomize notafter/manifests/overlays/prometheus-operator")
        labels = [object["metadata"].get("labels", {}).get("release") for object in yaml.safe_load_all(overlay)]
        self.assertEqual(set(labels) - {None}, {release})
        self.assertIn(f"service/{release}-prometheus ", text)
