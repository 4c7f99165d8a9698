"""The chart as it is published: the package, the table of values, and the errors of wrong values."""

import json
import pathlib
import tarfile
import tempfile
import tomllib
import unittest

import yaml

from chart import CHART, EXAMPLES, OPERATOR, example, helm, rows, table, template
from control_plane import ROOT
from golden import assert_part
from promtool import ALERTS, SHIPPED

VALUES = (CHART / "values.yaml").read_text()
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
# Wrong values, and the errors about them.
WRONG = {
    "image.repo=x": "at '/image': additional properties 'repo' not allowed",
    "replica=2": "at '': additional properties 'replica' not allowed",
    "replicas=two": "at '/replicas': got string, want integer",
    "image.digest=latest": "at '/image/digest': 'latest' does not match pattern",
    "tls.mode=none": "at '/tls/mode': value must be one of 'selfSigned', 'certManager', 'serviceCA'",
    "tls.mode=secret": "at '/tls/secretName': minLength: got 0, want 1",
    "tls.mode=secret,tls.secretName=null": "at '/tls': missing property 'secretName'",
    "tls.mode=webConfig": "at '/tls/mode': 'not' failed",
    "tls.secretName=mine": "at '/tls/secretName': maxLength: got 4, want 0",
    "tls.issuerRef.kind=ClusterIssuer": "at '/tls/issuerRef': missing property 'name'",
    "serviceAccount.create=false": "at '/serviceAccount/name': minLength: got 0, want 1",
    "serviceAccount.create=false,serviceAccount.name=null": "at '/serviceAccount': missing property 'name'",
    "serviceAccount.name=Not_Valid": "at '/serviceAccount/name': 'Not_Valid' does not match pattern",
    "authentication.mode=none": "at '/authentication/mode': value must be one of 'tokenReview'",
    "authentication.mode=webConfig": "at '/tls/mode': value must be 'webConfig'",
    "authentication.mode=clientCertificate": "at '/authentication/clientNames': minItems: got 0, want 1",
    "authentication.mode=clientCertificate,authentication.clientNames=null":
        "at '/authentication': missing property 'clientNames'",
    "podDisruptionBudget.maxUnavailable=0": "at '/podDisruptionBudget/maxUnavailable': minimum: got 0, want 1",
    "podDisruptionBudget.maxUnavailable=0%": "at '/podDisruptionBudget/maxUnavailable': '0%' does not match pattern",
    "namespaces={Payments}": "at '/namespaces/0': 'Payments' does not match pattern",
    "ignore={shop}": "at '/ignore/0': 'shop' does not match pattern",
    "renewedBefore={shop/web=soon}": "at '/renewedBefore/0': 'shop/web=soon' does not match pattern",
    "extraArgs={5m}": "at '/extraArgs/0': '5m' does not match pattern",
    "serviceMonitor.enabled=maybe": "at '/serviceMonitor/enabled': value must be one of true, false, 'auto'",
    "serviceMonitor.interval=1": "at '/serviceMonitor/interval': got number, want string",
    "prometheusRule.omit={CertificateExpired}": "at '/prometheusRule/omit/0': value must be one of",
    "prometheusRule.thresholds.warnDays=0": "at '/prometheusRule/thresholds/warnDays'",
    "prometheusRule.thresholds.namespaces.shop=x": "at '/prometheusRule/thresholds/namespaces/shop': got string, want number",
}


def described(schema, path=()):
    """Yields the path of every value that the schema describes one by one, and asserts that no others are allowed."""
    for name, part in schema["properties"].items():
        if "properties" in part:
            assert part["additionalProperties"] is False, (*path, name)
            yield from described(part, (*path, name))
        yield (*path, name)


def leaves(values, schema, path=()):
    """Yields the path of every value, down to where the schema leaves the content to Kubernetes."""
    for name, value in values.items():
        yield (*path, name)
        if "properties" in schema["properties"].get(name, {}):
            yield from leaves(value, schema["properties"][name], (*path, name))


def scalars(tree):
    """Yields every value in objects that has none below it."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from scalars(part)
    else:
        yield tree


class Chart(unittest.TestCase):
    maxDiff = None

    def test_lint_has_no_complaint_about_any_example(self):
        for name in ("", *EXAMPLES):
            with self.subTest(name):
                done = helm("lint", "--strict", CHART, *example(name))
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                self.assertNotIn("[WARNING]", done.stdout)

    def test_the_version_is_that_of_the_program(self):
        package = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        self.assertEqual([chart["version"], chart["appVersion"]], [package["version"]] * 2)

    def test_the_package_has_the_files_that_the_checkout_links_and_renders_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            done = helm("package", CHART, "--destination", folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            [package] = pathlib.Path(folder).iterdir()
            for name in ("", "openshift-platform"):
                self.assertEqual(template(*example(name), chart=package), template(*example(name)))
            with tarfile.open(package) as tar:
                files = {file.name.removeprefix("notafter/files/") for file in tar if "/files/" in file.name}
                self.assertTrue(all(file.isfile() for file in tar))
        self.assertEqual(files, {
            "notafter.rules.yaml", "rights.yaml", "rights-namespaced.yaml", "dashboards/console/notafter.json",
            *(f"dashboards/{file.name}" for file in (ROOT / "dashboards").glob("*.json")),
        })

    def test_the_readme_has_the_table_of_values(self):
        assert_part(self, "charts/notafter/README.md", "values", table())

    def test_the_readme_names_every_example(self):
        for name in EXAMPLES:
            self.assertIn(f"notafter/examples/{name}.yaml", (CHART / "README.md").read_text())

    def test_every_value_is_in_the_table(self):
        values = yaml.safe_load(VALUES)
        paths = {path for path in leaves(values, SCHEMA)}
        inner = {path[:-1] for path in paths if len(path) > 1}
        self.assertEqual({tuple(path) for path, _ in rows(VALUES)}, paths - inner)

    def test_the_schema_has_every_value_and_no_other(self):
        # The first two are set by a chart that has this one as a dependency; an issuer has no default.
        unset = {("global",), ("enabled",), *(("tls", "issuerRef", key) for key in ("name", "kind", "group"))}
        self.assertEqual(set(described(SCHEMA)) - unset, set(leaves(yaml.safe_load(VALUES), SCHEMA)))
        self.assertIs(SCHEMA["additionalProperties"], False)

    def test_an_error_names_the_wrong_value(self):
        for value, message in WRONG.items():
            with self.subTest(value):
                done = helm("template", "notafter", CHART, "--set", value)
                self.assertEqual(done.returncode, 1)
                self.assertIn(message, done.stderr)

    def test_a_value_that_is_null_is_left_out_or_named_in_an_error(self):
        given = "--set=replicas=2,tls.mode=certManager,dashboards.console=true,prometheusRule.thresholds.warnDays=9"
        for path in leaves(yaml.safe_load(VALUES), SCHEMA):
            with self.subTest(path):
                done = helm("template", "notafter", CHART, *OPERATOR, given, f"--set={'.'.join(path)}=null")
                if done.returncode:
                    parent = "".join(f"/{name}" for name in path[:-1])
                    self.assertIn(f"at '{parent}': missing property '{path[-1]}'", done.stderr)
                else:
                    self.assertNotIn(None, list(scalars(list(yaml.safe_load_all(done.stdout)))))

    def test_the_alerts_that_can_be_left_out_are_those_that_no_rule_depends_on(self):
        expressions = " ".join(rule["expr"] for group in SHIPPED["groups"] for rule in group["rules"])
        independent = sorted({rule["alert"] for rule in ALERTS if rule["alert"] not in expressions})
        self.assertEqual(SCHEMA["properties"]["prometheusRule"]["properties"]["omit"]["items"]["enum"], independent)

    def parent(self, folder, values, *dependencies):
        """Returns the text of a chart that has this one as its dependencies."""
        parent = pathlib.Path(folder) / "parent"
        (parent / "charts").mkdir(parents=True)
        self.assertEqual(helm("package", CHART, "--destination", parent / "charts").returncode, 0)
        version = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]
        (parent / "Chart.yaml").write_text(yaml.safe_dump({
            "apiVersion": "v2", "name": "parent", "version": "1.0.0",
            "dependencies": [{"name": "notafter", "version": version} | more for more in dependencies],
        }))
        (parent / "values.yaml").write_text(values)
        return template(chart=parent)

    def test_another_chart_can_have_it_as_a_dependency(self):
        values = "global: {x: 1}\nnotafter: {enabled: true, replicas: 2}\n"
        with tempfile.TemporaryDirectory() as folder:
            self.assertIn("replicas: 2\n", self.parent(folder, values, {"condition": "notafter.enabled"}))

    def test_two_dependencies_under_other_names_select_their_own_pods_by_the_label_of_the_alerts(self):
        with tempfile.TemporaryDirectory() as folder:
            text = self.parent(folder, "", {"alias": "first"}, {"alias": "second"})
        objects = [object for object in yaml.safe_load_all(text) if object]
        selectors = {o["metadata"]["name"]: o["spec"]["selector"] for o in objects if o["kind"] == "Service"}
        self.assertEqual(selectors.keys(), {"notafter-first", "notafter-second"})
        for name, selector in selectors.items():
            self.assertEqual(selector, {"app.kubernetes.io/name": "notafter", "app.kubernetes.io/instance": name})


if __name__ == "__main__":
    unittest.main()
