"""How long the program takes to start."""
from processes import run
from rounds import alternate


def version(bench):
    rounds = 5 if bench.smoke else 200
    samples = alternate(rounds, {"/bin/true": lambda: run(["/bin/true"]),
                                 "tote": lambda: bench.run_tote("version")})
    bench.report.compare("tote version", samples, "/bin/true")


SCENARIOS = {"version": version}
