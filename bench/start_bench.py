#!/usr/bin/env python3
"""How long programs take to start: rounds in which each runs once, so that all see the same machine.

    bench/start_bench.py NAME=COMMAND...

e.g. bench/start_bench.py "static=dist/tote-0.1.0-linux-amd64 version" "dynamic=build/bin/tote version" true=/bin/true
"""

import os
import shlex
import statistics
import sys
import time

ROUNDS = 200


def start(command, null):
    """Seconds from the spawn to the end of the child."""
    before = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ,
                           file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
    _, status = os.waitpid(child, 0)
    taken = time.perf_counter() - before
    if status != 0:
        sys.exit(f"{shlex.join(command)} failed")
    return taken


def main():
    if len(sys.argv) < 2 or not all("=" in word for word in sys.argv[1:]):
        sys.exit(__doc__)
    commands = {name: shlex.split(text) for name, text in (word.split("=", 1) for word in sys.argv[1:])}
    null = os.open("/dev/null", os.O_WRONLY)
    taken = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            taken[name].append(start(command, null))
    for name, seconds in taken.items():
        quartiles = statistics.quantiles(seconds, n=4)
        print(f"{name:12} median {quartiles[1] * 1000:6.2f} ms, "
              f"quartiles {quartiles[0] * 1000:.2f} and {quartiles[2] * 1000:.2f}, of {ROUNDS}")


if __name__ == "__main__":
    main()
