"""The manifests as a real API server takes them, in every way that they can be installed."""

import copy
import json
import pathlib
import re
import shutil
import tempfile

import yaml

from control_plane import ROOT
from overlays import NAMESPACED, OPERATOR, OVERLAYS, PLATFORM, USER_WORKLOAD, VARIANTS, ManifestTest, of_each, referred

APPLY = ("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "--filename=-")


class Manifests(ManifestTest):
    @of_each
    def test_they_are_valid_to_the_last_field(self, variant):
        applied = self.plane.kubectl(*APPLY, stdin=variant.text)
        self.assertEqual(len(applied.splitlines()), len(variant.objects), applied)

    def test_a_field_that_is_not_in_the_real_definitions_would_be_found(self):
        for kind, spec in (("ServiceMonitor", "scrapeClas"), ("PrometheusRule", "group"), ("Deployment", "replica")):
            it = copy.deepcopy(self.of(PLATFORM).one(kind))
            it["spec"][spec] = "x"
            with self.subTest(kind), self.assertRaisesRegex(AssertionError, rf"\.spec\.{spec}: field not declared"):
                self.plane.kubectl(*APPLY, stdin=json.dumps(it))

    def test_every_overlay_is_among_them(self):
        folders = {f"overlays/{it.name}" for it in (ROOT / "manifests/overlays").iterdir()}
        self.assertEqual(folders | {"base"}, set(OVERLAYS))
        components = {it.name for it in (ROOT / "manifests/components").iterdir()}
        used = (ROOT / "manifests").glob("[bo]*/**/kustomization.yaml")
        included = {it for file in used for it in re.findall(r"components/([\w-]+)", file.read_text())}
        included |= {it for _, *more in VARIANTS for it in more} | {"serving-pair"}
        self.assertEqual(included, components)

    def test_an_image_of_ones_own_is_put_into_them_as_the_readme_says(self):
        [text] = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
        for overlay in OVERLAYS:
            with tempfile.TemporaryDirectory() as folder, self.subTest(overlay):
                folder = pathlib.Path(folder)
                of_overlay = re.sub("manifests/.*", f"manifests/{overlay}", text)
                (folder / "kustomization.yaml").write_text(of_overlay)
                for it in ("manifests", "alerts", "dashboards"):
                    shutil.copytree(ROOT / it, folder / "notafter" / it)
                built = self.plane.kubectl("kustomize", str(folder))
            self.assertIn("image: registry.example.com/notafter:0.1.0\n", built)

    def test_a_lone_workload_asks_who_scrapes_and_has_no_right_to_learn_it(self):
        objects = list(yaml.safe_load_all(self.plane.kubectl("kustomize", str(ROOT / "manifests/workload"))))
        [deployment] = [it for it in objects if it["kind"] == "Deployment"]
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        self.assertEqual(container["args"], ["serve", "--tls-self-signed", "--token-review"])
        self.assertFalse([it for it in objects if "Role" in it["kind"]])


class Scraped(ManifestTest):
    """What ServiceMonitors say holds for what they select."""

    @of_each
    def test_every_way_but_base_has_a_monitor_and_the_rules(self, variant):
        count = 0 if variant.name.startswith("base") else 1
        self.assertEqual((len(variant.all("ServiceMonitor")), len(variant.all("PrometheusRule"))), (count, count))

    @of_each
    def test_monitors_find_the_service_and_it_the_pods(self, variant):
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
    def test_they_verify_the_name_that_the_certificate_is_made_for(self, variant):
        if not (endpoint := variant.monitor()):
            return
        self.assertEqual(endpoint["scheme"], "https")
        service = variant.one("Service")["metadata"]
        name = f"{service['name']}.{service['namespace']}.svc"
        is_self_signed = ("--tls-self-signed", None) in variant.arguments()
        expected = {"insecureSkipVerify": True} if is_self_signed else {"serverName": name}
        self.assertLessEqual(expected.items(), endpoint["tlsConfig"].items())
        self.assertEqual(is_self_signed, "insecureSkipVerify" in endpoint["tlsConfig"])
        for it in variant.all("Certificate"):
            if it["spec"]["secretName"] == "notafter-tls":
                self.assertEqual(it["spec"]["dnsNames"], [name])

    @of_each
    def test_whatever_they_refer_to_is_there_or_install_md_says_how_to_make_it(self, variant):
        install = (ROOT / "docs/install.md").read_text()
        in_every_namespace = {"openshift-service-ca.crt"}
        made = {it["metadata"]["name"] for kind in ("Secret", "ConfigMap") for it in variant.all(kind)}
        made |= {it["spec"]["secretName"] for it in variant.all("Certificate")}
        annotations = variant.one("Service")["metadata"].get("annotations", {})
        made |= {annotations.get("service.beta.openshift.io/serving-cert-secret-name")}
        volumes = variant.template()["spec"].get("volumes", [])
        used = {it["secret"]["secretName"] for it in volumes} | {name for name, _ in referred(variant.all("ServiceMonitor"))}
        for name in used - made - in_every_namespace:
            self.assertTrue(variant.name.startswith(NAMESPACED), name)
            self.assertRegex(install, rf"create secret generic {name} ")

    def test_user_workload_monitoring_is_given_no_files(self):
        text = json.dumps(self.of(USER_WORKLOAD).all("ServiceMonitor"))
        self.assertNotRegex(text, r"File\b|scrapeClass")
        self.assertRegex(json.dumps(self.of(f"{PLATFORM} + without-scrape-classes + two-replicas").monitor()), "keyFile")

    @of_each
    def test_only_the_platform_has_the_label_that_its_prometheus_looks_for(self, variant):
        label = "openshift.io/cluster-monitoring"
        labels = [it["metadata"]["labels"].get(label) for it in variant.all("Namespace")]
        expected = ["true"] if variant.name.startswith(PLATFORM) else [None]
        self.assertEqual(labels, [] if variant.name.startswith(NAMESPACED) else expected)

    def test_kube_prometheus_stack_finds_monitor_and_rules_by_its_release(self):
        variant = self.of(OPERATOR)
        for kind in ("ServiceMonitor", "PrometheusRule"):
            self.assertEqual(variant.one(kind)["metadata"]["labels"]["release"], "kube-prometheus-stack")

    @of_each
    def test_nothing_reaches_a_pod_but_its_one_port(self, variant):
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
