"""A registry that has one of the workloads, and a bundle of its images."""
import json
import shutil
import time

import checks
from processes import Registry, run

MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"


class Source(Registry):
    """Serves `directory` of workloads.py, from disk. `images` are the digests of its images, in
    order; `blobs` are sizes of layers and configs by digest."""

    def __init__(self, tote, directory, *flags):
        self.tote = tote
        self.work = directory
        listed = json.loads((directory / "images.json").read_text(encoding="ascii"))
        self.images, self.manifests, self.blobs = listed["roots"], listed["manifests"], listed["blobs"]
        super().__init__(tote, "--dir", directory / "registry", *flags)
        self.wait_until_taken_over()

    def wait_until_taken_over(self):
        """A layout that was put there is hashed by whoever asks for its repository first."""
        with self.connect() as connection:
            target = f"/v2/images/manifests/{self.images[-1]}"
            while connection.get(target, f"Accept: {MANIFESTS}\r\n")[0] != 200:
                time.sleep(0.1)

    def bundle(self, count=None):
        """Reference of a bundle of the first `count` images. Made anew in each run, since its lock
        names this registry with its port."""
        directory = self.work / "bundle"
        shutil.rmtree(directory, ignore_errors=True)
        (directory / ".imgpkg").mkdir(parents=True)
        images = self.images[:count]
        (directory / ".imgpkg/images.yml").write_text(
            "---\napiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n"
            + "".join(f"- image: {self.address}/images@{digest}\n" for digest in images), encoding="ascii")
        reference = f"{self.address}/bundle:of{len(images)}"
        run([self.tote, "push", "-b", reference, "-f", directory])
        return reference

    def url(self, kind, digest):
        return f"http://{self.address}/v2/images/{kind}/{digest}"

    def blobs_of(self, count=None):
        """Sizes by digest of the layers and configs of the first `count` images."""
        if count is None or count >= len(self.images):
            return self.blobs
        wanted = {}
        for digest in self.images[:count]:
            manifest = json.loads(checks.pool_file(self.work / "registry", digest).read_bytes())
            for blob in [manifest["config"], *manifest["layers"]]:
                wanted[blob["digest"]] = blob["size"]
        return wanted

    def digests_of(self, count=None):
        """Everything that a copy of the first `count` images has to bring."""
        manifests = self.manifests if count is None else self.images[:count]
        return {*manifests, *self.blobs_of(count)}
