"""Prints the bill of materials of the image for an architecture in CycloneDX 1.6: crates, libraries linked from Debian,
and certificate authorities.

    sbom.py ARCH TARGET TIME FILE...    each FILE belongs to a Debian package that is in the image

Crates that are only needed for the build (build scripts, macros, tests) are not in the image and not
listed.
"""

import functools
import json
import os
import subprocess
import sys
import time
import tomllib
import urllib.parse
import uuid


def output(*command):
    """Returns the output of a command that must succeed."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def crates_in_the_binary(target):
    """Returns names and versions, for the features of the build.

    `cargo metadata` would include the features of the tests.
    """
    edges = ("--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}")
    lines = output("cargo", "tree", "--locked", "--package", "notafter", "--target", target, *edges).splitlines()
    return {(name, version.removeprefix("v")) for name, version, *_ in map(str.split, lines)}


def license_of(expression):
    """Returns the field for a license. Old manifests have a slash instead of the OR of SPDX."""
    return {"licenses": [{"expression": expression.replace("/", " OR ")}]} if expression else {}


def crates(target):
    """Returns the component and the dependencies of every crate, by Cargo's id; notafter comes first."""
    inside = crates_in_the_binary(target)
    with open("Cargo.lock", "rb") as file:
        locked = tomllib.load(file)["package"]
    sums = {(package["name"], package["version"]): package.get("checksum") for package in locked}
    graph = json.loads(output("cargo", "metadata", "--locked", "--format-version=1", "--filter-platform", target))
    components = {}
    notafter_first = lambda crate: (crate["name"] != "notafter", crate["name"], crate["version"])
    for crate in sorted(graph["packages"], key=notafter_first):
        name, version = crate["name"], crate["version"]
        if (name, version) not in inside:
            continue
        reference = f"pkg:cargo/{name}@{urllib.parse.quote(version)}"
        checksum = sums[name, version]
        components[crate["id"]] = {
            "type": "library", "bom-ref": reference, "name": name, "version": version,
            **license_of(crate["license"]), "purl": reference,
            **({"hashes": [{"alg": "SHA-256", "content": checksum}]} if checksum else {}),
        }
    assert len(components) == len(inside), "cargo tree and cargo metadata list different crates"
    needs = {}
    for node in graph["resolve"]["nodes"]:
        normal = [needed["pkg"] for needed in node["deps"] if any(kind["kind"] is None for kind in needed["dep_kinds"])]
        needs[node["id"]] = sorted(components[crate]["bom-ref"] for crate in normal if crate in components)
    return components, needs


@functools.cache
def distribution():
    """Returns the name and version of the distribution, for package URLs."""
    with open("/etc/os-release") as file:
        release = dict(line.strip().split("=", 1) for line in file if "=" in line)
    return release["ID"].strip('"'), release.get("VERSION_ID", "").strip('"')


def package(file):
    """Returns the component of the Debian package that a file belongs to."""
    owner = output("dpkg-query", "--search", os.path.realpath(file)).split(": ")[0].split(",")[0]
    fields = output("dpkg-query", "--show", "--showformat=${Package} ${Version} ${Architecture}", owner)
    name, version, architecture = fields.split()
    system, release = distribution()
    reference = f"pkg:deb/{system}/{name}@{urllib.parse.quote(version)}?arch={architecture}&distro={system}-{release}"
    return {"type": "library", "bom-ref": reference, "name": name, "version": version, "purl": reference}


def bill(arch, target, seconds, files):
    """Returns the bill of materials."""
    components, needs = crates(target)
    application, *others = components
    rust = output("rustc", "--version").split()[1]
    library = {"type": "library", "bom-ref": f"rust-std@{rust}", "name": "rust-std", "version": rust}
    library |= license_of("MIT OR Apache-2.0")
    packages = {component["bom-ref"]: component for component in map(package, files)}
    depends_on = {components[crate]["bom-ref"]: needs[crate] for crate in components}
    depends_on[components[application]["bom-ref"]] += [library["bom-ref"], *sorted(packages)]
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(seconds)))
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {
            "timestamp": when,
            "component": components[application] | {"type": "application"},
            "properties": [{"name": "notafter:architecture", "value": arch}],
        },
        "components": [
            *(components[crate] for crate in others), library, *(packages[name] for name in sorted(packages)),
        ],
        "dependencies": [{"ref": name, "dependsOn": depends_on[name]} for name in depends_on],
    }
    # A different serial number for different content, and always the same one for the same content.
    document["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(document, sort_keys=True)).urn
    return document


if __name__ == "__main__":
    json.dump(bill(*sys.argv[1:4], sys.argv[4:]), sys.stdout, indent=1)
    print()
