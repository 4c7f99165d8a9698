"""Makes an OCI image archive of layers that are there: https://github.com/opencontainers/image-spec, 1.0.

    archive.py OUTPUT REVISION SECONDS ARCH=LAYER...    a LAYER is a tar file with its .gz beside it

Of one architecture it is an image, of several an index of images. Either is the only entry of `index.json`: skopeo
and podman take no archive that has more than one there. The same input makes the same bytes.
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
    with open("Cargo.toml", "rb") as file:
        told = tomllib.load(file)
    return told["package"] | {"license": told["workspace"]["package"]["license"]}


class Archive:
    """The files of the archive, and the descriptors by which they name each other."""

    def __init__(self, revision, seconds):
        self.files = {}
        self.seconds = int(seconds)
        self.created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.seconds))
        about = crate()
        self.name = f"{about['name']}:{about['version']}"
        self.labels = {f"org.opencontainers.image.{it}": value for it, value in {
            "title": about["name"], "description": about["description"], "version": about["version"],
            "licenses": about["license"], "source": about["repository"], "revision": revision,
        }.items()}

    def blob(self, media_type, data, **more):
        """Keeps the data; returns its descriptor."""
        if not isinstance(data, bytes):
            data = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
        digest = hashlib.sha256(data).hexdigest()
        self.files[f"blobs/sha256/{digest}"] = data
        return {"mediaType": f"{OCI}.{media_type}", "digest": f"sha256:{digest}", "size": len(data), **more}

    def image(self, arch, tar):
        """The image of one layer."""
        with open(f"{tar}.gz", "rb") as file:
            packed = file.read()
        plain = hashlib.sha256(gzip.decompress(packed)).hexdigest()
        config = self.blob("config.v1+json", {
            "created": self.created, "architecture": arch, "os": "linux",
            # What the Containerfile says, word by word; a test compares.
            "config": {
                "User": "65532:65532", "ExposedPorts": {f"{PORT}/tcp": {}}, "WorkingDir": "/",
                "Entrypoint": ["/usr/local/bin/notafter"], "Cmd": ["serve"], "Labels": self.labels,
            },
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{plain}"]},
            "history": [{"created": self.created, "created_by": "image/build"}],
        })
        layer = self.blob("layer.v1.tar+gzip", packed)
        annotations = self.labels | {"org.opencontainers.image.created": self.created}
        manifest = {"config": config, "layers": [layer], "annotations": annotations}
        return self.document("manifest", manifest, platform={"architecture": arch, "os": "linux"})

    def document(self, kind, content, **more):
        media_type = f"{kind}.v1+json"
        return self.blob(media_type, {"schemaVersion": 2, "mediaType": f"{OCI}.{media_type}", **content}, **more)

    def finish(self, images):
        """Names the image, and returns its digest."""
        top = images[0] if len(images) == 1 else self.document("index", {"manifests": images})
        named = top | {"annotations": {"org.opencontainers.image.ref.name": self.name}}
        index = {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": [named]}
        self.files["index.json"] = json.dumps(index, sort_keys=True).encode()
        self.files["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
        return top["digest"]

    def write(self, path):
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
            for name in sorted(self.files):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mtime, entry.mode = len(self.files[name]), self.seconds, 0o644
                tar.addfile(entry, io.BytesIO(self.files[name]))


if __name__ == "__main__":
    output, revision, seconds, *layers = sys.argv[1:]
    archive = Archive(revision, seconds)
    print(archive.finish([archive.image(*it.split("=", 1)) for it in layers]))
    archive.write(output)
