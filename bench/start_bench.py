#!/usr/bin/env python3
"""How long programs take to start: rounds in which each runs once, so that all see the same machine.

    bench/start_bench.py NAME=COMMAND...

e.g. bench/start_bench.py "static=dist/tote-0.1.0-linux-amd64 version" "dynamic=build/bin/tote version" true=/bin/true
"""
import shlex
import sys

from processes import run
from rounds import alternate

ROUNDS = 200


def main():
    if len(sys.argv) < 2 or not all("=" in word for word in sys.argv[1:]):
        sys.exit(__doc__)
    commands = {name: shlex.split(text) for name, text in (word.split("=", 1) for word in sys.argv[1:])}
    samples = alternate(ROUNDS, {name: lambda command=command: run(command) for name, command in commands.items()})
    for name, sample in samples.items():
        first, third = sample.quartiles()
        print(f"{name:12} median {sample.median() * 1000:6.2f} ms, "
              f"quartiles {first * 1000:.2f} and {third * 1000:.2f}, of {ROUNDS}")


if __name__ == "__main__":
    main()
