"""Builds an OCI image archive from finished layers: https://github.com/opencontainers/image-spec, 1.0.

    oci.py OUTPUT REVISION SECONDS ARCH=LAYER...    a LAYER is a tar file with its .gz beside it

The archive contains an image for one architecture, or an index of images for several. Either is the
only entry of `index.json`: skopeo and podman reject archives with more than one entry. The same input
always gives the same bytes.
"""

import gzip
import hashlib
import io
import json
import sys
import tarfile
import time
import tomllib

OCI = "application/vnd.oci.image"
PORT = 9779


def crate():
    """Returns the package's fields in Cargo.toml, and its license."""
    with open("Cargo.toml", "rb") as file:
        manifest = tomllib.load(file)
    return manifest["package"] | {"license": manifest["workspace"]["package"]["license"]}


class Archive:
    """The files of the archive. They refer to each other by descriptors."""

    def __init__(self, revision, seconds):
        self.files = {}
        self.seconds = int(seconds)
        self.created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.seconds))
        package = crate()
        self.name = f"{package['name']}:{package['version']}"
        self.labels = {f"org.opencontainers.image.{name}": value for name, value in {
            "title": package["name"], "description": package["description"], "version": package["version"],
            "licenses": package["license"], "source": package["repository"], "revision": revision,
        }.items()}

    def blob(self, media_type, data, **more):
        """Adds the data as a blob, and returns its descriptor."""
        if not isinstance(data, bytes):
            data = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
        digest = hashlib.sha256(data).hexdigest()
        self.files[f"blobs/sha256/{digest}"] = data
        return {"mediaType": f"{OCI}.{media_type}", "digest": f"sha256:{digest}", "size": len(data), **more}

    def image(self, arch, tar):
        """Adds an image with one layer, and returns its descriptor."""
        with open(f"{tar}.gz", "rb") as file:
            packed = file.read()
        plain = hashlib.sha256(gzip.decompress(packed)).hexdigest()
        config = self.blob("config.v1+json", {
            "created": self.created, "architecture": arch, "os": "linux",
            # Identical to the Containerfile; a test compares both.
            "config": {
                "User": "65532:65532", "ExposedPorts": {f"{PORT}/tcp": {}}, "WorkingDir": "/",
                "Entrypoint": ["/usr/local/bin/notafter"], "Cmd": ["serve"], "Labels": self.labels,
            },
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{plain}"]},
            "history": [{"created": self.created, "created_by": "release/build"}],
        })
        layer = self.blob("layer.v1.tar+gzip", packed)
        annotations = self.labels | {"org.opencontainers.image.created": self.created}
        manifest = {"config": config, "layers": [layer], "annotations": annotations}
        return self.document("manifest", manifest, platform={"architecture": arch, "os": "linux"})

    def document(self, kind, content, **more):
        """Adds a JSON document of the OCI specification, and returns its descriptor."""
        media_type = f"{kind}.v1+json"
        return self.blob(media_type, {"schemaVersion": 2, "mediaType": f"{OCI}.{media_type}", **content}, **more)

    def finish(self, images):
        """Adds `index.json` with the name of the image, and returns the digest of the image."""
        top = images[0] if len(images) == 1 else self.document("index", {"manifests": images})
        named = top | {"annotations": {"org.opencontainers.image.ref.name": self.name}}
        index = {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": [named]}
        self.files["index.json"] = json.dumps(index, sort_keys=True).encode()
        self.files["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
        return top["digest"]

    def write(self, path):
        """Writes the archive, with nothing in it that depends on this machine."""
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
            for name in sorted(self.files):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mtime, entry.mode = len(self.files[name]), self.seconds, 0o644
                tar.addfile(entry, io.BytesIO(self.files[name]))


if __name__ == "__main__":
    output, revision, seconds, *layers = sys.argv[1:]
    archive = Archive(revision, seconds)
    print(archive.finish([archive.image(*layer.split("=", 1)) for layer in layers]))
    archive.write(output)
