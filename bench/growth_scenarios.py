"""Whether twice as much takes twice as long."""
import shutil

import workloads
from copy_scenarios import Copies
from rounds import alternate

GIB = 1 << 30
# Of the longest run beside the shortest, per image or byte: what still counts as linear.
LINEAR = 1.25


def images(bench):
    with bench.source("W2") as source, bench.scratch() as scratch:
        counts = [len(source.images) // part for part in (4, 2, 1)]
        by_count = {number: Copies(bench, source, scratch, number) for number in counts}
        samples = bench.alternate({number: copies.to_tar for number, copies in by_count.items()})
    each = {number: sample.median() / number for number, sample in samples.items()}
    for number, sample in samples.items():
        bench.report.sample(f"growth: W2 to tar with {number} images", sample, f"{each[number] * 1000:.2f} ms an image",
                            [(f"≤ {LINEAR:g} of {counts[0]} images", each[number] <= LINEAR * each[counts[0]])]
                            if number != counts[0] else ())


def sizes(bench):
    """Of one layer of zeros, which takes no disk at the source; one run each."""
    bases = None
    for size in (1 << 20, 4 << 20) if bench.smoke else (GIB, 5 * GIB, 20 * GIB):
        if shutil.disk_usage(bench.work).free < 1.2 * size:
            bench.report.value(f"growth: {size >> 20} MiB in one layer", "skipped: the disk is too small")
            continue
        sample = one_size(bench, size)
        rate = size / 1e6 / sample.median()
        bases = bases or rate
        bench.report.sample(f"growth: {size >> 20} MiB in one layer to tar", sample, f"{rate:.0f} MB/s",
                            [(f"≥ {1 / LINEAR:g} of the first", rate >= bases / LINEAR)])


def one_size(bench, size):
    name = f"sparse-{size >> 20}"
    with bench.source(name, spec=workloads.Spec("sparse", 1, 1, size)) as source, bench.scratch() as scratch:
        return alternate(1, {"to tar": Copies(bench, source, scratch).to_tar})["to tar"]


SCENARIOS = {"growth.images": images, "growth.sizes": sizes}
