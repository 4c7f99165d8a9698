"""docs/fleet.md, typed on a hub with the real CRDs, and every file of manifests/fleet.

No controller of ACM, Argo CD or Flux runs here: their objects are validated by their CRDs, and what the controllers would
build is built by kubectl. `oc mirror` and a mirror need the Internet.
"""

import copy
import json
import os
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest
from pathlib import Path

import yaml

from control_plane import ROOT, shared, wait_for
from prometheus import FOLDERS
from sections import sections
from staged import Shell

FLEET = ROOT / "manifests/fleet"
STRICT = ("--server-side", "--force-conflicts", "--validate=strict")
HUB = ("argocd", "flux-system", "monitoring", "open-cluster-management-observability", "fleet")
# Merging is right for objects to which the cluster adds, and wrong for lists from which an upgrade removes.
MERGED = {"Namespace", "Secret", "Service", "ServiceAccount"}
# `oc mirror` copies from the Internet, and writes what the next command applies.
ELSEWHERE = ("oc mirror ", "oc apply -f /mnt/disk/")


def documents(path):
    return list(yaml.safe_load_all((FLEET / path).read_text()))


class Fleet(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.plane = plane = shared()
        crds = [f"--filename={file}" for file in os.environ["FLEET_CRDS"].split(":")]
        cls.addClassCleanup(plane.kubectl, "delete", "--wait=false", *crds)
        plane.kubectl("apply", "--server-side", *crds)
        wait_for("the CRDs", lambda: plane.run_kubectl("wait", "--for=condition=Established", *crds).returncode == 0)
        plane.create_namespaces(*HUB)
        cls.folder = Path(tempfile.mkdtemp(prefix="fleet-", dir=plane.folder))
        for name in ("manifests", "alerts", "dashboards"):
            shutil.copytree(ROOT / name, cls.folder / "notafter" / name)
        cls.shell = Shell(plane, "")

    def type(self, command):
        status, output, errors = self.shell.run(command, self.folder, ("bash", "-o", "pipefail"))
        self.assertEqual(status, 0, f"{command}: {output}{errors}")
        return output

    def build(self, kustomization):
        """Returns the objects of a kustomization in a checkout."""
        (self.folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        return list(yaml.safe_load_all(self.type("kubectl kustomize .")))

    def test_every_block_of_the_document_works_in_order(self):
        secret = {
            "apiVersion": "v1", "kind": "Secret", "stringData": {"name": "one", "server": self.plane.url},
            "metadata": {"name": "cluster-one", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
        }
        self.plane.kubectl("-n", "argocd", "apply", *STRICT, "--filename=-", stdin=json.dumps(secret))
        typed = []
        for heading, blocks in sections("docs/fleet.md").items():
            for language, text in blocks:
                with self.subTest(heading):
                    if language == "yaml":
                        self.assertTrue(text.startswith("# kustomization.yaml\n"), text)
                        (self.folder / "kustomization.yaml").write_text(text)
                        continue
                    for line in text.splitlines():
                        command = line.removeprefix("$ ")
                        if not command.startswith(ELSEWHERE):
                            typed.append(self.type(command.replace("apply ", "apply --validate=strict ")))
        self.assertGreater(len(typed), 10)
        for file in set(re.findall(r"notafter/(manifests/[\w./-]+)", (ROOT / "docs/fleet.md").read_text())):
            self.assertTrue((ROOT / file).exists(), file)
        labels = self.plane.json("GET", "/api/v1/namespaces/argocd/secrets/cluster-one")["metadata"]["labels"]
        self.assertEqual(labels["notafter-overlay"], "openshift-platform")

    def policy(self, overlay="openshift-platform"):
        """Returns the Policy of an overlay, its ConfigurationPolicy, and the objects that it was made of."""
        image = {"name": "ghcr.io/notafter/notafter", "newName": "registry.example.com/notafter"}
        objects = self.build({"resources": [f"notafter/manifests/overlays/{overlay}"], "images": [image]})
        policy = yaml.safe_load(self.type("kubectl kustomize . | notafter/manifests/fleet/acm/policy"))
        [template] = policy["spec"]["policy-templates"]
        return policy, template["objectDefinition"], objects

    def test_a_policy_has_the_objects_of_the_kustomization_and_nothing_else(self):
        for overlay in sorted(path.name for path in (ROOT / "manifests/overlays").iterdir()):
            policy, configuration, objects = self.policy(overlay)
            with self.subTest(overlay):
                templates = configuration["spec"]["object-templates"]
                self.assertEqual([template["objectDefinition"] for template in templates], objects)
                for template in templates:
                    kind = template["objectDefinition"]["kind"]
                    self.assertEqual(template["complianceType"], "musthave" if kind in MERGED else "mustonlyhave", kind)
                    self.assertEqual(template["metadataComplianceType"], "musthave")
                # The texts of the alerts would be read as templates, and fail.
                self.assertIn("{{ $labels.name }}", json.dumps(templates))
                key = "policy.open-cluster-management.io/disable-templates"
                self.assertEqual(configuration["metadata"]["annotations"][key], "true")

    def test_the_configuration_policy_inside_is_valid_too(self):
        policy, configuration, _ = self.policy()
        for object, namespace in ((policy, "notafter-policies"), (configuration, "fleet")):
            self.plane.create_namespaces(namespace)
            object = copy.deepcopy(object)
            object["metadata"]["namespace"] = namespace
            self.plane.kubectl("apply", *STRICT, "--dry-run=server", "--filename=-", stdin=json.dumps(object))
        # ACM puts both names into a label on each cluster (governance-policy-propagator: 62 characters).
        self.assertLess(len("notafter-policies.notafter"), 62)

    def test_the_placement_selects_the_policy_and_keeps_it_where_a_cluster_does_not_answer(self):
        _, binding, placement, bound = documents("acm/placement.yaml")
        self.assertEqual(bound["placementRef"]["name"], placement["metadata"]["name"])
        [subject] = bound["subjects"]
        policy, _, _ = self.policy()
        self.assertEqual((subject["kind"], subject["name"]), (policy["kind"], policy["metadata"]["name"]))
        self.assertEqual(placement["spec"]["clusterSets"], [binding["spec"]["clusterSet"]])
        keys = {toleration["key"].split("/")[1] for toleration in placement["spec"]["tolerations"]}
        self.assertEqual(keys, {"unreachable", "unavailable"})

    def test_no_objects_and_an_unknown_ruler_are_errors(self):
        for command, message in (("acm/policy </dev/null", "no objects on standard input"), ("hub/rules thanos", "usage:")):
            status, output, errors = self.shell.run(f"manifests/fleet/{command}", ROOT)
            self.assertEqual((status, output), (2, ""))
            self.assertIn(message, errors)

    def test_an_unknown_field_is_an_error(self):
        for path, field in (("argocd/applicationset.yaml", "template"), ("flux/notafter.yaml", "ref")):
            object = documents(path)[0]
            object["spec"][f"{field}s"] = {}
            with self.subTest(path), self.assertRaisesRegex(AssertionError, rf"\.spec\.{field}s: field not declared"):
                self.plane.kubectl("apply", *STRICT, "--dry-run=server", "--filename=-", stdin=json.dumps(object))

    def test_argo_cd_and_flux_build_overlays_that_exist(self):
        [argo], [_, flux] = documents("argocd/applicationset.yaml"), documents("flux/notafter.yaml")
        source = argo["spec"]["template"]["spec"]["source"]
        label = argo["spec"]["generators"][0]["clusters"]["selector"]["matchExpressions"][0]["key"]
        expression = f'{{{{ index .metadata.labels "{label}" }}}}'
        self.assertEqual(source["path"], f"manifests/overlays/{expression}")
        wanted = source["path"].replace(expression, "openshift-platform"), flux["spec"]["path"].removeprefix("./")
        for path in wanted:
            built = self.build({"resources": [f"notafter/{path}"]})
            self.assertEqual([object["metadata"]["name"] for object in built if object["kind"] == "Deployment"], ["notafter"])

    def test_every_file_names_the_version_and_the_repository_of_the_program(self):
        package = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
        version = package["version"]
        texts = [path.read_text() for path in (*FLEET.rglob("*.yaml"), ROOT / "docs/fleet.md")]
        found = [re.findall(r"ghcr\.io/notafter/notafter:([\w.]+)|(?:tag|Revision): v([\w.]+)", text) for text in texts]
        versions = {"".join(groups) for groups in sum(found, [])}
        self.assertEqual(versions, {version})
        [argo], [repository, _] = documents("argocd/applicationset.yaml"), documents("flux/notafter.yaml")
        urls = {argo["spec"]["template"]["spec"]["source"]["repoURL"], repository["spec"]["url"]}
        self.assertEqual(urls, {f"{package['repository']}.git"})

    def test_the_hub_loads_the_rules_that_the_repository_has(self):
        rules = (ROOT / "alerts/notafter-hub.rules.yaml").read_text()
        configuration = yaml.safe_load(self.type("notafter/manifests/fleet/hub/rules acm"))
        [(name, text)] = configuration["data"].items()
        self.assertEqual((name, text), ("custom_rules.yaml", rules))
        rule = yaml.safe_load(self.type("notafter/manifests/fleet/hub/rules prometheus-operator"))
        self.assertEqual(rule["spec"], yaml.safe_load(rules))
        (self.folder / "hub.yaml").write_text(yaml.safe_dump(rule["spec"]))
        for folder in FOLDERS:
            subprocess.run([folder / "promtool", "check", "rules", self.folder / "hub.yaml"], check=True, capture_output=True)

    def test_every_image_of_the_manifests_is_mirrored(self):
        [images], [mirrors] = documents("mirror/imageset.yaml"), documents("mirror/imagedigestmirrorset.yaml")
        # The fields of oc-mirror v2 (openshift/oc-mirror: internal/pkg/api/v2alpha1/type_config.go), which has no CRD.
        self.assertEqual(images.keys(), {"apiVersion", "kind", "mirror"})
        self.assertEqual((images["apiVersion"], images["kind"]), ("mirror.openshift.io/v2alpha1", "ImageSetConfiguration"))
        self.assertEqual(images["mirror"].keys(), {"additionalImages"})
        mirrored = {image["name"] for image in images["mirror"]["additionalImages"]}
        self.assertEqual({image.rpartition(":")[0] for image in mirrored}, {
            mirror["source"] for mirror in mirrors["spec"]["imageDigestMirrors"]
        })
        used = re.findall(r"image: (\S+:\S+)", self.type("kubectl kustomize notafter/manifests/report/chat"))
        self.assertEqual(mirrored, set(used))
