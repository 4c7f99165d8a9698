"""notafter in its image, as a container engine would run it: nothing but the image, read-only, as any user at all."""

import os
import pathlib
import sys

from control_plane import ROOT
from exporter import Exporter

# Out of the range that OpenShift gives to a namespace.
USER = 1000670000
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"

# An engine makes what it mounts on. The inner unshare gives up all rights together with the user id.
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
    """The image's root file system."""
    return pathlib.Path(os.environ["IMAGE_ROOT"])


class Container(Exporter):
    """`notafter serve` in its image. What /etc/hosts says of loopback can be given; or the one name that a name server
    knows, and then there is no network but that."""

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
