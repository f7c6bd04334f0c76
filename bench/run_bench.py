#!/usr/bin/env python3
"""Measures tote beside its peers and limits; see docs/performance.md. To be started by hack/bench.sh."""
import argparse
import pathlib
import re
import resource
import shutil
import signal
import sys
import tempfile
import time

import copy_scenarios
import file_scenarios
import growth_scenarios
import latency_scenarios
import registry_scenarios
import start_scenarios
from bench_context import Bench
from report import Report

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/performance.md"
MODULES = (latency_scenarios, copy_scenarios, file_scenarios, growth_scenarios,
           registry_scenarios, start_scenarios)


def scenarios():
    return {name: function for module in MODULES for name, function in module.SCENARIOS.items()}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="hack/bench.sh", description="Measures tote beside its peers and limits.",
                                     epilog="Scenarios: " + ", ".join(scenarios()))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", metavar="REGEX", default="", help="scenarios whose names match")
    parser.add_argument("--work", metavar="DIR", type=pathlib.Path,
                        help="where workloads and copies are: some 40 GB of disk; what was made stays for the next run")
    parser.add_argument("--smoke", action="store_true",
                        help="everything small, one round, no judgement: whether it all runs and its results are right")
    parser.add_argument("--tote", metavar="FILE", default=str(ROOT / "build/release/tote"))
    parser.add_argument("--write-docs", action="store_true", help="writes the table of docs/performance.md")
    options = parser.parse_args()
    if options.smoke:
        options.rounds = 1
    if options.write_docs and (options.smoke or options.only):
        parser.error("--write-docs is for a whole run: without --smoke and --only")
    return options


def run_all(options, work, fast):
    chosen = {name: function for name, function in scenarios().items() if re.search(options.only, name)}
    if not chosen:
        sys.exit(f"no scenario matches '{options.only}': there are {', '.join(scenarios())}")
    report = Report(judge=not options.smoke)
    bench = Bench(options, work, fast, report)
    for name, function in chosen.items():
        begun = time.monotonic()
        function(bench)
        print(f"-- {name}: {time.monotonic() - begun:.0f} s in all", flush=True)
    return report


def main():
    options = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))  # so that nothing is left behind
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # for 10,000 connections
    fast = pathlib.Path(tempfile.mkdtemp(prefix="tote-bench-", dir="/dev/shm"))
    own = None if options.work else tempfile.mkdtemp(prefix="tote-bench-")
    work = (options.work or pathlib.Path(own)).resolve()
    work.mkdir(parents=True, exist_ok=True)
    try:
        report = run_all(options, work, fast)
        if options.write_docs:
            report.write_into(PAGE)
    finally:
        shutil.rmtree(fast)
        if own:
            shutil.rmtree(own)


if __name__ == "__main__":
    main()
