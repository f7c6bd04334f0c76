#!/usr/bin/env python3
"""How long programs take to carry the same things: rounds in which each does each job once.

    bench/copy_bench.py [--rounds 9] [--mib 64] [--images 100] NAME=PROGRAM...

e.g. bench/copy_bench.py before=/old/tote after=build/release/tote

Jobs, between two registries of the first program, which keep everything in directories: a bundle of
three layers of --mib MiB, and one of --images images with three small layers each, to an archive,
from it, the same with a compressed one, from registry to registry, the same again, and pushed from files. Prints the
median time of each program and its ratio to the first one's.
"""
import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time


class Registry:
    def __init__(self, program, directory):
        self.process = subprocess.Popen(
            [program, "registry", "serve", "--listen", "127.0.0.1:0", "--dir", directory],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = json.loads(self.process.stdout.readline())["address"]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def run(program, *arguments):
    """Seconds that it took."""
    begun = time.perf_counter()
    done = subprocess.run([program, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True)
    if done.returncode != 0:
        sys.exit(f"{program} {' '.join(map(str, arguments))}: {done.stderr}")
    return time.perf_counter() - begun


def push_image(program, reference, directory, name, size, seed):
    file = directory / name
    file.write_bytes(random.Random(seed).randbytes(size))
    run(program, "push", "-i", reference, "-f", file)
    out = subprocess.check_output([program, "tag", "resolve", "-i", reference], text=True)
    return out.split()[-1]


def push_bundle(program, reference, directory, images):
    lock = directory / "bundle" / ".imgpkg" / "images.yml"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text("---\napiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n" +
                    "".join(f"- image: {image}\n" for image in images))
    run(program, "push", "-b", reference, "-f", directory / "bundle")


def fill(program, registry, work, mib, images):
    """Two bundles, by name."""
    large = [push_image(program, f"{registry.address}/large/part{i}:v1", work, f"large{i}", mib << 20, i)
             for i in range(3)]
    small = [push_image(program, f"{registry.address}/small/image{i}:v1", work, "small", 4096, 1000 + i)
             for i in range(images)]
    bundles = {"large": f"{registry.address}/bundle/large:v1", "small": f"{registry.address}/bundle/small:v1"}
    push_bundle(program, bundles["large"], work, large)
    push_bundle(program, bundles["small"], work, small)
    return bundles


def jobs_of(name, bundle, far, work, round_):
    """What is timed, as arguments of the program; {p} makes every program's target its own."""
    archive = work / f"{name}-{{p}}.tar"
    yield f"{name}: to an archive", ["copy", "-b", bundle, "--to-tar", archive]
    yield f"{name}: from an archive", ["copy", "--tar", archive, "--to-repo", f"{far}/{name}-tar-{{p}}-{round_}"]
    packed = work / f"{name}-{{p}}.tar.zst"
    yield f"{name}: to a compressed archive", ["copy", "-b", bundle, "--to-tar", packed]
    yield f"{name}: from a compressed archive", ["copy", "--tar", packed, "--to-repo", f"{far}/{name}-zst-{{p}}-{round_}"]
    target = f"{far}/{name}-{{p}}-{round_}"
    yield f"{name}: between registries", ["copy", "-b", bundle, "--to-repo", target]
    yield f"{name}: the same again", ["copy", "-b", bundle, "--to-repo", target]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--mib", type=int, default=64)
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("programs", nargs="+")
    options = parser.parse_args()
    programs = dict(named.split("=", 1) for named in options.programs)
    first = next(iter(programs.values()))
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        near, far = (Registry(first, work / name) for name in ("near", "far"))
        try:
            bundles = fill(first, near, work, options.mib, options.images)
            measure(programs, bundles, far.address, work, options)
        finally:
            near.stop()
            far.stop()


def measure(programs, bundles, far, work, options):
    times = {}
    for round_ in range(options.rounds):
        # Who is first changes, since what one does is in the page cache for the next.
        order = list(programs.items())
        order = order[round_ % len(order):] + order[:round_ % len(order)]
        for name, bundle in bundles.items():
            for job, arguments in jobs_of(name, bundle, far, work, round_):
                for label, program in order:
                    filled = [str(argument).replace("{p}", label) for argument in arguments]
                    times.setdefault(job, {}).setdefault(label, []).append(run(program, *filled))
        push = ["push", "-i", f"{far}/push-{{p}}:r{round_}", "-f", work / "large0"]
        for label, program in order:
            filled = [str(argument).replace("{p}", label) for argument in push]
            times.setdefault("large: push of a file", {}).setdefault(label, []).append(run(program, *filled))
    for job, by_label in times.items():
        base = statistics.median(next(iter(by_label.values())))
        for label, taken in by_label.items():
            median = statistics.median(taken)
            print(f"{job:28} {label:10} {median * 1000:9.1f} ms   {median / base:5.3f} of {next(iter(by_label))}"
                  f", from {min(taken) * 1000:.1f} to {max(taken) * 1000:.1f}")


if __name__ == "__main__":
    main()
