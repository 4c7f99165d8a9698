"""The manifests as a real API server takes them."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from control_plane import ROOT, shared
from exporter import Exporter
from proxy import Proxy

BASE = str(ROOT / "manifests/base")


class Manifests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plane = shared()

    def test_they_are_valid_to_the_last_field(self):
        flags = ("--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict")
        applied = self.plane.kubectl("apply", *flags, "-k", BASE)
        self.assertEqual(len(applied.splitlines()), 6, applied)

    def test_the_readmes_kustomization_puts_an_image_of_ones_own_into_them(self):
        [text] = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "kustomization.yaml").write_text(text)
            shutil.copytree(ROOT / "manifests", folder / "notafter/manifests")
            built = self.plane.kubectl("kustomize", str(folder))
        self.assertIn("image: registry.example.com/notafter:0.1.0\n", built)

    def test_the_role_is_what_is_asked_for_and_nothing_else(self):
        role = self.plane.json("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/notafter")
        allowed = {
            (group, resource, verb)
            for rule in role["rules"]
            for group in rule["apiGroups"] for resource in rule["resources"] for verb in rule["verbs"]
        }
        with Proxy(self.plane) as proxy, Exporter(self.plane, port=proxy.port).ready() as notafter:
            notafter.after_a_poll()
            asked = set()
            for target, status, _ in proxy.requests:
                self.assertEqual(status, 200, target)
                parts = target.split("?")[0].strip("/").split("/")
                asked.add((parts[1] if parts[0] == "apis" else "", parts[-1], "list"))
        self.assertEqual(allowed, asked)

    def pod(self):
        deployment = self.plane.json("GET", "/apis/apps/v1/namespaces/notafter/deployments/notafter")
        template = deployment["spec"]["template"]
        template["metadata"]["name"] = "notafter"
        return {"apiVersion": "v1", "kind": "Pod", **template}

    def create(self, pod):
        path = "/api/v1/namespaces/notafter/pods?dryRun=All"
        status, headers, body = self.plane.request("POST", path, pod)
        return status, headers.get("Warning"), json.loads(body)

    def test_the_pod_is_allowed_where_restricted_is_enforced(self):
        status, warning, _ = self.create(self.pod())
        self.assertEqual((status, warning), (201, None))
        naked = self.pod()
        del naked["spec"]["containers"][0]["securityContext"]
        status, _, refusal = self.create(naked)
        self.assertEqual(status, 403, "restricted is enforced indeed")
        self.assertIn("restricted", refusal["message"])

    def test_the_pod_names_no_user_so_that_openshift_can(self):
        text = json.dumps(self.pod())
        for field in ("runAsUser", "runAsGroup", "fsGroup"):
            self.assertNotIn(field, text)

    def test_probes_and_service_find_what_is_served(self):
        pod = self.pod()
        [container] = pod["spec"]["containers"]
        [port] = container["ports"]
        service = self.plane.json("GET", "/api/v1/namespaces/notafter/services/notafter")
        self.assertLessEqual(service["spec"]["selector"].items(), pod["metadata"]["labels"].items())
        self.assertEqual(service["spec"]["ports"][0]["targetPort"], port["name"])
        with Exporter(self.plane).ready() as notafter:
            for probe in ("livenessProbe", "readinessProbe"):
                request = container[probe]["httpGet"]
                self.assertEqual(request["port"], port["name"])
                self.assertEqual(notafter.get(request["path"])[0], 200)

    def test_the_default_port_is_the_one_that_the_pod_opens(self):
        help = subprocess.run([os.environ["NOTAFTER"], "serve", "--help"], capture_output=True, text=True).stdout
        [container] = self.pod()["spec"]["containers"]
        self.assertEqual(container["args"], ["serve"])
        self.assertIn(f"[default: [::]:{container['ports'][0]['containerPort']}]", help)
