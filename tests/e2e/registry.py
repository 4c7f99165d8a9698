"""Debian's docker-registry on loopback, and the tools that push to it, sign and verify, without any other network."""

import os
import pathlib
import subprocess
import tempfile

from contexts import Process
from control_plane import ROOT, free_port, wait_for

CONFIGURATION = """
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}/registry}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


class Registry(Process):
    """A registry without TLS, terminated at the end of a context, with a home folder for its tools."""

    def __init__(self):
        self.folder, self.port = pathlib.Path(tempfile.mkdtemp(prefix="registry-")), free_port()
        self.name = f"127.0.0.1:{self.port}/notafter"
        configuration = self.folder / "registry.yml"
        configuration.write_text(CONFIGURATION.format(folder=self.folder, port=self.port))
        # A proxy that is not there: Go asks it for everything but loopback.
        self.environment = {
            "HOME": str(self.folder), "TMPDIR": str(self.folder), "PATH": os.environ["PATH"], "COSIGN_PASSWORD": "",
            "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9",
            "LD_LIBRARY_PATH": os.environ["LIBRARIES"],
            **{name: os.environ[name] for name in ("SKOPEO", "HELM", "COSIGN") if name in os.environ},
        }
        program = pathlib.Path(os.environ["REGISTRY"], "usr/bin/docker-registry")
        super().__init__(program, "serve", configuration, log=self.folder / "registry.log")
        self.policy = self.folder / "policy.json"
        self.policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        wait_for("the registry", lambda: "listening on" in (self.folder / "registry.log").read_text())

    def run(self, *command, **environment):
        """Returns what happened with a command that may use the registry."""
        return subprocess.run(command, env=self.environment | environment, cwd=self.folder, capture_output=True, text=True, timeout=300)

    def skopeo(self, *arguments):
        return self.run(os.environ["SKOPEO"], "--policy", self.policy, *arguments)

    def key(self, name):
        """Makes a pair of keys, and returns the files of the private and of the public one."""
        made = self.run(os.environ["COSIGN"], "generate-key-pair", "--output-key-prefix", name)
        assert made.returncode == 0, made.stderr
        return self.folder / f"{name}.key", self.folder / f"{name}.pub"

    def verify(self, public, reference):
        flags = "--key", public, "--insecure-ignore-tlog", "--allow-http-registry"
        return self.run(os.environ["COSIGN"], "verify", *flags, reference)

    def verify_file(self, public, file, bundle):
        flags = "--key", public, "--insecure-ignore-tlog", "--bundle", bundle
        return self.run(os.environ["COSIGN"], "verify-blob", *flags, file)

    def publish(self, key, folder, *flags, **environment):
        return self.run(ROOT / "release/publish", "--key", key, "--plain-http", *flags, self.name, folder, **environment)
