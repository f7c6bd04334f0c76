"""Pushes and pulls of files beside tar and gzip, in memory."""
import shutil

import checks
from oci_layout import digest_of_file
from processes import FreshRegistry, shell
from report import PEAK_WANTED


class Files:
    """A directory of text, pushed to a registry, and the same bytes for tar and gzip."""

    def __init__(self, bench, registry, name, scratch):
        self.bench = bench
        self.registry = registry
        self.scratch = scratch
        self.files = scratch / "files"
        shutil.copytree(bench.workload(name) / "files", self.files)
        self.output = scratch / "output"
        self.image = f"{registry.address}/files:v1"
        bench.run_tote("push", "-i", self.image, "-f", self.files)
        self.layer = self.largest_blob()

    def largest_blob(self):
        """The layer that tote has made: what both sides unpack."""
        return max((self.registry.directory / "blobs/sha256").iterdir(), key=lambda path: path.stat().st_size)

    def check(self):
        self.pull()
        checks.same_files(self.files, self.output)
        if digest_of_file(self.layer)[7:] != self.layer.name:
            raise RuntimeError("the layer is something else")

    def push(self):
        with self.bench.far(fast=True) as far:
            return self.bench.run_tote("push", "-i", f"{far.address}/files:v1", "-f", self.files)

    def pull(self):
        shutil.rmtree(self.output, ignore_errors=True)
        return self.bench.run_tote("pull", "-i", self.image, "-o", self.output)

    def peer(self, script, *arguments):
        shutil.rmtree(self.output, ignore_errors=True)
        self.output.mkdir()
        return shell(script, *arguments, self.output)


def one_text(files):
    return next(path for path in files.files.rglob("*") if path.is_file())


def measure(bench, name, peers, wanted):
    """`peers`: functions of Files that push and pull in their way, with what they are called."""
    with bench.scratch(fast=True) as scratch, \
            FreshRegistry(bench.tote, bench.fast / "near") as registry:
        files = Files(bench, registry, name, scratch)
        files.check()
        for what, job, (peer, beside), most in zip(("push", "pull"), (files.push, files.pull), peers, wanted):
            samples = bench.alternate({peer: lambda beside=beside: beside(files), "tote": job})
            bench.report.compare(f"{name} {what}", samples, peer, {"tote": most}, {"tote": PEAK_WANTED})


def w3(bench):
    measure(bench, "W3", (
        ("tar | gzip -1", lambda files: files.peer('tar -C "$1" -c . | gzip -1 >"$2/tgz"', files.files)),
        ("tar -xzf", lambda files: files.peer('tar -C "$2" -xzf "$1"', files.layer))), (0.5, 0.7))


def w4(bench):
    measure(bench, "W4", (
        ("gzip -1", lambda files: files.peer('gzip -1 <"$1" >"$2/gz"', one_text(files))),
        ("gzip -d", lambda files: files.peer('gzip -d <"$1" >"$2/text"', files.layer))), (0.35, 0.5))


SCENARIOS = {"W3": w3, "W4": w4}
