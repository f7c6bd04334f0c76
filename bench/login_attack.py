#!/usr/bin/env python3
"""How much a registry's readers notice of somebody who tries passwords.

  bench/login_attack.py [--program build/release/tote] [--seconds 60]

Starts `registry serve` with a bcrypt hash of cost 12 and anonymous reads, and reads one small blob
over and over, on one connection: alone, then while 40 connections send wrong passwords, then while
1,500 connections have sent half of a `POST /token` and say nothing more. Prints the median and the
99th percentile of each, as ratios to the one alone in the same run, and by how much the registry's
memory grew over what it had when idle.
"""

import argparse
import base64
import pathlib
import resource
import statistics
import tempfile
import threading
import time

from connection import Connection
from oci_layout import digest_of
from processes import Registry

# Of nobody's password, at cost 12.
HASH = "user:$2b$12$0hEBA9jDFEa3R3jnZhBSROWvM6bqLaSVtKPmEGlBfY0NYb2nnUqsO\n"
ATTACKERS = 40
STALLED = 1500
BLOB = b"small blob"


def basic(user, password):
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode() + "\r\n"


def measure(server, target, seconds):
    """Seconds per read, and the most memory seen."""
    taken = []
    peak = server.memory()
    with server.connect() as connection:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.monotonic()
            status, body = connection.get(target)
            taken.append(time.monotonic() - begun)
            assert status == 200 and body == BLOB, status
            if len(taken) % 500 == 0:
                peak = max(peak, server.memory())
            time.sleep(0.001)  # a reader, not another attacker
    return taken, max(peak, server.memory())


class Attack:
    """Connections that send wrong passwords until told to stop."""

    def __init__(self, address):
        self.address = address
        self.statuses = {}
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(ATTACKERS)]

    def run(self, number):
        with Connection(self.address) as connection:
            count = 0
            while not self.stop.is_set():
                count += 1
                status, _ = connection.get("/v2/app/tags/list", basic("user", f"wrong-{number}-{count}"))
                self.statuses[status] = self.statuses.get(status, 0) + 1
                if status == 429:
                    self.stop.wait(0.05)  # twenty times as fast as it is told to

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def stall(address):
    connections = []
    for _ in range(STALLED):
        connection = Connection(address)
        connection.send(b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"
                        b"grant_type=password&username=")
        connections.append(connection)
    return connections


def report(name, taken, alone, grown):
    median = statistics.median(taken)
    late = statistics.quantiles(taken, n=100)[98]
    ratio = f"{median / statistics.median(alone):.2f} times alone" if alone else ""
    print(f"{name:28} median {median * 1e6:7.0f} us  p99 {late * 1e6:7.0f} us  "
          f"memory +{grown:5.1f} MiB  {ratio}")


def files_of_users(directory):
    """The flags that name them."""
    users, rules = directory / "users", directory / "rules"
    users.write_text(HASH, encoding="ascii")
    rules.write_text("anonymous ** pull,push\n* ** *\n", encoding="ascii")
    return "--htpasswd", users, "--rules", rules


def attack(server, seconds):
    digest = digest_of(BLOB)
    with server.connect() as connection:
        connection.ask("POST", f"/v2/app/blobs/uploads/?digest={digest}", BLOB)
    target = f"/v2/app/blobs/{digest}"
    measure(server, target, 1)
    idle = server.memory()
    alone, peak = measure(server, target, seconds / 4)
    report("alone", alone, None, peak - idle)
    with Attack(server.address) as attackers:
        taken, peak = measure(server, target, seconds)
    report(f"{ATTACKERS} wrong passwords", taken, alone, peak - idle)
    print("  attackers were answered", dict(sorted(attackers.statuses.items())))
    connections = stall(server.address)
    taken, peak = measure(server, target, seconds / 4)
    report(f"{STALLED} stalled forms", taken, alone, peak - idle)
    for connection in connections:
        connection.close()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--program", default="build/release/tote")
    arguments.add_argument("--seconds", type=float, default=60)
    options = arguments.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as directory, \
            Registry(options.program, "--auth", "token", *files_of_users(pathlib.Path(directory))) as server:
        attack(server, options.seconds)


if __name__ == "__main__":
    main()
