"""A release is built again with the same bytes, and goes into a registry and back, with signatures."""

import gzip
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import unittest

from control_plane import ROOT, shared
from registry import Registry

DIST = pathlib.Path(os.environ["DIST"])
[IMAGE] = DIST.glob("notafter-*-oci.tar")
VERSION = IMAGE.name.removeprefix("notafter-").removesuffix("-oci.tar")
NAMESPACE = "published"


class Built(unittest.TestCase):
    def test_the_same_commit_builds_the_same_files(self):
        with tempfile.TemporaryDirectory() as folder:
            # Another time, another time zone, other permissions of new files, another language.
            odd = os.environ | {"TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"}
            command = f'umask 077 && exec "{ROOT}/release/build" --output "{folder}"'
            subprocess.run(["sh", "-c", command], env=odd, check=True, capture_output=True)
            self.assertEqual(pathlib.Path(folder, "SHA256SUMS").read_text(), (DIST / "SHA256SUMS").read_text())


class Published(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.registry = cls.enterClassContext(Registry())
        cls.dist = cls.registry.folder / "dist"
        shutil.copytree(DIST, cls.dist)
        cls.key, cls.public = cls.registry.key("ours")
        _, cls.stranger = cls.registry.key("stranger")
        cls.outputs = cls.registry.folder / "outputs"
        done = cls.registry.publish(cls.key, cls.dist, GITHUB_OUTPUT=str(cls.outputs))
        assert done.returncode == 0, done.stderr
        *pushed, cls.bundle = done.stdout.splitlines()
        cls.pushed = dict(line.split(" ") for line in pushed)

    def references(self):
        """Returns what was published, by digest."""
        return [f"{name.rpartition(':')[0]}@{digest}" for name, digest in self.pushed.items()]

    def test_the_image_and_the_chart_are_there_under_the_version_with_the_digest_that_was_built(self):
        names = [f"{self.registry.name}/notafter:{VERSION}", f"{self.registry.name}/charts/notafter:{VERSION}"]
        self.assertEqual(list(self.pushed), names)
        with tarfile.open(IMAGE) as tar:
            [built] = json.load(tar.extractfile("index.json"))["manifests"]
        self.assertEqual(self.pushed[f"{self.registry.name}/notafter:{VERSION}"], built["digest"])

    def test_the_later_steps_of_a_workflow_are_told_the_names_and_digests(self):
        written = dict(line.split("=") for line in self.outputs.read_text().splitlines())
        for kind, (name, digest) in zip(("image", "chart"), self.pushed.items(), strict=True):
            self.assertEqual((written[kind], written[f"{kind}-digest"]), (name.rpartition(":")[0], digest))

    def test_a_signature_is_valid_with_the_key_and_with_no_other(self):
        for reference in self.references():
            verified = self.registry.verify(self.public, reference)
            self.assertEqual(verified.returncode, 0, verified.stderr)
            refused = self.registry.verify(self.stranger, reference)
            self.assertNotEqual(refused.returncode, 0)

    def test_the_checksums_are_signed_and_one_changed_bit_is_noticed(self):
        sums = self.dist / "SHA256SUMS"
        verified = self.registry.verify_file(self.public, sums, self.bundle)
        self.assertEqual(verified.returncode, 0, verified.stderr)
        changed = self.registry.folder / "changed"
        changed.write_bytes(sums.read_bytes()[:-1])
        self.assertNotEqual(self.registry.verify_file(self.public, changed, self.bundle).returncode, 0)
        self.assertNotEqual(self.registry.verify_file(self.stranger, sums, self.bundle).returncode, 0)

    def test_the_same_again_changes_nothing_and_other_content_is_refused(self):
        again = self.registry.publish(self.key, self.dist)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(dict(line.split(" ") for line in again.stdout.splitlines()[:-1]), self.pushed)
        other = self.registry.folder / "other"
        shutil.copytree(self.dist, other)
        with tarfile.open(IMAGE) as tar:
            [image] = json.load(tar.extractfile("index.json"))["manifests"]
            manifest = json.load(tar.extractfile(f"blobs/sha256/{image['digest'].removeprefix('sha256:')}"))
            layer = tar.extractfile(f"blobs/sha256/{manifest['layers'][0]['digest'].removeprefix('sha256:')}").read()
        (other / "layer.tar.gz").write_bytes(layer)
        command = "python3", "release/oci.py", other / IMAGE.name, "another-commit", "0", f"amd64={other}/layer.tar"
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        sums = "sha256sum notafter-* notafter.yaml >SHA256SUMS"
        subprocess.run(sums, shell=True, cwd=other, check=True)
        refused = self.registry.publish(self.key, other)
        self.assertEqual(refused.returncode, 1)
        self.assertIn(f"{self.registry.name}/notafter:{VERSION} is published already, as sha256:", refused.stderr)

    def test_what_is_wrong_is_named_before_anything_is_pushed(self):
        empty, changed, chartless = (self.registry.folder / name for name in ("empty", "damaged", "chartless"))
        empty.mkdir()
        shutil.copytree(self.dist, changed)
        (changed / "notafter.yaml").write_text("")
        shutil.copytree(self.dist, chartless)
        (chartless / f"notafter-{VERSION}.tgz").unlink()
        sums = "sha256sum notafter-* notafter.yaml >SHA256SUMS"
        subprocess.run(sums, shell=True, cwd=chartless, check=True)
        for folder, flags, status, message in (
            (empty, (), 1, "SHA256SUMS is missing: run release/build before"),
            (changed, (), 1, "notafter.yaml: FAILED"),
            (chartless, (), 1, f"notafter-{VERSION}.tgz is missing: release/build packs it when it finds helm"),
            (self.dist, ("--insecure",), 2, "--insecure is neither --key nor --plain-http"),
        ):
            with self.subTest(message):
                refused = self.registry.publish(self.key, folder, *flags)
                self.assertEqual(refused.returncode, status)
                self.assertIn(message, refused.stderr + refused.stdout)

    def test_the_program_of_the_published_image_reads_the_real_api_server(self):
        plane = shared()
        plane.create_namespaces(NAMESPACE)
        pulled = self.registry.folder / "pulled"
        copied = self.registry.skopeo("copy", "--src-tls-verify=false", f"docker://{self.references()[0]}", f"dir:{pulled}")
        self.assertEqual(copied.returncode, 0, copied.stderr)
        [layer] = json.loads((pulled / "manifest.json").read_text())["layers"]
        data = gzip.decompress((pulled / layer["digest"].removeprefix("sha256:")).read_bytes())
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            tar.extract("usr/local/bin/notafter", pulled, filter="data")
        command = pulled / "usr/local/bin/notafter", "scan", "--namespace", NAMESPACE, "--kubeconfig", plane.kubeconfig
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)


if __name__ == "__main__":
    unittest.main()
