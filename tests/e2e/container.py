"""notafter in its image as a container engine runs it: a read-only root, and an arbitrary user."""

import os
import pathlib
import sys

from control_plane import ROOT
from exporter import Exporter

# Of the range that OpenShift assigns to a namespace.
USER = 1000670000
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"

# An engine creates its mount points. The inner unshare drops all capabilities with the user ID.
CONTAINER = f"""
set -e
root=$1 account=$2
mount --bind "$root" "$root"
mount --rbind /proc "$root/proc"
mount --bind "$account" "$root{ACCOUNT}"
for file in hosts resolv.conf; do mount --bind "$account/$file" "$root/etc/$file"; done
mount -o remount,bind,ro "$root"
shift 2
exec unshare --map-user={USER} --map-group=0 --root="$root" --wd=/ "$@"
"""

RESOLVER = """search notafter.svc.cluster.local svc.cluster.local cluster.local
nameserver 127.0.0.1
options ndots:5 timeout:1 attempts:1
"""


def root():
    """Returns the root file system of the image."""
    return pathlib.Path(os.environ["IMAGE_ROOT"])


class Container(Exporter):
    """`notafter serve` in its image. `hosts` are the names of loopback in /etc/hosts.

    With `name`, the container has a network of its own, and in it a DNS server that knows this name.
    """

    def __init__(self, plane, *flags, account, hosts="localhost", name=None):
        self.name = name
        for folder in ("proc", ACCOUNT[1:]):
            (root() / folder).mkdir(parents=True, exist_ok=True)
        for file, content in (("hosts", f"127.0.0.1 {hosts}\n"), ("resolv.conf", RESOLVER)):
            (root() / "etc" / file).touch()
            (account.folder / file).write_text(content)
        super().__init__(plane, *flags, account=account)

    def program(self):
        outside = ["unshare", "--map-root-user", "--mount"]
        if self.name:
            outside += ["--net", sys.executable, ROOT / "tests/e2e/names.py", self.name]
        inside = ["sh", "-c", CONTAINER, "container", root(), self.account.folder]
        return *outside, *inside, "/usr/local/bin/notafter"
