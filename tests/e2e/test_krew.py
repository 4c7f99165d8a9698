"""krew's manifest: krew's own check accepts it, and krew installs the plugin by it."""

import http.server
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import unittest

import yaml

from control_plane import ROOT, shared

ARCHES = "amd64", "arm64"
THIS = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]


def archive(folder, version, arch):
    """Copies the archive of release/build under a name."""
    path = folder / f"notafter-{version}-linux-{arch}.tar.gz"
    [built] = pathlib.Path(os.environ["DIST"]).glob("notafter-*-linux-*.tar.gz")
    return pathlib.Path(shutil.copy(built, path))


class Served:
    """A folder, served for downloads."""

    def __init__(self, folder):
        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=folder)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Krew(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "kubectl").symlink_to(os.environ["KUBECTL"])
        (programs / "kubectl-krew").symlink_to(os.environ["KREW"])
        self.root = self.folder / "krew"
        path = f"{programs}:{self.root}/bin:{os.environ['PATH']}"
        self.environment = {"PATH": path, "HOME": str(self.folder), "KREW_ROOT": str(self.root)}

    def make(self, *arguments):
        """Makes the manifest, and returns what happened."""
        command = ROOT / "release/krew", "--output", self.folder / "notafter.yaml", *arguments
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def run_in_root(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)

    def test_the_check_of_krew_accepts_it_and_installs_each_platform(self):
        archives = [archive(self.folder, "1.2.3", arch) for arch in ARCHES]
        with Served(self.folder) as served:
            made = self.make("--url", served.url, *archives)
            self.assertEqual((made.returncode, made.stderr), (0, ""))
            done = self.run_in_root(os.environ["KREW_CHECK"], "--manifest", self.folder / "notafter.yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("all 2 spec.platforms installed fine", done.stderr)

    def test_kubectl_finds_the_plugin_that_krew_has_installed(self):
        path = archive(self.folder, "1.2.3", THIS)
        self.assertEqual(self.make(path).returncode, 0)
        manifest = self.folder / "notafter.yaml"
        done = self.run_in_root("kubectl", "krew", "install", "--manifest", manifest, "--archive", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        pem = self.folder / "absent.pem"
        done = self.run_in_root("kubectl", "notafter", "scan", pem)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("there is no such file", done.stdout)
        plane = shared()
        plane.create_namespaces("installed-by-krew")
        real = "--namespace", "installed-by-krew", "--kubeconfig", plane.kubeconfig
        done = self.run_in_root("kubectl", "notafter", "scan", *real)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("kubectl notafter scan", self.run_in_root("kubectl", "notafter", "scan", "--help").stdout)

    def test_an_archive_that_has_changed_since_is_refused(self):
        path = archive(self.folder, "1.2.3", THIS)
        self.assertEqual(self.make(path).returncode, 0)
        path.write_bytes(path.read_bytes() + b"\0")
        manifest = self.folder / "notafter.yaml"
        done = self.run_in_root("kubectl", "krew", "install", "--manifest", manifest, "--archive", path)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("checksum does not match", done.stderr)

    def test_it_names_the_archives_of_the_release(self):
        self.make(*[archive(self.folder, "1.2.3-rc.1", arch) for arch in ARCHES])
        spec = yaml.safe_load((self.folder / "notafter.yaml").read_text())["spec"]
        self.assertEqual(spec["version"], "v1.2.3-rc.1")
        self.assertEqual([platform["uri"] for platform in spec["platforms"]], [
            f"{spec['homepage']}/releases/download/v1.2.3-rc.1/notafter-1.2.3-rc.1-linux-{arch}.tar.gz" for arch in ARCHES])

    def test_archives_that_do_not_belong_together_are_named(self):
        one, other = archive(self.folder, "1.2.3", "amd64"), archive(self.folder, "1.2.4", "arm64")
        unnamed = self.folder / "notafter.tar.gz"
        unnamed.write_bytes(b"")
        twice = self.folder / "twice"
        twice.mkdir()
        for archives, message in (
            ([one, other], "several versions: 1.2.3, 1.2.4"),
            ([unnamed], "the name is not notafter-VERSION-OS-ARCH.tar.gz"),
            ([one, archive(twice, "1.2.3", "amd64")], "there is another archive for linux/amd64"),
            ([self.folder / "notafter-1.2.3-linux-arm64.tar.gz"], "No such file or directory"),
        ):
            with self.subTest(message):
                made = self.make(*archives)
                self.assertEqual(made.returncode, 1)
                self.assertIn(message, made.stderr)


if __name__ == "__main__":
    unittest.main()
