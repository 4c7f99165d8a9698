"""What values change in the objects of the chart."""

import copy
import re
import tempfile
import unittest

import yaml

from chart import CHART, OPERATOR, Rendered, example, helm
from control_plane import ROOT, shared
from installed import Installed
from promtool import SHIPPED
from restricted import objections

# Values with which the chart has its optional objects, too.
EVERYTHING = (
    *example("cert-manager"), *example("kube-prometheus"),
    "--set=dashboards.console=true,prometheusRule.thresholds.warnDays=45",
)


def names(tree, key=None):
    """Yields each name, namespace and label of objects as (field, value)."""
    if isinstance(tree, dict):
        for field, value in tree.items():
            if key in ("labels", "matchLabels", "annotations") or re.fullmatch(r"name|namespace|\w+Name|\w+Class(Name)?", field):
                yield field, value
            yield from names(value, field)
    if isinstance(tree, list):
        for part in tree:
            yield from names(part, key)


class Changed(unittest.TestCase):
    maxDiff = None

    def rendered(self, values, **options):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(yaml.safe_dump(values))
            file.flush()
            return Rendered("", "--values", file.name, **options)

    def test_what_an_operator_sets_is_in_the_pod(self):
        fields = {
            "imagePullSecrets": [{"name": "registry"}], "nodeSelector": {"kubernetes.io/os": "linux"},
            "tolerations": [{"operator": "Exists"}], "affinity": {"podAffinity": {}}, "priorityClassName": "high",
            "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}],
        }
        rendered = self.rendered(fields | {
            "podLabels": {"team": "ops"}, "podAnnotations": {"a": "b"}, "resources": {"limits": {"memory": "1Gi"}},
            "extraEnv": [{"name": "RUST_LOG", "value": "debug"}], "extraVolumes": [{"name": "v", "emptyDir": {}}],
            "extraVolumeMounts": [{"name": "v", "mountPath": "/v"}], "image": {"digest": f"sha256:{'0' * 64}"},
            "replicas": 3, "commonLabels": {"part": "x"}, "service": {"annotations": {"c": "d"}},
            "tls": {"mode": "secret", "secretName": "pair"},
        })
        template, container = rendered.template(), rendered.container()
        self.assertLessEqual(fields.items(), template["spec"].items())
        self.assertLessEqual({"team": "ops", "part": "x"}.items(), template["metadata"]["labels"].items())
        self.assertEqual(template["metadata"]["annotations"]["a"], "b")
        self.assertEqual(container["resources"]["limits"], {"memory": "1Gi"})
        self.assertEqual(container["env"], [{"name": "RUST_LOG", "value": "debug"}])
        self.assertEqual([volume["name"] for volume in template["spec"]["volumes"]], ["tls", "v"])
        self.assertEqual([mount["name"] for mount in container["volumeMounts"]], ["tls", "v"])
        self.assertEqual(template["spec"]["volumes"][0]["secret"], {"secretName": "pair"})
        self.assertEqual(container["image"], f"ghcr.io/notafter/notafter@sha256:{'0' * 64}")
        self.assertEqual(rendered.one("Service")["metadata"]["annotations"], {"c": "d"})
        self.assertEqual(rendered.one("Deployment")["spec"]["replicas"], 3)
        for object in rendered.objects:
            self.assertEqual(object["metadata"]["labels"]["part"], "x", object["kind"])
        self.assertEqual(list(objections(template)), [])

    def test_a_label_of_the_pods_cannot_replace_one_that_selects_them(self):
        rendered = self.rendered({key: {"app.kubernetes.io/name": "other"} for key in ("podLabels", "commonLabels")})
        selector = rendered.one("Deployment")["spec"]["selector"]["matchLabels"]
        self.assertEqual(rendered.template()["metadata"]["labels"], selector)

    def test_notafter_accepts_the_flags_of_every_value(self):
        rendered = self.rendered({
            "namespaces": ["payments", "shop"], "watch": False, "ignore": ["shop/*=a test, not more"],
            "renewedBefore": ["shop/web=20d"], "extraArgs": ["--log-format=json", "--log=debug"],
        })
        plane = shared()
        plane.create_namespaces("payments", "shop")
        with Installed(plane, rendered).ready() as notafter:
            self.assertEqual(notafter.get("/metrics")[0], 401)

    def test_thresholds_are_those_of_the_example_of_the_alerts(self):
        example = yaml.safe_load((ROOT / "alerts/examples/thresholds.yaml").read_text())
        rendered = self.rendered({"prometheusRule": {"thresholds": {
            "warnDays": 45, "namespaces": {"shop": 60}, "urgentDays": 10, "muted": ["playground"],
            "certificates": [{"namespace": "shop", "name": "status-tls", "warnDays": 14}],
        }}})
        [thresholds] = [rule for rule in rendered.all("PrometheusRule") if rule["metadata"]["name"] != "notafter"]
        self.assertEqual(thresholds["metadata"]["name"], example["metadata"]["name"])
        self.assertEqual(thresholds["spec"], example["spec"])

    def test_alerts_can_have_more_labels_and_some_can_be_left_out(self):
        more = {"team": "ops", "severity": "x"}
        values = {"prometheusRule": {"omit": ["NotafterDown", "NotafterBlind"], "alertLabels": more}}
        expected = copy.deepcopy(SHIPPED)
        groups = [group for group in expected["groups"] if group["name"] != "notafter.itself"]
        for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
            rule["labels"] = {"team": "ops"} | rule["labels"]
        self.assertEqual(self.rendered(values).one("PrometheusRule")["spec"]["groups"], groups)

    def test_in_another_namespace_the_alerts_about_notafter_name_that(self):
        rendered = self.rendered({}, namespace="monitoring")
        for object in rendered.objects:
            self.assertEqual(object["metadata"].get("namespace", "monitoring"), "monitoring")
        text = yaml.safe_dump(rendered.one("PrometheusRule")["spec"], width=100_000)
        self.assertNotRegex(text, r"-n notafter|namespace: notafter|else }}notafter")
        shipped = yaml.safe_dump(SHIPPED, width=100_000)
        for found, expected in (("-n monitoring ", "-n notafter "), ("namespace: monitoring", "namespace: notafter")):
            self.assertGreater(shipped.count(expected), 1)
            self.assertEqual(text.count(found), shipped.count(expected))

    def test_an_object_of_the_users_own_can_name_the_release(self):
        route = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-x"}}
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ include \"notafter.fullname\" . }}-y'}\n"
        rendered = self.rendered({"extraObjects": [route, text]})
        names = {object["metadata"]["name"] for object in rendered.all("ConfigMap")}
        self.assertLessEqual({"notafter-x", "notafter-y"}, names)

    def test_the_ca_of_the_service_monitor_can_be_replaced_and_removed(self):
        mine, file = {"configMap": {"name": "mine", "key": "ca.crt"}}, "/etc/prometheus/ca.crt"
        name = {"serverName": "notafter.notafter.svc"}
        chart = {"secret": {"name": "notafter-tls", "key": "ca.crt"}}
        for mode, values, expected in (
            ("certManager", {}, name | {"ca": chart}),
            ("certManager", {"ca": mine}, name | {"ca": mine}),
            ("certManager", {"ca": {}}, name),
            ("certManager", {"ca": None}, name),
            ("certManager", {"caFile": file}, name | {"caFile": file}),
            ("certManager", {"serverName": "other"}, {"serverName": "other", "ca": chart}),
            ("selfSigned", {"insecureSkipVerify": False, "ca": mine}, {"ca": mine}),
        ):
            with self.subTest(mode, values=values):
                rendered = self.rendered({"tls": {"mode": mode}, "serviceMonitor": {"tlsConfig": values}})
                self.assertEqual(rendered.monitor()["tlsConfig"], expected)

    def test_without_rbac_no_role_and_no_binding_is_created(self):
        for name in ("kube-prometheus", "openshift-platform", "namespaced"):
            kinds = {object["kind"] for object in Rendered(name, "--set=rbac.create=false").objects}
            self.assertIn("Deployment", kinds)
            self.assertEqual({kind for kind in kinds if "Role" in kind}, set())

    def test_pods_that_are_not_ready_never_block_a_drain_where_the_api_server_can_tell(self):
        for version, policy in (("1.26.9", None), ("1.27.0", "AlwaysAllow"), ("1.27.3-gke.100", "AlwaysAllow")):
            budget = Rendered("", "--set=replicas=2", f"--kube-version={version}").one("PodDisruptionBudget")["spec"]
            self.assertEqual((budget["maxUnavailable"], budget.get("unhealthyPodEvictionPolicy")), (1, policy))

    def test_a_name_that_yaml_would_read_as_something_else_stays_a_name(self):
        odd = "namespaces={1,2},fullnameOverride=true,serviceAccount.name=1e3,priorityClassName=42,serviceMonitor.scrapeClass=7"
        for arguments in (
            EVERYTHING,
            ("--set=tls.mode=secret", f"--set-string={odd},tls.secretName=5"),
            (*example("namespaced"), *(
                f"--set-string=authentication.webConfig.{key}=6" for key in ("secretName", "userSecretName"))),
            example("openshift-platform"),
        ):
            done = helm("template", "123", CHART, "--namespace=2024", *OPERATOR, *arguments)
            self.assertEqual(done.returncode, 0, done.stderr)
            found = list(names(list(yaml.safe_load_all(done.stdout))))
            self.assertGreater(len(found), 50)
            self.assertEqual([text for text in found if not isinstance(text[-1], str)], [])
            self.assertIn(("namespace", "2024"), found)

    def test_two_releases_share_no_name(self):
        found = []
        for release in ("notafter", "second"):
            done = helm("template", release, CHART, *OPERATOR, *EVERYTHING)
            self.assertEqual(done.returncode, 0, done.stderr)
            found.append({(o["kind"], o["metadata"]["name"]) for o in yaml.safe_load_all(done.stdout)})
        self.assertEqual(found[0] & found[1], set())
        self.assertEqual(len(found[0]), len(found[1]))
        for kind, suffix in (
            ("Deployment", ""), ("ServiceMonitor", ""), ("Role", "-prometheus"), ("PrometheusRule", "-thresholds"),
            ("Certificate", "-tls"), ("PodDisruptionBudget", ""),
        ):
            self.assertIn((kind, f"notafter{suffix}"), found[0])
            self.assertIn((kind, f"second-notafter{suffix}"), found[1])
        self.assertIn(("ConfigMap", "dashboard-second-notafter"), found[1])

    def test_the_notes_name_the_flags_of_the_deployment(self):
        flags = "--set=namespaces={shop,orders},ignore={shop/*=a test},renewedBefore={shop/web=20d}"
        done = helm("install", "notafter", CHART, "--dry-run=client", "--namespace=notafter", flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        scan = " --namespace=shop --namespace=orders '--ignore=shop/*=a test' '--renewed-before=shop/web=20d'\n"
        self.assertIn(f"-- notafter scan --exit-zero{scan}", done.stdout)
        self.assertIn("--service-account notafter/notafter --namespace=shop --namespace=orders --prometheus URL\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
