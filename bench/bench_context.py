"""What every scenario is given."""
import contextlib
import os
import shutil

import workloads
from processes import FreshRegistry, run
from rounds import alternate
from source import Source


class Bench:
    """`work`: a directory of its own; `fast`: another in memory; `smoke`: everything small, nothing judged."""

    def __init__(self, options, work, fast, report):
        self.tote = options.tote
        self.smoke = options.smoke
        self.rounds = options.rounds
        self.work = work
        self.fast = fast
        self.report = report
        self.specs = workloads.SMOKE_SPECS if options.smoke else workloads.SPECS

    def workload(self, name, spec=None):
        """The directory of one."""
        directory = self.work / name
        workloads.ensure(directory, spec or self.specs[name])
        return directory

    def source(self, name, *flags, spec=None):
        return Source(self.tote, self.workload(name, spec), *flags)

    def far(self, *flags, fast=False):
        """A destination with nothing in it."""
        return FreshRegistry(self.tote, (self.fast if fast else self.work) / "far", *flags)

    def run_tote(self, *arguments, environment=None):
        return run([self.tote, *arguments], environment)

    @contextlib.contextmanager
    def scratch(self, fast=False):
        """An empty directory."""
        directory = (self.fast if fast else self.work) / "scratch"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        try:
            yield directory
        finally:
            shutil.rmtree(directory)

    def settle(self):
        """Nobody pays for what was written before."""
        if not self.smoke:
            os.sync()

    def alternate(self, jobs, most_rounds=None):
        """Each job once before, since the first one warms caches for the others, then the rounds."""
        if not self.smoke:
            alternate(1, jobs)
        return alternate(min(self.rounds, most_rounds or self.rounds), jobs)
