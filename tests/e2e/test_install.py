"""Every block of docs/install.md, run in order on a cluster where nothing is installed yet.

Without a kubelet, the Deployment is asked instead of a pod, and a command in the pod runs here. A
notafter with the arguments of base answers at the forwarded port. The test plays the token controller.
"""

import base64
import json
import os
import pathlib
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
from sections import sections
from staged import Shell

# Building an image needs a container engine, and pulling a checkout needs a remote.
ELSEWHERE = ("podman ", "git ")
KUBECTL = """case " $* " in
  *" rollout status "* | *" logs "*) set -- -n notafter get deployment/notafter ;;
  *" exec deployment/notafter -- "*) while [ "$1" != -- ]; do shift; done; shift; exec "$@" ;;
  *" port-forward "*) exit ;;
  *" delete -k "*) set -- "$@" --wait=false ;;
esac
"""
HTPASSWD = """LD_LIBRARY_PATH=$(echo $HTPASSWD/usr/lib/*-linux-gnu) exec $HTPASSWD/usr/bin/htpasswd "$@"
"""
# This section creates the namespace `notafter`, so it has to run first.
FIRST = "Selected namespaces, without cluster-wide permissions"


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
        for name in ("manifests", "alerts", "dashboards"):
            shutil.copytree(ROOT / name, cls.folder / "notafter" / name)
        cls.shell = Shell(plane, KUBECTL, htpasswd=f"HTPASSWD={os.environ['HTPASSWD']}\n{HTPASSWD}")

    @classmethod
    def stage(cls):
        """Creates the objects of OpenShift that the page relies on."""
        namespaces = ("openshift-monitoring", "openshift-config-managed", "monitoring", "orders", "billing")
        cls.plane.create_namespaces(*namespaces)
        cls.plane.json("POST", "/apis/monitoring.coreos.com/v1/namespaces/openshift-monitoring/prometheuses", {
            "apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus", "metadata": {"name": "k8s"},
            "spec": {"scrapeClasses": [{"name": "tls-client-certificate-auth"}]},
        })
        cls.plane.json("POST", "/api/v1/namespaces/openshift-monitoring/configmaps", {
            "metadata": {"name": "cluster-monitoring-config"}, "data": {"config.yaml": "enableUserWorkload: true\n"},
        })

    def type(self, command, folder=None):
        status, output, errors = self.shell.run(command, folder or self.folder, ("bash", "-o", "pipefail"))
        # A difference is no failure.
        self.assertIn(status, (0, 1) if " diff " in command else (0,), f"{command}: {output}{errors}")
        return output

    def test_every_block_works_in_order(self):
        blocks, self.printed = sections("docs/install.md"), {}
        for heading in (FIRST, *(heading for heading in blocks if heading != FIRST)):
            with self.subTest(heading):
                for language, text in blocks[heading]:
                    getattr(self, language)(text)
                if heading == FIRST:
                    self.assertServes()
        [scrape_class] = [output for command, output in self.printed.items() if "scrapeClasses" in command]
        self.assertEqual(scrape_class, "tls-client-certificate-auth")
        [metrics] = [output for command, output in self.printed.items() if command.endswith("/metrics")]
        self.assertIn("notafter_build_info", metrics)
        [runbook] = [output for command, output in self.printed.items() if "/runbooks/" in command]
        self.assertTrue(runbook.startswith("# NotafterDown\n"), runbook)
        [certificates] = [json.loads(output) for command, output in self.printed.items() if "/api/v1/" in command]
        self.assertEqual(list(certificates), ["certificates"])
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
        """Asserts that notafter accepts the web configuration, and clients with the password."""
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
        """Runs a command that adds the same user as another one on a copy of the file."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(self.folder, folder, ignore=lambda *_: ["notafter"], dirs_exist_ok=True)
            self.type(command, folder)
            self.assertUser(pathlib.Path(folder))

    def assertUser(self, folder):
        """Asserts with the C library that the web configuration has the hash of the password."""
        hash = yaml.safe_load((folder / "web.yaml").read_text())["basic_auth_users"]["prometheus"]
        self.assertRegex(hash, r"^\$2[by]\$10\$.{53}$")
        check = ["perl", "-e", "print crypt($ARGV[0], $ARGV[1])", (folder / "password").read_text(), hash]
        self.assertEqual(subprocess.run(check, capture_output=True, text=True, check=True).stdout, hash)

    def yaml(self, text):
        name = text.split("\n", 1)[0].removeprefix("# ")
        if name in ("kustomization.yaml", "web.yaml"):
            (self.folder / name).write_text(text)
        elif name == "consolelink.yaml":
            (self.folder / name).write_text(text)
            self.type(f"kubectl apply --server-side --dry-run=server --validate=strict -f {name}")
        elif name == "to kustomization.yaml":
            self.add(text)
        else:
            self.assertEqual(name, "of prometheus.yml")
            (self.folder / "prometheus.yml").write_text(text)
            # Debian's is built without service discovery for Kubernetes.
            self.type(f"{FOLDERS[0]}/promtool check config prometheus.yml")

    def promql(self, text):
        rules = [{"record": "query", "expr": query} for query in text.strip().split("\n\n")]
        (self.folder / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
        for folder in FOLDERS:
            self.type(f"{folder}/promtool check rules rules.yaml")

    def add(self, text):
        """Adds to the kustomization: the result differs, and the API server accepts it."""
        file = self.folder / "kustomization.yaml"
        before, was = self.type("kubectl kustomize ."), file.read_text()
        added = {key: yaml.safe_load(was).get(key, []) + value for key, value in yaml.safe_load(text).items()}
        file.write_text(yaml.safe_dump(yaml.safe_load(was) | added))
        self.assertNotEqual(self.type("kubectl kustomize ."), before)
        self.type("kubectl apply --server-side --force-conflicts --dry-run=server --validate=strict -k .")

    def give_tokens(self):
        """Writes tokens into the secrets of service accounts, as the token controller does."""
        for secret in self.plane.json("GET", "/api/v1/namespaces/notafter/secrets")["items"]:
            if secret["type"] == "kubernetes.io/service-account-token":
                account = secret["metadata"]["annotations"]["kubernetes.io/service-account.name"]
                token = self.plane.kubectl("-n", "notafter", "create", "token", account)
                data = {"data": {"token": base64.b64encode(token.encode()).decode()}}
                self.plane.json("PATCH", f"/api/v1/namespaces/notafter/secrets/{secret['metadata']['name']}", data)
