#!/usr/bin/env python3
"""What is carried: images that are the same on every machine, each set in a registry's directory.

    bench/workloads.py DIRECTORY SPEC    makes one set; SPEC is JSON, as Spec has it

run_bench.py starts this as a process of its own, which takes its memory with it.
"""
import dataclasses
import json
import pathlib
import random
import shutil
import subprocess
import sys

import oci_layout
import text_files

VERSION = 1  # to be counted up when the same spec makes something else


@dataclasses.dataclass(frozen=True)
class Spec:
    kind: str  # one of MAKERS
    count: int  # images, indexes or files
    layers: int = 0  # of each image
    size: int = 0  # of each layer or file, in bytes


SPECS = {
    "W1": Spec("images", 8, 4, 32 << 20),
    "W2": Spec("images", 300, 3, 16 << 10),  # of which W2 is the first 150
    "W3": Spec("files", 20_000, size=4 << 10),
    "W4": Spec("files", 1, size=256 << 20),
    "W5": Spec("indexes", 40, 4, 256 << 10),
    "W7": Spec("images", 10_000, 2, 1 << 10),
}
SMOKE_SPECS = {
    "W1": Spec("images", 2, 2, 1 << 20),
    "W2": Spec("images", 8, 3, 1 << 10),
    "W3": Spec("files", 50, size=4 << 10),
    "W4": Spec("files", 1, size=1 << 20),
    "W5": Spec("indexes", 3, 4, 1 << 10),
    "W7": Spec("images", 20, 2, 1 << 10),
}


def make_images(layout, spec):
    source = random.Random(spec.count)
    for _ in range(spec.count):
        layers = [layout.add_blob(source.randbytes(spec.size)) for _ in range(spec.layers)]
        layout.add_root(layout.add_image(layers))


def make_indexes(layout, spec):
    """Half of the layers of each platform are the same in all indexes, as a base image's are."""
    source = random.Random(spec.count)
    shared = {architecture: [layout.add_blob(source.randbytes(spec.size)) for _ in range(spec.layers // 2)]
              for architecture in ("amd64", "arm64")}
    for _ in range(spec.count):
        images = {}
        for architecture, base in shared.items():
            own = [layout.add_blob(source.randbytes(spec.size)) for _ in range(spec.layers - len(base))]
            images[architecture] = layout.add_image(base + own, architecture)
        layout.add_root(layout.add_index(images))


def make_sparse(layout, spec):
    layout.add_root(layout.add_image([layout.add_sparse_blob(spec.size)]))


MAKERS = {"images": make_images, "indexes": make_indexes, "sparse": make_sparse}


def make(directory, spec):
    if spec.kind == "files":
        text_files.write(directory / "files", spec.count, spec.size)
        return
    layout = oci_layout.Layout(directory / "registry/repositories/images")
    MAKERS[spec.kind](layout, spec)
    layout.finish()
    listed = {"roots": [root["digest"] for root in layout.roots], "manifests": layout.manifests,
              "blobs": layout.blobs}
    (directory / "images.json").write_text(json.dumps(listed), encoding="ascii")


def ensure(directory, spec):
    """Makes it unless it is there; what it is not made of any more goes."""
    stamp = directory / "stamp"
    wanted = json.dumps({"version": VERSION, **dataclasses.asdict(spec)})
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    print(f"making {directory.name}: {wanted}", flush=True)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    subprocess.run([sys.executable, __file__, str(directory), wanted], check=True)
    stamp.write_text(wanted, encoding="ascii")


def main():
    spec = json.loads(sys.argv[2])
    del spec["version"]
    make(pathlib.Path(sys.argv[1]), Spec(**spec))


if __name__ == "__main__":
    main()
