"""The image: an archive that engines accept, reproducible, with every file accounted for."""

import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
import unittest

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import get_spdx_licensing

from control_plane import ROOT

ARCHIVE = pathlib.Path(os.environ["IMAGE_ARCHIVE"])
BINARY = "usr/local/bin/notafter"
BILL = "usr/share/sbom/notafter.cdx.json"
FILES = [
    BINARY, BILL, "etc/nsswitch.conf", "etc/ssl/certs/ca-certificates.crt", "licenses/LICENSE", "licenses/THIRD-PARTY.txt",
]


def skopeo(*arguments):
    """Runs skopeo, which reads images with the library of podman and CRI-O."""
    environment = os.environ | {"LD_LIBRARY_PATH": os.environ["LIBRARIES"]}
    return subprocess.run([os.environ["SKOPEO"], *arguments], env=environment, capture_output=True, text=True)


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tarfile.open(ARCHIVE) as tar:
            cls.files = {member.name: tar.extractfile(member).read() for member in tar}
        [cls.image] = json.loads(cls.files["index.json"])["manifests"]
        cls.manifest = json.loads(cls.blob(cls.image))
        cls.config = json.loads(cls.blob(cls.manifest["config"]))
        [layer] = cls.manifest["layers"]
        cls.layer = tarfile.open(fileobj=io.BytesIO(gzip.decompress(cls.blob(layer))))

    @classmethod
    def blob(cls, descriptor):
        return cls.files["blobs/" + descriptor["digest"].replace(":", "/")]

    def read(self, file):
        return self.layer.extractfile(file).read()


class Archive(ImageTest):
    def test_every_descriptor_is_true_and_every_blob_has_one(self):
        described = [self.image, self.manifest["config"], *self.manifest["layers"]]
        types = ["manifest.v1+json", "config.v1+json", "layer.v1.tar+gzip"]
        for descriptor, type in zip(described, types, strict=True):
            data = self.blob(descriptor)
            digest = "sha256:" + hashlib.sha256(data).hexdigest()
            self.assertEqual((descriptor["digest"], descriptor["size"]), (digest, len(data)))
            self.assertEqual(descriptor["mediaType"], f"application/vnd.oci.image.{type}")
        [layer] = self.manifest["layers"]
        plain = hashlib.sha256(gzip.decompress(self.blob(layer))).hexdigest()
        self.assertEqual(self.config["rootfs"]["diff_ids"], [f"sha256:{plain}"])
        self.assertEqual(len(self.files), len(described) + len(["index.json", "oci-layout"]))

    def test_engines_accept_it_and_refuse_it_with_one_wrong_bit(self):
        with tempfile.TemporaryDirectory() as folder:
            copied = skopeo("--insecure-policy", "copy", f"oci-archive:{ARCHIVE}", f"dir:{folder}/copy")
            self.assertEqual(copied.returncode, 0, copied.stderr)
            data = bytearray(ARCHIVE.read_bytes())
            data[data.index(self.blob(self.manifest["layers"][0])) + 1000] ^= 1
            broken = pathlib.Path(folder, "broken.tar")
            broken.write_bytes(data)
            refused = skopeo("--insecure-policy", "copy", f"oci-archive:{broken}", f"dir:{folder}/broken")
            self.assertNotEqual(refused.returncode, 0)

    def test_its_configuration_is_that_of_the_containerfile(self):
        lines = (ROOT / "Containerfile").read_text().splitlines()
        wanted = dict(line.split(" ", 1) for line in lines if re.match("USER|EXPOSE|ENTRYPOINT|CMD", line))
        config = self.config["config"]
        self.assertEqual(config["User"], wanted["USER"])
        self.assertEqual(config["ExposedPorts"], {f"{wanted['EXPOSE']}/tcp": {}})
        self.assertEqual(config["Entrypoint"], json.loads(wanted["ENTRYPOINT"]))
        self.assertEqual(config["Cmd"], json.loads(wanted["CMD"]))
        self.assertEqual(config["Entrypoint"], [f"/{BINARY}"])

    def test_its_labels_name_the_commit(self):
        about = tomllib.loads((ROOT / "Cargo.toml").read_text())
        inspected = json.loads(skopeo("inspect", f"oci-archive:{ARCHIVE}").stdout)
        labels = {key.removeprefix("org.opencontainers.image."): value for key, value in inspected["Labels"].items()}
        revision, package = labels.pop("revision"), about["package"]
        self.assertEqual(labels, {
            "title": "notafter", "licenses": about["workspace"]["package"]["license"],
            "description": package["description"], "version": package["version"], "source": package["repository"],
        })
        commit = ("git", "-C", ROOT, "describe", "--always", "--exclude=*", "--abbrev=40", "--dirty")
        self.assertEqual(revision, subprocess.run(commit, capture_output=True, text=True).stdout.strip())
        self.assertTrue(revision[:12].encode() in self.read(BINARY), revision)

    def test_nothing_in_it_can_be_executed_but_notafter(self):
        members = list(self.layer)
        self.assertEqual([member.name for member in members if member.isfile()], sorted(FILES))
        for member in members:
            self.assertTrue(member.isfile() or member.isdir(), member.name)
            self.assertEqual((member.uid, member.gid), (0, 0), member.name)
            mode = 0o755 if member.isdir() or member.name == BINARY else 0o644
            self.assertEqual((member.mode, member.mtime), (mode, members[0].mtime), member.name)

    def test_an_engine_finds_its_own_architecture_among_several(self):
        [packed] = self.manifest["layers"]
        with tempfile.TemporaryDirectory() as folder:
            both, layer = pathlib.Path(folder, "both.tar"), pathlib.Path(folder, "layer.tar")
            pathlib.Path(f"{layer}.gz").write_bytes(self.blob(packed))
            command = ["python3", "release/oci.py", both, "a-commit", "0", f"amd64={layer}", f"arm64={layer}"]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            for arch in ("amd64", "arm64"):
                inspected = json.loads(skopeo(f"--override-arch={arch}", "inspect", f"oci-archive:{both}").stdout)
                self.assertEqual(inspected["Architecture"], arch)
            copied = skopeo("--insecure-policy", "copy", "--all", f"oci-archive:{both}", f"dir:{folder}/copy")
            self.assertEqual(copied.returncode, 0, copied.stderr)
            self.assertEqual(len(list(pathlib.Path(folder, "copy").glob("*.manifest.json"))), 2)

    def test_the_error_names_the_compiler_that_another_architecture_needs(self):
        with tempfile.TemporaryDirectory() as folder:
            for tool in ("bash", "dirname"):
                pathlib.Path(folder, tool).symlink_to(shutil.which(tool))
            for arch, status, text in ("arm64", 1, "gcc-aarch64-linux-gnu"), ("arm", 2, "none of amd64, arm64, ppc64le, s390x"):
                command = ("bash", ROOT / "release/cargo", arch, "build")
                done = subprocess.run(command, env={"PATH": folder}, capture_output=True, text=True)
                self.assertEqual(done.returncode, status)
                self.assertIn(text, done.stderr)

    def test_the_binary_contains_no_path_of_the_machine_that_built_it(self):
        binary = self.read(BINARY)
        home = os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo")
        for folder in (ROOT, home, pathlib.Path.home() / ".rustup"):
            self.assertNotIn(f"{folder}/".encode(), binary)
        self.assertIn(b"/crates/", binary, "paths are shortened, not removed")


class Bill(ImageTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        [cls.file] = ARCHIVE.parent.glob("*.cdx.json")
        cls.bill = json.loads(cls.file.read_text())

    def test_it_is_valid_and_in_the_image(self):
        text = self.file.read_text()
        validator = JsonStrictValidator(SchemaVersion.V1_6)
        self.assertIsNone(validator.validate_str(text))
        self.assertIsNotNone(validator.validate_str(text.replace('"purl"', '"pearl"')), "the validator works")
        self.assertEqual(self.read(BILL).decode(), text)
        components = [self.bill["metadata"]["component"], *self.bill["components"]]
        names = [component["bom-ref"] for component in components]
        self.assertEqual(len(names), len(set(names)))
        for dependency in self.bill["dependencies"]:
            self.assertLessEqual({dependency["ref"], *dependency["dependsOn"]}, set(names))

    def of(self, kind):
        """Returns the components whose package URL is of that kind."""
        components = self.bill["components"]
        return [component for component in components if component.get("purl", "").startswith(f"pkg:{kind}/")]

    def test_every_crate_has_a_checksum_and_a_license_that_spdx_knows(self):
        spdx = get_spdx_licensing()
        crates = self.of("cargo")
        self.assertGreater(len(crates), 100)
        for crate in crates:
            self.assertRegex(crate["hashes"][0]["content"], "^[0-9a-f]{64}$", crate["name"])
            self.assertEqual(spdx.validate(crate["licenses"][0]["expression"]).errors, [], crate["name"])

    def test_every_crate_in_the_paths_of_the_binary_is_listed(self):
        named = set(re.findall(rb"/crates/([A-Za-z0-9_-]+?)-(\d+\.\d+\.\d+[^/]*)/", self.read(BINARY)))
        listed = {(crate["name"].encode(), crate["version"].encode()) for crate in self.of("cargo")}
        self.assertGreater(len(named), 20)
        self.assertLessEqual(named, listed)

    def test_no_dependency_of_builds_or_tests_is_listed(self):
        listed = {component["name"] for component in self.bill["components"]}
        self.assertEqual(listed & {"cc", "serde_derive", "tempfile", "fastrand", "notafter-simulator"}, set())

    def test_debian_packages_are_listed(self):
        packages = [package["purl"] for package in self.of("deb")]
        for name in ("ca-certificates@", "libc6-dev", "libgcc-"):
            self.assertEqual(len([package for package in packages if f"/{name}" in package]), 1, packages)
