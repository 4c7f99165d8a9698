"""What a release consists of: the archives, the manifests and the chart, and what names them."""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import tarfile
import tempfile
import tomllib
import unittest

import yaml

from control_plane import ROOT

PACKAGE = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
VERSION, REPOSITORY, SITE = PACKAGE["version"], PACKAGE["repository"], PACKAGE["homepage"]
DIST = pathlib.Path(os.environ["DIST"])
[ARCHIVE] = DIST.glob("notafter-*-linux-*.tar.gz")
MANIFESTS, CHART = DIST / f"notafter-{VERSION}-manifests.tar.gz", DIST / f"notafter-{VERSION}.tgz"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Contents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tarfile.open(ARCHIVE) as tar:
            cls.members = {member.name: member for member in tar}
            cls.files = {name: tar.extractfile(member).read() for name, member in cls.members.items() if member.isfile()}

    def test_the_archive_has_the_program_of_the_image_and_nothing_else_that_runs(self):
        self.assertEqual(sha256(self.files["notafter"]), sha256(pathlib.Path(os.environ["NOTAFTER"]).read_bytes()))
        self.assertEqual([name for name, member in self.members.items() if member.isfile() and member.mode & 0o111], ["notafter"])
        self.assertEqual({name.split("/")[0] for name in self.members},
                         {"LICENSE", "README.md", "THIRD-PARTY.txt", "completions", "man", "notafter"})
        for name, member in self.members.items():
            self.assertEqual((member.uid, member.gid, member.mtime), (0, 0, self.members["notafter"].mtime), name)

    def test_every_command_has_a_page_that_man_can_show(self):
        help = subprocess.run([os.environ["NOTAFTER"], "--help"], capture_output=True, text=True, check=True).stdout
        commands = set(re.findall(r"^  ([a-z]+) ", help, re.MULTILINE)) - {"help", "man"}
        self.assertGreaterEqual(commands, {"serve", "scan", "explain"})
        pages = {name for name in self.files if name.startswith("man/")}
        self.assertEqual(pages, {"man/notafter.1", *(f"man/notafter-{command}.1" for command in commands)})
        for name in pages:
            self.assertIn(b".TH", self.files[name], name)

    def test_each_shell_has_completions_that_it_can_read(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn(b"notafter", self.files[f"completions/notafter.{shell}"])
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.files["completions/notafter.bash"])
            file.flush()
            shown = subprocess.run(["bash", "-c", f"source {file.name}; complete -p notafter"], capture_output=True, text=True)
        self.assertIn("notafter", shown.stdout, shown.stderr)

    def test_the_licenses_name_every_crate_and_library_of_the_bill(self):
        [bill] = DIST.glob("*.cdx.json")
        components = json.loads(bill.read_text())["components"]
        text = self.files["THIRD-PARTY.txt"].decode()
        crates = [component for component in components if component.get("purl", "").startswith("pkg:cargo/")]
        self.assertGreater(len(crates), 100)
        missing = [crate["bom-ref"] for crate in crates if f"\n  {crate['name']} {crate['version']}\n" not in text]
        self.assertEqual(missing, [])
        for library in ("libc6-dev", "libgcc-"):
            self.assertRegex(text, f"\n==== Debian package {library}.*\n")
        self.assertIn("GNU LESSER GENERAL PUBLIC LICENSE", text)

    def test_the_checksums_are_of_every_file(self):
        listed = dict(reversed(line.split("  ")) for line in (DIST / "SHA256SUMS").read_text().splitlines())
        self.assertEqual(listed, {path.name: sha256(path.read_bytes()) for path in DIST.iterdir() if path.name != "SHA256SUMS"})
        bill, image = ARCHIVE.name.replace(".tar.gz", ".cdx.json"), f"notafter-{VERSION}-oci.tar"
        self.assertEqual(set(listed), {ARCHIVE.name, image, bill, MANIFESTS.name, CHART.name, "notafter.yaml"})

    def test_the_manifest_of_krew_is_of_these_archives(self):
        [platform] = yaml.safe_load((DIST / "notafter.yaml").read_text())["spec"]["platforms"]
        self.assertEqual(platform["sha256"], sha256(ARCHIVE.read_bytes()))
        self.assertTrue(platform["uri"].endswith(f"/v{VERSION}/{ARCHIVE.name}"), platform["uri"])


class OfTheVersion(unittest.TestCase):
    """The manifests and the chart are those of the repository, but for links to what belongs to the version."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        for archive in (MANIFESTS, CHART):
            with tarfile.open(archive) as tar:
                tar.extractall(cls.folder, filter="data")

    def pairs(self):
        """Yields each text of the archives with the file that it was made of."""
        roots = ((f"notafter-{VERSION}/", ""), ("notafter/files/dashboards/", "dashboards/"), ("notafter/files/", "alerts/"))
        for packed in sorted(file for file in self.folder.rglob("*") if file.is_file()):
            name = str(packed.relative_to(self.folder))
            root, of = next(((root, of) for root, of in roots if name.startswith(root)), ("notafter/", "charts/notafter/"))
            source = ROOT / of / name.removeprefix(root)
            # helm writes Chart.yaml anew.
            if source.is_file() and source.suffix in (".yaml", ".json", ".md", ".txt") and packed.name != "Chart.yaml":
                yield name, packed.read_text(), source.read_text()

    def test_only_links_differ_from_the_repository(self):
        texts = list(self.pairs())
        self.assertGreater(len(texts), 80)
        without = lambda text: re.sub(r"https://[^\s\"')]+", "", text)
        for name, packed, source in texts:
            self.assertEqual(without(packed), without(source), name)

    def test_nothing_names_main(self):
        named = [name for name, packed, _ in self.pairs() if re.search("(blob|tree)/main/", packed)]
        self.assertEqual(named, [])
        self.assertNotIn("/main/", (self.folder / "notafter/Chart.yaml").read_text())

    def test_every_alert_names_the_runbook_of_the_version(self):
        for rules in (f"notafter-{VERSION}/alerts/notafter.rules.yaml", "notafter/files/notafter.rules.yaml"):
            groups = yaml.safe_load((self.folder / rules).read_text())["groups"]
            alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
            self.assertGreater(len(alerts), 10)
            for rule in alerts:
                self.assertRegex(rule["annotations"]["runbook_url"], rf"^{SITE}/{VERSION}/runbooks/\w+\.html$", rules)

    def test_an_overlay_of_the_archive_builds(self):
        for overlay in ("openshift-platform", "prometheus-operator"):
            folder = self.folder / f"notafter-{VERSION}/manifests/overlays" / overlay
            built = subprocess.run([os.environ["KUBECTL"], "kustomize", folder], capture_output=True, text=True, check=True).stdout
            self.assertIn(f"{SITE}/{VERSION}/runbooks/CertificateExpired.html", built)
            self.assertNotIn(f"{REPOSITORY}/blob/main", built)


if __name__ == "__main__":
    unittest.main()
