"""Values that are unusual: none, numbers where names are wanted, and those that would give away or block something."""

import concurrent.futures
import re
import unittest

import yaml

from chart import CHART, OPERATOR, Rendered, helm
from test_chart import SCHEMA, VALUES, leaves

# A release with everything.
ALL = (
    *OPERATOR, "--set=dashboards.console=true,tls.mode=certManager,prometheusRule.thresholds.warnDays=9,replicas=2",
    "--set=serviceMonitor.serviceAccounts[0].namespace=m,serviceMonitor.serviceAccounts[0].name=p",
)


def strings(part, path=""):
    """Yields each name, namespace and label below an object, with its path."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        inner = f"{path}.{key}"
        if isinstance(value, (dict, list)):
            yield from strings(value, inner)
        elif key in ("name", "namespace", "secretName", "serviceAccountName") or re.search(r"[lL]abels\.[^.]*", inner):
            yield inner, value


class ChartValues(unittest.TestCase):
    maxDiff = None

    def objects(self, release, *arguments):
        done = helm("template", release, CHART, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [object for object in yaml.safe_load_all(done.stdout) if object]

    def test_any_value_may_be_null(self):
        paths = [".".join(path) for path in leaves(yaml.safe_load(VALUES), SCHEMA)]
        self.assertGreater(len(paths), 60)

        def without(path):
            done = helm("template", "notafter", CHART, *ALL, f"--set={path}=null")
            # Some are needed, and the error names the value.
            parent, _, name = path.rpartition(".")
            needed = f"at '{'/' * bool(parent)}{parent}': missing property '{name}'" in done.stderr
            # A field with nothing behind it, and nothing below it.
            empty = re.search(r"^( *)(- )?[\w.]+: *\n(?!\1 |\1- )", done.stdout, re.MULTILINE)
            return path, (done.returncode == 0 or needed) and not empty, done.stderr[-300:] or empty

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            wrong = [(path, why) for path, right, why in pool.map(without, paths) if not right]
        self.assertEqual(wrong, [])

    def test_names_that_are_numbers_stay_texts(self):
        numbers = "--namespace=2024", "--set-string=serviceAccount.name=7,priorityClassName=8,commonLabels.team=9"
        found = [found for object in self.objects("123", *ALL, *numbers) for found in strings(object)]
        self.assertIn((".metadata.namespace", "2024"), found)
        self.assertIn((".metadata.labels.app.kubernetes.io/instance", "123"), found)
        self.assertIn((".spec.template.spec.serviceAccountName", "7"), found)
        self.assertEqual([(path, value) for path, value in found if not isinstance(value, str)], [])

    def test_two_releases_share_no_name(self):
        names = [{(o["kind"], o["metadata"]["name"]) for o in self.objects(release, *ALL)} for release in ("notafter", "second")]
        self.assertLessEqual({("Deployment", "notafter"), ("ServiceMonitor", "notafter"), ("Certificate", "notafter-tls")}, names[0])
        self.assertEqual(len(names[0]), len(names[1]))
        self.assertEqual(names[0] & names[1], set())

    def test_without_rbac_no_role_and_no_binding_is_created(self):
        kinds = {object["kind"] for object in self.objects("notafter", *ALL, "--set=rbac.create=false")}
        self.assertIn("ServiceMonitor", kinds)
        self.assertEqual({kind for kind in kinds if "Role" in kind}, set())

    def test_the_name_of_the_pods_is_that_of_the_commands_in_alerts_whatever_the_chart_is_called(self):
        for object in self.objects("notafter", *ALL):
            self.assertEqual(object["metadata"]["labels"]["app.kubernetes.io/name"], "notafter", object["kind"])
        self.assertNotIn("{{ .Chart.Name }}", (CHART / "templates/_helpers.tpl").read_text().partition("selectorLabels")[2][:400])

    def test_another_ca_replaces_that_of_the_chart_and_an_empty_one_is_public(self):
        bundle = "serviceMonitor.tlsConfig.ca.configMap"
        for arguments, ca in (
            ((), {"secret": {"name": "notafter-tls", "key": "ca.crt"}}),
            ((f"--set={bundle}.name=bundle,{bundle}.key=ca.pem",), {"configMap": {"name": "bundle", "key": "ca.pem"}}),
            (("--set-json=serviceMonitor.tlsConfig={\"ca\":{}}",), None),
        ):
            monitor = Rendered("", *ALL, *arguments).one("ServiceMonitor")
            [endpoint] = monitor["spec"]["endpoints"]
            self.assertEqual(endpoint["tlsConfig"].get("ca"), ca)
            self.assertEqual(endpoint["tlsConfig"]["serverName"], "notafter.notafter.svc")

    def test_the_notes_name_the_flags_of_the_deployment(self):
        flags = "--set=namespaces={shop,orders},ignore={shop/*=a test},renewedBefore={shop/web=20d}"
        done = helm("install", "notafter", CHART, "--dry-run=client", "--namespace=notafter", flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        scan = " --namespace=shop --namespace=orders '--ignore=shop/*=a test' '--renewed-before=shop/web=20d'\n"
        self.assertIn(f"-- notafter scan --exit-zero{scan}", done.stdout)
        self.assertIn("--service-account notafter/notafter --namespace=shop --namespace=orders --prometheus URL\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
