"""Copies of bundles beside curl, cp and skopeo."""
import shutil

import checks
from curl import Curl
from processes import count, shell
from report import PEAK_WANTED

MASKED = {"OPENSSL_ia32cap": ":~0x20000000"}  # no SHA instructions


class Copies:
    """What the jobs below share: a bundle at its source and the peer's files."""

    def __init__(self, bench, source, curl_work, count=None):
        self.bench = bench
        self.source = source
        self.count = count
        self.bundle = source.bundle(count)
        self.blobs = source.blobs_of(count)
        self.curl = Curl(curl_work)
        self.archive = curl_work / "bundle.tar"
        self.checked = set()

    def check_once(self, job, check, *arguments):
        if job not in self.checked:
            self.checked.add(job)
            check(*arguments, self.source.digests_of(self.count))

    def to_tar(self, environment=None):
        self.archive.unlink(missing_ok=True)
        self.bench.settle()
        taken = self.bench.run_tote("copy", "-b", self.bundle, "--to-tar", self.archive, environment=environment)
        self.check_once("to tar", checks.in_archive, self.archive)
        return taken

    def copy_into(self, registry, *source):
        taken = self.bench.run_tote("copy", *source, "--to-repo", f"{registry.address}/far")
        self.check_once(source[0], checks.in_registry, registry.directory)
        return taken

    def from_tar(self):
        with self.bench.far() as far:
            self.bench.settle()
            return self.copy_into(far, "--tar", self.archive)

    def to_repo(self):
        with self.bench.far() as far:
            self.bench.settle()
            return self.copy_into(far, "-b", self.bundle)

    def fetch(self, and_sync=False):
        self.curl.remove()
        self.bench.settle()
        return self.curl.fetch(self.source, self.blobs, and_sync)

    def send(self):
        with self.bench.far() as far:
            self.bench.settle()
            return self.curl.send(far, self.blobs)

    def copy_again(self, name):
        """The same copy once more, with nothing to move."""
        with self.bench.far() as far:
            self.copy_into(far, "-b", self.bundle)
            samples = self.bench.alternate({
                "curl HEAD": lambda: self.curl.head_manifests(far, "far", self.source.images[:self.count]),
                "tote": lambda: self.copy_into(far, "-b", self.bundle)})
        self.bench.report.compare(f"{name} to a repository once more", samples, "curl HEAD",
                                  peaks={"tote": PEAK_WANTED})


def half(bench):
    """W2's images: the first half of what W2 holds."""
    return bench.specs["W2"].count // 2


def w2(bench):
    with bench.source("W2") as source, bench.scratch() as scratch:
        copies = Copies(bench, source, scratch, half(bench))
        samples = bench.alternate({"curl": copies.fetch, "to tar": copies.to_tar, "from tar": copies.from_tar,
                                   "repo to repo": copies.to_repo})
        bench.report.compare("W2", samples, "curl", {"to tar": 1.6, "from tar": 2.5, "repo to repo": 5},
                             {name: PEAK_WANTED for name in samples if name != "curl"})
        copies.copy_again("W2")


def w1_to_tar(bench):
    with bench.source("W1") as source, bench.scratch() as scratch:
        copies = Copies(bench, source, scratch)
        samples = bench.alternate({"curl + sync": lambda: copies.fetch(and_sync=True), "tote": copies.to_tar,
                                   "cp": lambda: copy_files(bench, copies, scratch),
                                   "skopeo": lambda: skopeo(bench, source, scratch)})
        bench.report.compare("W1 to tar", samples, "curl + sync", {"tote": 0.85}, {"tote": PEAK_WANTED})


def copy_files(bench, copies, scratch):
    """The limit of writing: what curl has fetched, copied on the same disk, as durable."""
    target = scratch / "copied"
    bench.settle()
    taken = shell('cp -r "$1" "$2" && sync "$2"/*', copies.curl.folder, target)
    shutil.rmtree(target)
    return taken


def skopeo(bench, source, scratch):
    """Image by image: it knows no bundles."""
    target = scratch / "skopeo"
    target.mkdir()
    bench.settle()
    taken = shell('a=$1 d=$2; shift 2; for i; do skopeo --insecure-policy copy -q --src-tls-verify=false '
                  '"docker://$a/images@$i" "dir:$d/${i#*:}" || exit 1; done', source.address, target, *source.images)
    shutil.rmtree(target)
    return taken


def w1_from_tar(bench):
    with bench.source("W1") as source, bench.scratch() as scratch:
        copies = Copies(bench, source, scratch)
        copies.fetch()
        copies.to_tar()
        samples = bench.alternate({"curl -T": copies.send, "tote": copies.from_tar})
        bench.report.compare("W1 from tar", samples, "curl -T", {"tote": 1.0}, {"tote": PEAK_WANTED})


def w1_to_repo(bench):
    with bench.source("W1") as source, bench.scratch() as scratch:
        copies = Copies(bench, source, scratch)
        samples = bench.alternate({"curl down": copies.fetch, "curl up": copies.send, "tote": copies.to_repo})
        slower = max(("curl down", "curl up"), key=lambda name: samples[name].median())
        bench.report.compare("W1 repo to repo", samples, slower, {"tote": 1.15}, {"tote": PEAK_WANTED})
        copies.copy_again("W1")


def w1_masked(bench):
    with bench.source("W1") as source, bench.scratch() as scratch:
        copies = Copies(bench, source, scratch)
        samples = bench.alternate({"with": copies.to_tar, "without": lambda: copies.to_tar(MASKED)})
        bench.report.compare("W1 to tar, SHA instructions", samples, "with", {"without": 1.5},
                             {"without": PEAK_WANTED})


def w5(bench):
    with bench.source("W5") as source, bench.scratch() as scratch:
        copies = Copies(bench, source, scratch)

        def to_repo():
            with bench.far() as far:
                bench.settle()
                return count([source, far], lambda: copies.copy_into(far, "-b", copies.bundle))

        samples = bench.alternate({"curl": copies.fetch, "tote": to_repo})
        bench.report.compare("W5 repo to repo", samples, "curl", peaks={"tote": PEAK_WANTED})
        at_source, at_far = samples["tote"].requests()
        bench.report.value("W5 repo to repo: requests", f"{at_source} + {at_far}")


def w7(bench):
    wanted = 128  # MiB
    with bench.source("W7") as source, bench.scratch() as scratch:
        copies = Copies(bench, source, scratch)
        for name, job in (("to tar", copies.to_tar), ("from tar", copies.from_tar)):
            sample = bench.alternate({name: job}, most_rounds=3)[name]
            each = sample.median() * 1000 / len(source.images)
            bench.report.sample(f"W7 {name}", sample, f"{each:.2f} ms an image",
                                [(f"≤ {wanted} MiB", sample.peak() <= wanted)])


SCENARIOS = {"W2": w2, "W1.to-tar": w1_to_tar, "W1.from-tar": w1_from_tar, "W1.to-repo": w1_to_repo,
             "W1.masked": w1_masked, "W5": w5, "W7": w7}
