"""The image: an archive that engines take, with nothing in it that is not accounted for, the same every time."""

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
FILES = [BINARY, BILL, "etc/nsswitch.conf", "etc/ssl/certs/ca-certificates.crt", "licenses/LICENSE"]


def skopeo(*arguments):
    """What the library that podman and CRI-O pull images with makes of an archive."""
    environment = os.environ | {"LD_LIBRARY_PATH": os.environ["LIBRARIES"]}
    return subprocess.run([os.environ["SKOPEO"], *arguments], env=environment, capture_output=True, text=True)


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tarfile.open(ARCHIVE) as tar:
            cls.files = {it.name: tar.extractfile(it).read() for it in tar}
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
    def test_every_descriptor_tells_the_truth_and_no_blob_is_without_one(self):
        described = [self.image, self.manifest["config"], *self.manifest["layers"]]
        for it in described:
            data = self.blob(it)
            self.assertEqual((it["digest"], it["size"]), ("sha256:" + hashlib.sha256(data).hexdigest(), len(data)))
        kinds = ["manifest.v1+json", "config.v1+json", "layer.v1.tar+gzip"]
        self.assertEqual([it["mediaType"] for it in described], [f"application/vnd.oci.image.{it}" for it in kinds])
        [layer] = self.manifest["layers"]
        plain = hashlib.sha256(gzip.decompress(self.blob(layer))).hexdigest()
        self.assertEqual(self.config["rootfs"]["diff_ids"], [f"sha256:{plain}"])
        self.assertEqual(len(self.files), len(described) + len(["index.json", "oci-layout"]))

    def test_engines_take_it_and_would_not_if_a_bit_were_wrong(self):
        with tempfile.TemporaryDirectory() as folder:
            copied = skopeo("--insecure-policy", "copy", f"oci-archive:{ARCHIVE}", f"dir:{folder}/copy")
            self.assertEqual(copied.returncode, 0, copied.stderr)
            data = bytearray(ARCHIVE.read_bytes())
            data[data.index(self.blob(self.manifest["layers"][0])) + 1000] ^= 1
            broken = pathlib.Path(folder, "broken.tar")
            broken.write_bytes(data)
            refused = skopeo("--insecure-policy", "copy", f"oci-archive:{broken}", f"dir:{folder}/broken")
            self.assertNotEqual(refused.returncode, 0)

    def test_it_starts_what_the_containerfile_starts(self):
        lines = (ROOT / "Containerfile").read_text().splitlines()
        told = dict(it.split(" ", 1) for it in lines if re.match("USER|EXPOSE|ENTRYPOINT|CMD", it))
        config = self.config["config"]
        self.assertEqual(config["User"], told["USER"])
        self.assertEqual(config["ExposedPorts"], {f"{told['EXPOSE']}/tcp": {}})
        self.assertEqual(config["Entrypoint"], json.loads(told["ENTRYPOINT"]))
        self.assertEqual(config["Cmd"], json.loads(told["CMD"]))
        self.assertEqual(config["Entrypoint"], [f"/{BINARY}"])

    def test_it_says_which_commit_it_is_of(self):
        about = tomllib.loads((ROOT / "Cargo.toml").read_text())
        inspected = json.loads(skopeo("inspect", f"oci-archive:{ARCHIVE}").stdout)
        labels = {it.removeprefix("org.opencontainers.image."): of for it, of in inspected["Labels"].items()}
        revision = labels.pop("revision")
        self.assertEqual(labels, {
            "title": "notafter", "licenses": about["workspace"]["package"]["license"],
            **{it: about["package"][it] for it in ("description", "version")}, "source": about["package"]["repository"],
        })
        commit = ("git", "-C", ROOT, "describe", "--always", "--exclude=*", "--abbrev=40", "--dirty")
        self.assertEqual(revision, subprocess.run(commit, capture_output=True, text=True).stdout.strip())
        self.assertIn(revision[:12].encode(), self.read(BINARY))

    def test_there_is_nothing_in_it_that_could_be_started_but_notafter(self):
        entries = {it.name: it for it in self.layer}
        self.assertEqual([it for it in entries if entries[it].isfile()], sorted(FILES))
        for name, it in entries.items():
            self.assertTrue(it.isfile() or it.isdir(), name)
            self.assertEqual((it.uid, it.gid), (0, 0), name)
            self.assertEqual(it.mode, 0o755 if it.isdir() or name == BINARY else 0o644, name)
            self.assertEqual(it.mtime, self.layer.getmember(BINARY).mtime, name)

    def test_the_same_commit_makes_the_same_archive(self):
        with tempfile.TemporaryDirectory() as folder:
            # Another day, another time zone, other rights of new files, another language.
            odd = os.environ | {"TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"}
            command = f'umask 077 && exec "{ROOT}/image/build" --output "{folder}"'
            subprocess.run(["sh", "-c", command], env=odd, check=True, capture_output=True)
            self.assertEqual(pathlib.Path(folder, ARCHIVE.name).read_bytes(), ARCHIVE.read_bytes())

    def test_of_several_architectures_an_engine_finds_its_own(self):
        layer = next(ARCHIVE.parent.glob("*/layer.tar"))
        with tempfile.TemporaryDirectory() as folder:
            both = pathlib.Path(folder, "both.tar")
            command = ["python3", "image/archive.py", both, "a-commit", "0", f"amd64={layer}", f"arm64={layer}"]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            for arch in ("amd64", "arm64"):
                told = json.loads(skopeo(f"--override-arch={arch}", "inspect", f"oci-archive:{both}").stdout)
                self.assertEqual(told["Architecture"], arch)
            copied = skopeo("--insecure-policy", "copy", "--all", f"oci-archive:{both}", f"dir:{folder}/copy")
            self.assertEqual(copied.returncode, 0, copied.stderr)
            self.assertEqual(len(list(pathlib.Path(folder, "copy").glob("*.manifest.json"))), 2)

    def test_what_another_architecture_lacks_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            for tool in ("bash", "dirname"):
                pathlib.Path(folder, tool).symlink_to(shutil.which(tool))
            for arch, status, text in ("arm64", 1, "gcc-aarch64-linux-gnu"), ("s390x", 2, "neither amd64 nor arm64"):
                command = ("bash", ROOT / "image/cargo", arch, "build")
                done = subprocess.run(command, env={"PATH": folder}, capture_output=True, text=True)
                self.assertEqual(done.returncode, status)
                self.assertIn(text, done.stderr)

    def test_the_binary_has_no_path_of_the_machine_that_made_it(self):
        binary = self.read(BINARY)
        home = os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo")
        for folder in (ROOT, home, pathlib.Path.home() / ".rustup"):
            self.assertNotIn(f"{folder}/".encode(), binary)
        self.assertIn(b"/crates/", binary, "paths are written anew, not left out")


class Bill(ImageTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        [cls.file] = ARCHIVE.parent.glob("*.cdx.json")
        cls.bill = json.loads(cls.file.read_text())

    def test_it_is_valid_and_the_one_in_the_image(self):
        text = self.file.read_text()
        validator = JsonStrictValidator(SchemaVersion.V1_6)
        self.assertIsNone(validator.validate_str(text))
        self.assertIsNotNone(validator.validate_str(text.replace('"purl"', '"pearl"')), "it does look")
        self.assertEqual(self.read(BILL).decode(), text)
        names = [it["bom-ref"] for it in [self.bill["metadata"]["component"], *self.bill["components"]]]
        self.assertEqual(len(names), len(set(names)))
        for it in self.bill["dependencies"]:
            self.assertLessEqual({it["ref"], *it["dependsOn"]}, set(names))

    def test_every_crate_has_a_checksum_and_a_license_that_spdx_knows(self):
        spdx = get_spdx_licensing()
        crates = [it for it in self.bill["components"] if it.get("purl", "").startswith("pkg:cargo/")]
        self.assertGreater(len(crates), 100)
        for it in crates:
            self.assertRegex(it["hashes"][0]["content"], "^[0-9a-f]{64}$", it["name"])
            self.assertEqual(spdx.validate(it["licenses"][0]["expression"]).errors, [], it["name"])

    def test_every_crate_that_the_binary_names_is_in_it(self):
        named = set(re.findall(rb"/crates/([A-Za-z0-9_-]+?)-(\d+\.\d+\.\d+[^/]*)/", self.read(BINARY)))
        told = {(it["name"].encode(), it["version"].encode()) for it in self.bill["components"]}
        self.assertGreater(len(named), 20)
        self.assertLessEqual(named, told)

    def test_nothing_that_only_builds_or_tests_is_in_it(self):
        told = {it["name"] for it in self.bill["components"]}
        self.assertEqual(told & {"cc", "serde_derive", "tempfile", "fastrand", "notafter-simulator"}, set())

    def test_it_names_what_is_not_of_rust(self):
        packages = [it["purl"] for it in self.bill["components"] if it.get("purl", "").startswith("pkg:deb/")]
        for name in ("ca-certificates@", "libc6-dev", "libgcc-"):
            self.assertEqual(len([it for it in packages if f"/{name}" in it]), 1, packages)
