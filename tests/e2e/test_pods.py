"""The pods of every variant: their security context, their arguments, and their authentication."""

import copy
import json
import os
import subprocess

from installed import Installed
from overlays import PLATFORM, ManifestTest, of_each
from restricted import objections

# Each of these authenticates scrapes.
ACCESS = {"--token-review", "--client-ca", "--client-ca-from-cluster", "--web.config.file"}
# Each of these sets serves TLS.
TLS = ({"--tls-self-signed"}, {"--tls-cert", "--tls-key"}, {"--web.config.file"})


class Pods(ManifestTest):
    def pod(self, variant):
        template = copy.deepcopy(variant.template())
        template["metadata"]["name"] = "notafter"
        return {"apiVersion": "v1", "kind": "Pod", **template}

    def create(self, pod):
        path = "/api/v1/namespaces/notafter/pods?dryRun=All"
        status, headers, body = self.plane.request("POST", path, pod)
        return status, headers.get("Warning"), json.loads(body)

    @of_each
    def test_pods_are_admitted_where_restricted_is_enforced(self, variant):
        status, warning, _ = self.create(self.pod(variant))
        self.assertEqual((status, warning), (201, None))
        naked = self.pod(variant)
        del naked["spec"]["containers"][0]["securityContext"]
        status, _, refusal = self.create(naked)
        self.assertEqual(status, 403, "restricted is enforced")
        self.assertIn("restricted", refusal["message"])

    @of_each
    def test_every_created_namespace_enforces_restricted(self, variant):
        for namespace in variant.all("Namespace"):
            self.assertEqual(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted")

    @of_each
    def test_restricted_v2_has_no_objections(self, variant):
        self.assertEqual(list(objections(variant.template())), [])

    def test_each_objection_of_restricted_v2_is_found(self):
        context = {"securityContext": {"runAsUser": 1000}}
        [container] = self.of("base").template()["spec"]["containers"]
        for change, found in (
            ({"hostNetwork": True}, ["hostNetwork"]),
            ({"securityContext": {"fsGroup": 1}}, ["pod: fsGroup", "pod: may run as root", "pod: seccompProfile"]),
            ({"volumes": [{"name": "host", "hostPath": {"path": "/"}}]}, ["volume hostPath"]),
            ({"containers": [container | {"ports": [{"containerPort": 1, "hostPort": 1}]}]}, ["hostPort 1"]),
            ({"containers": [container | context]}, [
                "notafter: runAsUser", "notafter: allowPrivilegeEscalation", "notafter: capabilities are kept",
                "notafter: the root can be written",
            ]),
        ):
            template = copy.deepcopy(self.of("base").template())
            template["spec"] |= change
            self.assertEqual(list(objections(template)), found)

    @of_each
    def test_every_variant_authenticates_scrapes_and_serves_tls(self, variant):
        flags = {flag for flag, _ in variant.arguments()}
        self.assertTrue(flags & ACCESS, flags)
        self.assertTrue([needed for needed in TLS if needed <= flags], flags)

    @of_each
    def test_the_files_in_flags_are_mounted(self, variant):
        mounted = tuple(mount["mountPath"] + "/" for mount in variant.container().get("volumeMounts", []))
        for _, value in variant.arguments():
            if value and value.startswith("/"):
                self.assertTrue(value.startswith(mounted), value)

    def test_only_the_platforms_prometheus_may_scrape_with_a_certificate(self):
        names = [value for flag, value in self.of(PLATFORM).arguments() if flag == "--client-name"]
        self.assertEqual(names, ["system:serviceaccount:openshift-monitoring:prometheus-k8s"])

    @of_each
    def test_the_open_port_is_the_default_one(self, variant):
        help = subprocess.run([os.environ["NOTAFTER"], "serve", "--help"], capture_output=True, text=True).stdout
        [port] = variant.container()["ports"]
        self.assertIn(f"[default: [::]:{port['containerPort']}]", help)

    @of_each
    def test_probes_use_tls_and_need_no_credentials(self, variant):
        container = variant.container()
        [port] = container["ports"]
        with Installed(self.plane, variant).ready() as notafter:
            for probe in ("livenessProbe", "readinessProbe"):
                request = container[probe]["httpGet"]
                self.assertEqual((request["port"], request["scheme"]), (port["name"], "HTTPS"))
                self.assertEqual(notafter.get(request["path"])[0], 200)

    @of_each
    def test_a_disruption_budget_exists_for_two_replicas_only(self, variant):
        spec, budgets = variant.one("Deployment")["spec"], variant.all("PodDisruptionBudget")
        self.assertEqual(len(budgets), spec["replicas"] - 1)
        for budget in budgets:
            self.assertEqual(budget["spec"]["maxUnavailable"], 1)
            self.assertEqual(budget["spec"]["selector"], spec["selector"])
            [constraint] = spec["template"]["spec"]["topologySpreadConstraints"]
            self.assertEqual(constraint["labelSelector"], spec["selector"])
