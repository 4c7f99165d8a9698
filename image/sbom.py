"""What is in the image, as CycloneDX 1.6: crates, what is linked from Debian, the certificates of authorities.

    sbom.py ARCH TARGET TIME FILE...    FILEs are those of Debian packages that the image is made of

Only what is in the image: crates that the build alone needs (build scripts, macros, tests) are not.
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


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def crates_in_the_binary(target):
    """Names and versions, as the build resolves their features: `cargo metadata` would count those of tests, too."""
    edges = ("--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}")
    lines = said("cargo", "tree", "--locked", "--package", "notafter", "--target", target, *edges).splitlines()
    return {(name, version.removeprefix("v")) for name, version, *_ in map(str.split, lines)}


def license_of(expression):
    """Old manifests have a slash where SPDX has OR."""
    return {"licenses": [{"expression": expression.replace("/", " OR ")}]} if expression else {}


def crates(target):
    """The component of every crate by Cargo's id, and which of them each one needs; the first is notafter itself."""
    inside = crates_in_the_binary(target)
    with open("Cargo.lock", "rb") as file:
        sums = {(it["name"], it["version"]): it.get("checksum") for it in tomllib.load(file)["package"]}
    graph = json.loads(said("cargo", "metadata", "--locked", "--format-version=1", "--filter-platform", target))
    components = {}
    for it in sorted(graph["packages"], key=lambda it: (it["name"] != "notafter", it["name"], it["version"])):
        if (name := (it["name"], it["version"])) not in inside:
            continue
        reference = f"pkg:cargo/{it['name']}@{urllib.parse.quote(it['version'])}"
        components[it["id"]] = {
            "type": "library", "bom-ref": reference, "name": it["name"], "version": it["version"],
            **license_of(it["license"]), "purl": reference,
            **({"hashes": [{"alg": "SHA-256", "content": sums[name]}]} if sums[name] else {}),
        }
    assert len(components) == len(inside), "Cargo tells of the same crates twice"
    needs = {}
    for node in graph["resolve"]["nodes"]:
        normal = [it["pkg"] for it in node["deps"] if any(kind["kind"] is None for kind in it["dep_kinds"])]
        needs[node["id"]] = sorted(components[it]["bom-ref"] for it in normal if it in components)
    return components, needs


@functools.cache
def distribution():
    """Name and version, for package URLs."""
    with open("/etc/os-release") as file:
        told = dict(line.strip().split("=", 1) for line in file if "=" in line)
    return told["ID"].strip('"'), told.get("VERSION_ID", "").strip('"')


def package(file):
    """The component of the Debian package that a file is of."""
    owner = said("dpkg-query", "--search", os.path.realpath(file)).split(": ")[0].split(",")[0]
    told = said("dpkg-query", "--show", "--showformat=${Package} ${Version} ${Architecture}", owner).split()
    name, version, architecture = told
    system, release = distribution()
    reference = f"pkg:deb/{system}/{name}@{urllib.parse.quote(version)}?arch={architecture}&distro={system}-{release}"
    return {"type": "library", "bom-ref": reference, "name": name, "version": version, "purl": reference}


def bill(arch, target, seconds, files):
    components, needs = crates(target)
    application, *others = components
    rust = said("rustc", "--version").split()[1]
    library = {"type": "library", "bom-ref": f"rust-std@{rust}", "name": "rust-std", "version": rust}
    library |= license_of("MIT OR Apache-2.0")
    packages = {it["bom-ref"]: it for it in map(package, files)}
    below = {components[it]["bom-ref"]: needs[it] for it in components}
    below[components[application]["bom-ref"]] += [library["bom-ref"], *sorted(packages)]
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(seconds)))
    told = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {
            "timestamp": when,
            "component": components[application] | {"type": "application"},
            "properties": [{"name": "notafter:architecture", "value": arch}],
        },
        "components": [components[it] for it in others] + [library, *(packages[it] for it in sorted(packages))],
        "dependencies": [{"ref": it, "dependsOn": below[it]} for it in below],
    }
    # A number of its own for every content, and always the same for the same.
    told["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(told, sort_keys=True)).urn
    return told


if __name__ == "__main__":
    json.dump(bill(*sys.argv[1:4], sys.argv[4:]), sys.stdout, indent=1)
    print()
