"""The chart on a real API server: every command of its README.md but `helm pull`, and of the notes of each release.

Each way to install is followed by the upgrade and the uninstallation; the one that creates the namespace is first.
Without a kubelet, the Deployment is asked instead of a pod; a notafter with the arguments, the service account
and the rights of the release answers at the forwarded port.
"""

import os
import pathlib
import re
import shutil
import tempfile
import unittest

import yaml

from chart import CHART, Rendered, helm
from control_plane import ControlPlane
from installed import Installed
from staged import Shell

KUBECTL = """case " $* " in
  *" rollout status "*) set -- -n "$2" get "$5" ;;
  *" exec deployment/notafter -- "*) while [ "$1" != -- ]; do shift; done; shift; exec env KUBECONFIG={kubeconfig} "$@" ;;
  *" port-forward "*) exit ;;
esac
"""
STRICT = ("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "--filename=-")
BLOCK = re.compile(r"^(#+) (.*?)\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
# These change without anybody's doing, or are what a user keeps.
NOT_OF_RELEASES = {"events", "events.events.k8s.io", "leases.coordination.k8s.io", "namespaces", "componentstatuses"}


def commands(text):
    """Returns the commands of the console blocks of a text."""
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]


def sections():
    """Returns the commands of each section of README.md that has some, by heading."""
    found = {heading: commands(text) for _, heading, text in BLOCK.findall((CHART / "README.md").read_text())}
    return {heading: lines for heading, lines in found.items() if lines}


def noted(output):
    """Returns the commands in the notes of a release."""
    return re.findall(r"^  ((?:kubectl|curl|helm|oc) .*)", output.split("NOTES:")[1], re.MULTILINE)


class ChartInstalled(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.plane = plane = ControlPlane()
        cls.addClassCleanup(plane.stop)
        plane.start()
        plane.create_namespaces("ops", "payments", "shop", "openshift-config-managed")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="chart-", dir=plane.folder))
        assert helm("package", CHART, "--destination", cls.folder).returncode == 0
        [package] = cls.folder.iterdir()
        # What `helm pull --untar` leaves.
        shutil.unpack_archive(package, cls.folder, filter="data")
        cls.shell = Shell(
            plane, KUBECTL.replace("{kubeconfig}", str(plane.kubeconfig)),
            helm=f'exec {os.environ["HELM"]} --kubeconfig={plane.kubeconfig} "$@"\n',
        )
        cls.skipped = cls.type("helm install notafter ./notafter --namespace ops")
        plane.define()
        [upgrade] = [command for command in noted(cls.skipped) if command.startswith("helm ")]
        cls.repeated = cls.type(upgrade.replace("CHART", "./notafter"))
        cls.monitored = cls.plane.kubectl("get", "servicemonitors,prometheusrules", "--all-namespaces", "--output=name")
        cls.type("helm uninstall notafter --namespace ops")
        kinds = plane.kubectl("api-resources", "--verbs=list", "--output=name").split()
        cls.kinds = ",".join(kind for kind in kinds if kind not in NOT_OF_RELEASES)
        cls.before = cls.everything()

    @classmethod
    def type(cls, command):
        """Returns the output of a command that works."""
        status, output, errors = cls.shell.run(command, cls.folder)
        assert status == 0, f"{command}: {output}{errors}"
        return output

    @classmethod
    def everything(cls):
        """Returns the name of every object in the cluster."""
        columns = "--output=custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name"
        return set(cls.plane.kubectl("get", cls.kinds, "--all-namespaces", "--no-headers", columns).splitlines())

    def setUp(self):
        for namespace in ("notafter", "ops"):
            self.addCleanup(self.shell.run, f"helm uninstall notafter --namespace {namespace}", self.folder)

    def test_without_the_operator_its_objects_are_skipped_until_the_upgrade_that_the_notes_name(self):
        self.assertIn("SKIPPED: PrometheusRule and ServiceMonitor, because this cluster does not have", self.skipped)
        self.assertNotIn("SKIPPED", self.repeated)
        self.assertEqual(self.monitored.split(), [
            f"{kind}.monitoring.coreos.com/notafter" for kind in ("servicemonitor", "prometheusrule")])

    def test_every_block_of_the_readme_works_and_an_uninstallation_leaves_nothing(self):
        readme = sections()
        upgrade, uninstall = readme.pop("Upgrade"), readme.pop("Uninstall")
        [pull] = readme.pop("notafter")
        self.assertTrue(pull.startswith("helm pull oci://ghcr.io/notafter/charts/notafter --version "))
        self.assertEqual(len(readme), 6)
        # This section creates the namespace, so it has to run first.
        first, secrets = "OpenShift platform monitoring", ("notafter-web", "notafter-user")
        for heading in (first, *(heading for heading in readme if heading != first)):
            with self.subTest(heading):
                if heading == "Selected namespaces":
                    for name in secrets:
                        self.plane.kubectl("-n", "notafter", "create", "secret", "generic", name)
                for command in readme[heading]:
                    output = self.type(command)
                if heading == first:
                    self.assertGreater(len(self.everything() - self.before), 10)
                self.assertValid()
                self.assertNotes(output)
                self.assertEqual(self.type(upgrade[0]).split("NOTES:")[1], output.split("NOTES:")[1])
                self.type(uninstall[0])
                left = {name.split()[-1] for name in self.everything() - self.before}
                self.assertEqual(left, set(secrets) if heading == "Selected namespaces" else set())

    def test_the_notes_ask_for_the_label_of_the_namespace_until_it_has_it(self):
        values = "--namespace ops --values notafter/examples/openshift-platform.yaml"
        notes = self.type(f"helm install notafter ./notafter {values}")
        [label] = [command for command in noted(notes) if command.startswith("oc label ")]
        self.type(label)
        self.assertNotIn("oc label", self.type(f"helm upgrade notafter ./notafter {values}"))

    def release(self):
        """Returns the text of the objects of the release."""
        return self.type("helm get manifest notafter --namespace notafter")

    def assertValid(self):
        """Asserts that every field of the release is known to the API server."""
        text = self.release()
        applied = self.plane.kubectl(*STRICT, stdin=text)
        self.assertEqual(len(applied.splitlines()), len([object for object in yaml.safe_load_all(text) if object]))

    def assertNotes(self, output):
        """Asserts that every command in the notes works, with a notafter like that of the release."""
        with Installed(self.plane, Rendered("notes", text=self.release())).ready() as notafter:
            for command in noted(output):
                printed = self.type(command.replace(":9779/", f":{notafter.port}/"))
                if command.startswith("curl "):
                    self.assertIn("notafter_build_info", printed)

    def other_version(self, **replaced):
        """Returns the folder of a version of the chart before this one, with other text in its helpers."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="previous-", dir=self.folder)) / "notafter"
        shutil.copytree(self.folder / "notafter", folder)
        file = folder / "Chart.yaml"
        file.write_text(re.sub(r"^(version|appVersion): .*", r"\1: 0.0.1", file.read_text(), flags=re.MULTILINE))
        file = folder / "templates/_helpers.tpl"
        for text, replacement in replaced.items():
            define = '{{- define "notafter.' + text + '" -}}\n'
            self.assertIn(define, file.read_text())
            file.write_text(file.read_text().replace(define, f"{define}{replacement}\n"))
        return folder

    def deployment(self):
        return self.plane.json("GET", "/apis/apps/v1/namespaces/ops/deployments/notafter")

    def test_an_upgrade_from_a_version_with_other_labels_and_objects_keeps_the_deployment(self):
        previous = self.other_version(labels="of-old: version")
        (previous / "templates/old.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: of-old}\n")
        self.type(f"helm install notafter {previous} --namespace ops --set replicas=2")
        old = self.deployment()
        self.assertEqual(old["metadata"]["labels"]["of-old"], "version")
        self.type("helm upgrade notafter ./notafter --namespace ops --reset-then-reuse-values")
        new = self.deployment()
        self.assertEqual(new["metadata"]["uid"], old["metadata"]["uid"])
        self.assertEqual(new["spec"]["replicas"], 2)
        self.assertEqual(new["spec"]["template"]["metadata"], old["spec"]["template"]["metadata"])
        self.assertNotIn("of-old", new["metadata"]["labels"])
        self.assertFalse([name for name in self.everything() if "of-old" in name])

    def test_an_upgrade_across_a_changed_selector_says_what_to_delete_and_then_works(self):
        self.type(f"helm install notafter {self.other_version(selectorLabels='app: notafter')} --namespace ops")
        upgrade, old = "helm upgrade notafter ./notafter --namespace ops", self.deployment()
        status, _, error = self.shell.run(upgrade, self.folder)
        self.assertEqual(status, 1)
        self.assertIn('The Deployment notafter was installed with the selector {"app":"notafter",', error)
        self.assertEqual(self.deployment()["metadata"]["resourceVersion"], old["metadata"]["resourceVersion"])
        [delete] = re.findall(r"^ *(kubectl .* delete .*)$", error, re.MULTILINE)
        self.type(delete)
        self.type(upgrade)
        self.assertNotIn("app", self.deployment()["spec"]["selector"]["matchLabels"])


if __name__ == "__main__":
    unittest.main()
