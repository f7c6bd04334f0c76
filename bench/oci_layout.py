"""Writes OCI image layouts: images as a registry takes them over, without a push for each."""
import hashlib
import json

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
PIECE = 1 << 20


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_of_file(path):
    with open(path, "rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


class Layout:
    """`blobs` and `manifests` are the digests of what was written, in order, each once."""

    def __init__(self, directory):
        self.directory = directory
        self.folder = directory / "blobs/sha256"
        self.folder.mkdir(parents=True)
        self.blobs = {}
        self.manifests = {}
        self.roots = []

    def write(self, data):
        digest = digest_of(data)
        path = self.folder / digest[7:]
        if not path.exists():
            path.write_bytes(data)
        return digest

    def add_blob(self, data, media_type=LAYER):
        digest = self.write(data)
        self.blobs[digest] = len(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def add_sparse_blob(self, size):
        """A layer of zeros that takes no disk."""
        aside = self.directory / "sparse"
        with open(aside, "wb") as file:
            file.truncate(size)
        digest = digest_of_file(aside)
        aside.rename(self.folder / digest[7:])
        self.blobs[digest] = size
        return {"mediaType": LAYER, "digest": digest, "size": size}

    def add_manifest(self, document, media_type):
        data = json.dumps({"schemaVersion": 2, "mediaType": media_type, **document}).encode()
        digest = self.write(data)
        self.manifests[digest] = len(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def add_image(self, layers, architecture="amd64"):
        config = {"architecture": architecture, "os": "linux", "config": {},
                  "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]}}
        document = {"config": self.add_blob(json.dumps(config).encode(), CONFIG), "layers": layers}
        return self.add_manifest(document, MANIFEST)

    def add_index(self, images):
        """`images`: descriptors by architecture."""
        children = [dict(image, platform={"architecture": architecture, "os": "linux"})
                    for architecture, image in images.items()]
        return self.add_manifest({"manifests": children}, INDEX)

    def add_root(self, descriptor):
        self.roots.append(descriptor)

    def finish(self):
        (self.directory / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', encoding="ascii")
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": self.roots}
        (self.directory / "index.json").write_text(json.dumps(index), encoding="ascii")
