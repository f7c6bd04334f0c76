"""What a far registry costs: requests, and how many of them wait for each other."""
from copy_scenarios import Copies, half
from processes import count, run
from report import PEAK_WANTED

REQUESTS = (760, 910)  # wanted of W2 from registry to registry: at the source, at the destination


def delay(bench):
    """Seconds that every answer comes later."""
    return 0.005 if bench.smoke else 0.05


def fault(bench):
    return "--fault", f"latency={round(delay(bench) * 1000)}ms"


def add(bench, what, sample, wanted):
    trips = sample.median() / delay(bench)
    bench.report.sample(what, sample, f"{trips:.1f} RTT", [
        (f"≤ {wanted} RTT", trips <= wanted), (f"≤ {PEAK_WANTED} MiB", sample.peak() <= PEAK_WANTED)])


def w6(bench):
    with bench.source("W2", *fault(bench)) as source, bench.scratch() as scratch:
        copies = Copies(bench, source, scratch, half(bench))

        def to_repo():
            with bench.far(*fault(bench)) as far:
                bench.settle()
                return copies.copy_into(far, "-b", copies.bundle)

        samples = bench.alternate({"to tar": copies.to_tar, "repo to repo": to_repo})
    add(bench, "W6 to tar", samples["to tar"], 30)
    add(bench, "W6 repo to repo", samples["repo to repo"], 50)


def w8(bench):
    with bench.source("W2", *fault(bench)) as source:
        bundle = source.bundle(half(bench))
        check_description(bench, source, bundle)
        sample = bench.alternate({"describe": lambda: bench.run_tote("describe", "-b", bundle)})["describe"]
    add(bench, "W8 describe", sample, 10)


def check_description(bench, source, bundle):
    with bench.scratch() as scratch:
        output = scratch / "description"
        run([bench.tote, "describe", "-b", bundle, "-o", "json"], stdout=output)
        text = output.read_text(encoding="utf-8")
    for digest in source.images[:half(bench)]:
        if digest not in text:
            raise RuntimeError(f"describe does not name {digest}")


def w2_requests(bench):
    with bench.source("W2") as source, bench.scratch() as scratch:
        copies = Copies(bench, source, scratch, half(bench))
        with bench.far() as far:
            taken = count([source, far], lambda: copies.copy_into(far, "-b", copies.bundle))
    for where, number, wanted in zip(("the source", "the destination"), taken.requests, REQUESTS):
        bench.report.value(f"W2 repo to repo: requests at {where}", str(number), number, wanted)


SCENARIOS = {"W6": w6, "W8": w8, "W2.requests": w2_requests}
