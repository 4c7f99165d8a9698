"""docs/install.md, typed from its beginning to its end on a cluster where nothing is installed yet.

What needs a kubelet is asked of the Deployment instead, a command in the pod runs here, notafter with the arguments of base
is behind the forwarded port, and the token controller is played.
"""

import base64
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from control_plane import ROOT, ControlPlane, wait_for
from exporter import Exporter
from installed import Installed
from overlays import Variant
from prometheus import FOLDERS

# Every block of a section, in order: what language, and the text.
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Images need a container engine, and a checkout that is up to date needs a remote.
ELSEWHERE = ("podman ", "git -C notafter pull")
KUBECTL = """#!/bin/sh
case " $* " in
  *" rollout status "* | *" logs "*) set -- -n notafter get deployment/notafter ;;
  *" exec deployment/notafter -- "*) while [ "$1" != -- ]; do shift; done; shift; exec "$@" ;;
  *" port-forward "*) exit ;;
  *" delete -k "*) set -- "$@" --wait=false ;;
esac
exec {kubectl} --kubeconfig={kubeconfig} "$@"
"""
HTPASSWD = """#!/bin/sh
LD_LIBRARY_PATH=$(echo {folder}/usr/lib/*-linux-gnu) exec {folder}/usr/bin/htpasswd "$@"
"""
# The page has it last but one; where there is a namespace `notafter` already, it cannot begin.
FIRST = "Selected namespaces, without cluster-wide permissions"


def sections():
    """The sections of the page that have blocks, by heading."""
    _, *parts = re.split(r"^## ", (ROOT / "docs/install.md").read_text(), flags=re.MULTILINE)
    told = {part.split("\n", 1)[0]: BLOCK.findall(part) for part in parts}
    return {heading: blocks for heading, blocks in told.items() if blocks}


class Install(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.plane = plane = ControlPlane()
        cls.addClassCleanup(plane.stop)
        plane.start()
        plane.define()
        cls.stage()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="install-", dir=plane.folder))
        for it in ("manifests", "alerts", "dashboards"):
            shutil.copytree(ROOT / it, cls.folder / "notafter" / it)
        cls.typed = pathlib.Path(tempfile.mkdtemp(prefix="typed-", dir=plane.folder))
        kubectl = KUBECTL.format(kubectl=os.environ["KUBECTL"], kubeconfig=plane.kubeconfig)
        htpasswd = HTPASSWD.format(folder=os.environ["HTPASSWD"])
        for tool, text in (("kubectl", kubectl), ("oc", kubectl), ("htpasswd", htpasswd)):
            (cls.typed / tool).write_text(text)
            (cls.typed / tool).chmod(0o755)
        (cls.typed / "notafter").symlink_to(os.environ["NOTAFTER"])

    @classmethod
    def stage(cls):
        """What is on a cluster of OpenShift before."""
        for name in ("openshift-monitoring", "openshift-config-managed", "monitoring", "orders", "billing"):
            cls.plane.json("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        cls.plane.json("POST", "/apis/monitoring.coreos.com/v1/namespaces/openshift-monitoring/prometheuses", {
            "apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus", "metadata": {"name": "k8s"},
            "spec": {"scrapeClasses": [{"name": "tls-client-certificate-auth"}]},
        })
        cls.plane.json("POST", "/api/v1/namespaces/openshift-monitoring/configmaps", {
            "metadata": {"name": "cluster-monitoring-config"}, "data": {"config.yaml": "enableUserWorkload: true\n"},
        })

    def type(self, command, folder=None):
        environment = {"PATH": f"{self.typed}:{os.environ['PATH']}", "HOME": str(self.typed)}
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], cwd=folder or self.folder, env=environment, capture_output=True, text=True
        )
        # That there is a difference is no failure.
        expected = (0, 1) if " diff " in command else (0,)
        self.assertIn(done.returncode, expected, f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def test_every_block_of_it_works_in_order(self):
        told = sections()
        order = [FIRST, *(it for it in told if it != FIRST)]
        self.printed = {}
        for heading in order:
            with self.subTest(heading):
                for language, text in told[heading]:
                    getattr(self, language)(text)
                if heading == FIRST:
                    self.assertServes()
        [scrape_class] = [it for command, it in self.printed.items() if "scrapeClasses" in command]
        self.assertEqual(scrape_class, "tls-client-certificate-auth")
        [metrics] = [it for command, it in self.printed.items() if command.endswith("/metrics")]
        self.assertIn("notafter_build_info", metrics)
        self.assertGreater(len(self.printed), 15)

    def console(self, text):
        for line in text.splitlines():
            self.assertTrue(line.startswith("$ "), line)
            command = line.removeprefix("$ ")
            if command.startswith(ELSEWHERE):
                continue
            if command.startswith("htpasswd "):
                self.another_user(command)
                continue
            self.printed[command] = self.curl(command) if command.startswith("curl ") else self.type(command)
            if command.startswith("perl "):
                self.assertUser(self.folder)
            if " apply -k " in command:
                self.give_tokens()

    def curl(self, command):
        with Installed(self.plane, Variant(self.plane, "base")).ready() as notafter:
            return self.type(command.replace(":9779/", f":{notafter.port}/"))

    def assertServes(self):
        """That notafter takes the web configuration, and lets in who knows the password."""
        web, password = self.folder / "web.yaml", (self.folder / "password").read_text()
        web.write_text(web.read_text().replace("/etc/notafter/web", str(self.folder)))
        with Exporter(self.plane, f"--web.config.file={web}", "--namespace=orders,billing") as notafter:
            address = f"https://notafter.notafter.svc:{notafter.port}"
            curl = f"curl --silent --cacert tls.crt --connect-to ::127.0.0.1: {address}"
            status = "--output /dev/null --write-out '%{http_code}'"
            wait_for("readiness", lambda: self.type(f"{curl}/ready {status} || true") == "200")
            self.assertIn("notafter_build_info", self.type(f"{curl}/metrics --fail --user prometheus:{password}"))
            self.assertEqual(self.type(f"{curl}/metrics {status}"), "401")

    def another_user(self, command):
        """Two commands add the same user; each is tried on a file of its own."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(self.folder, folder, ignore=lambda *_: ["notafter"], dirs_exist_ok=True)
            self.type(command, folder)
            self.assertUser(pathlib.Path(folder))

    def assertUser(self, folder):
        """That the web configuration holds the hash of the password, by the C library's word."""
        hash = yaml.safe_load((folder / "web.yaml").read_text())["basic_auth_users"]["prometheus"]
        self.assertRegex(hash, r"^\$2[by]\$10\$.{53}$")
        check = ["perl", "-e", "print crypt($ARGV[0], $ARGV[1])", (folder / "password").read_text(), hash]
        self.assertEqual(subprocess.run(check, capture_output=True, text=True, check=True).stdout, hash)

    def yaml(self, text):
        name = text.split("\n", 1)[0].removeprefix("# ")
        if name in ("kustomization.yaml", "web.yaml"):
            (self.folder / name).write_text(text)
        elif name == "to kustomization.yaml":
            self.add(text)
        else:
            self.assertEqual(name, "of prometheus.yml")
            (self.folder / "prometheus.yml").write_text(text)
            # Debian's is built without the discovery of Kubernetes' objects.
            self.type(f"{FOLDERS[0]}/promtool check config prometheus.yml")

    def promql(self, text):
        rules = [{"record": "it", "expr": it} for it in text.strip().split("\n\n")]
        (self.folder / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "it", "rules": rules}]}))
        for it in FOLDERS:
            self.type(f"{it}/promtool check rules rules.yaml")

    def add(self, text):
        """What is added to a kustomization changes what it builds, and the API server takes it."""
        file = self.folder / "kustomization.yaml"
        before, was = self.type("kubectl kustomize ."), file.read_text()
        added = {key: yaml.safe_load(was).get(key, []) + value for key, value in yaml.safe_load(text).items()}
        file.write_text(yaml.safe_dump(yaml.safe_load(was) | added))
        self.assertNotEqual(self.type("kubectl kustomize ."), before)
        self.type("kubectl apply --server-side --force-conflicts --dry-run=server --validate=strict -k .")

    def give_tokens(self):
        """The token controller writes a token into the Secret of a service account."""
        for it in self.plane.json("GET", "/api/v1/namespaces/notafter/secrets")["items"]:
            if it["type"] == "kubernetes.io/service-account-token":
                account = it["metadata"]["annotations"]["kubernetes.io/service-account.name"]
                token = self.plane.kubectl("-n", "notafter", "create", "token", account)
                data = {"data": {"token": base64.b64encode(token.encode()).decode()}}
                self.plane.json("PATCH", f"/api/v1/namespaces/notafter/secrets/{it['metadata']['name']}", data)
