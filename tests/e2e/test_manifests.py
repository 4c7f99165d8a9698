"""The manifests in every variant, as a real API server validates them."""

import copy
import json
import pathlib
import re
import shutil
import tempfile
import tomllib

import yaml

from control_plane import ROOT
from overlays import NAMESPACED, OPERATOR, OVERLAYS, PLATFORM, USER_WORKLOAD, VARIANTS, ManifestTest, of_each, referred

APPLY = ("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "--filename=-")


class Manifests(ManifestTest):
    @of_each
    def test_every_field_of_every_object_is_valid(self, variant):
        applied = self.plane.kubectl(*APPLY, stdin=variant.text)
        self.assertEqual(len(applied.splitlines()), len(variant.objects), applied)

    def test_an_unknown_field_is_an_error(self):
        for kind, spec in (("ServiceMonitor", "scrapeClas"), ("PrometheusRule", "group"), ("Deployment", "replica")):
            object = copy.deepcopy(self.of(PLATFORM).one(kind))
            object["spec"][spec] = "x"
            with self.subTest(kind), self.assertRaisesRegex(AssertionError, rf"\.spec\.{spec}: field not declared"):
                self.plane.kubectl(*APPLY, stdin=json.dumps(object))

    def test_every_overlay_and_component_is_tested(self):
        folders = {f"overlays/{folder.name}" for folder in (ROOT / "manifests/overlays").iterdir()}
        self.assertEqual(folders | {"base"}, set(OVERLAYS))
        components = {folder.name for folder in (ROOT / "manifests/components").iterdir()}
        files = (ROOT / "manifests").glob("[bo]*/**/kustomization.yaml")
        used = {name for file in files for name in re.findall(r"components/([\w-]+)", file.read_text())}
        used |= {name for _, *more in VARIANTS for name in more} | {"serving-pair"}
        self.assertEqual(used, components)

    def test_the_manifests_name_the_image_of_the_version(self):
        version = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
        for folder in (*(f"manifests/{overlay}" for overlay in OVERLAYS), "manifests/report/chat", "manifests/report/mail"):
            built = self.plane.kubectl("kustomize", str(ROOT / folder))
            self.assertIn(f"image: ghcr.io/notafter/notafter:{version}\n", built, folder)

    def test_the_readme_says_how_to_set_another_image(self):
        [text] = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
        for overlay in OVERLAYS:
            with tempfile.TemporaryDirectory() as folder, self.subTest(overlay):
                folder = pathlib.Path(folder)
                of_overlay = re.sub("manifests/.*", f"manifests/{overlay}", text)
                (folder / "kustomization.yaml").write_text(of_overlay)
                for name in ("manifests", "alerts", "dashboards"):
                    shutil.copytree(ROOT / name, folder / "notafter" / name)
                built = self.plane.kubectl("kustomize", str(folder))
            self.assertIn("image: registry.example.com/notafter:0.1.0\n", built)

    def test_the_workload_alone_reviews_tokens_and_has_no_rights(self):
        objects = list(yaml.safe_load_all(self.plane.kubectl("kustomize", str(ROOT / "manifests/workload"))))
        [deployment] = [object for object in objects if object["kind"] == "Deployment"]
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        self.assertEqual(container["args"], ["serve", "--tls-self-signed", "--token-review"])
        self.assertFalse([object for object in objects if "Role" in object["kind"]])


class Scraped(ManifestTest):
    """ServiceMonitors agree with the Services and pods that they select."""

    @of_each
    def test_every_variant_but_base_has_a_monitor_and_the_rules(self, variant):
        count = 0 if variant.name.startswith("base") else 1
        self.assertEqual((len(variant.all("ServiceMonitor")), len(variant.all("PrometheusRule"))), (count, count))

    @of_each
    def test_the_monitor_selects_the_service_and_the_service_selects_the_pods(self, variant):
        service, template = variant.one("Service"), variant.template()
        self.assertLessEqual(service["spec"]["selector"].items(), template["metadata"]["labels"].items())
        [port], [opened] = service["spec"]["ports"], variant.container()["ports"]
        self.assertEqual((port["port"], port["targetPort"]), (opened["containerPort"], opened["name"]))
        for monitor in variant.all("ServiceMonitor"):
            wanted = monitor["spec"]["selector"]["matchLabels"]
            self.assertLessEqual(wanted.items(), service["metadata"]["labels"].items())
            self.assertIn(monitor["spec"]["jobLabel"], service["metadata"]["labels"])
            self.assertEqual(variant.monitor()["port"], port["name"])

    @of_each
    def test_the_monitor_verifies_the_name_in_the_certificate(self, variant):
        if not (endpoint := variant.monitor()):
            return
        self.assertEqual(endpoint["scheme"], "https")
        service = variant.one("Service")["metadata"]
        name = f"{service['name']}.{service['namespace']}.svc"
        is_self_signed = ("--tls-self-signed", None) in variant.arguments()
        expected = {"insecureSkipVerify": True} if is_self_signed else {"serverName": name}
        self.assertLessEqual(expected.items(), endpoint["tlsConfig"].items())
        self.assertEqual(is_self_signed, "insecureSkipVerify" in endpoint["tlsConfig"])
        for certificate in variant.all("Certificate"):
            if certificate["spec"]["secretName"] == "notafter-tls":
                self.assertEqual(certificate["spec"]["dnsNames"], [name])

    @of_each
    def test_every_reference_resolves_or_install_md_says_how_to_create_the_object(self, variant):
        install = (ROOT / "docs/install.md").read_text()
        in_every_namespace = {"openshift-service-ca.crt"}
        created = {object["metadata"]["name"] for kind in ("Secret", "ConfigMap") for object in variant.all(kind)}
        created |= {certificate["spec"]["secretName"] for certificate in variant.all("Certificate")}
        annotations = variant.one("Service")["metadata"].get("annotations", {})
        created |= {annotations.get("service.beta.openshift.io/serving-cert-secret-name")}
        volumes = variant.template()["spec"].get("volumes", [])
        used = {volume["secret"]["secretName"] for volume in volumes} | set(referred(variant.all("ServiceMonitor")))
        for name in used - created - in_every_namespace:
            self.assertTrue(variant.name.startswith(NAMESPACED), name)
            self.assertRegex(install, rf"create secret generic {name} ")

    def test_user_workload_monitoring_gets_no_files(self):
        text = json.dumps(self.of(USER_WORKLOAD).all("ServiceMonitor"))
        self.assertNotRegex(text, r"File\b|scrapeClass")
        platform = self.of(f"{PLATFORM} + without-scrape-classes + two-replicas").monitor()
        self.assertRegex(json.dumps(platform), "keyFile")

    @of_each
    def test_only_the_platform_variant_has_the_label_that_its_prometheus_selects(self, variant):
        label = "openshift.io/cluster-monitoring"
        labels = [namespace["metadata"]["labels"].get(label) for namespace in variant.all("Namespace")]
        expected = ["true"] if variant.name.startswith(PLATFORM) else [None]
        self.assertEqual(labels, [] if variant.name.startswith(NAMESPACED) else expected)

    def test_kube_prometheus_stack_selects_the_monitor_and_the_rules_by_their_release(self):
        variant = self.of(OPERATOR)
        for kind in ("ServiceMonitor", "PrometheusRule"):
            self.assertEqual(variant.one(kind)["metadata"]["labels"]["release"], "kube-prometheus-stack")

    @of_each
    def test_only_the_one_port_of_a_pod_is_reachable(self, variant):
        sources = {PLATFORM: "openshift-monitoring", USER_WORKLOAD: "openshift-user-workload-monitoring"}
        spec = variant.one("NetworkPolicy")["spec"]
        self.assertEqual(spec["policyTypes"], ["Ingress"])
        self.assertEqual(spec["podSelector"], variant.one("Deployment")["spec"]["selector"])
        [rule] = spec["ingress"]
        [port] = variant.container()["ports"]
        self.assertEqual(rule["ports"], [{"protocol": "TCP", "port": port["containerPort"]}])
        source = sources.get(variant.name.split(" ")[0])
        labels = {"kubernetes.io/metadata.name": source}
        self.assertEqual(rule.get("from"), [{"namespaceSelector": {"matchLabels": labels}}] if source else None)
        self.assertEqual(variant.one("Service")["spec"].get("type", "ClusterIP"), "ClusterIP")
