#!/usr/bin/env python3
"""Starts programs and says what they took: a line of JSON with each, a line of JSON back.

Linux counts what the parent of a program holds into the program's own peak. This process stays as
small as Python can be, and processes.py, which is not, leaves the starting to it.
"""
import json
import os
import sys
import time


def open_output(path):
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def launch(order):
    null, output, errors = os.open("/dev/null", os.O_RDONLY), open_output(order["stdout"]), open_output(order["stderr"])
    actions = [(os.POSIX_SPAWN_DUP2, file, number) for number, file in enumerate((null, output, errors))]
    begun = time.perf_counter()
    child = os.posix_spawnp(order["command"][0], order["command"], order["environment"], file_actions=actions)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - begun
    for file in (null, output, errors):
        os.close(file)
    return {"seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / 1024,
            "exit": os.waitstatus_to_exitcode(status)}


def main():
    for line in sys.stdin:
        try:
            answer = launch(json.loads(line))
        except OSError as error:
            answer = {"failure": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
