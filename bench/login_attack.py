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
import contextlib
import hashlib
import json
import os
import resource
import socket
import statistics
import subprocess
import tempfile
import threading
import time

# Of nobody's password, at cost 12.
HASH = "user:$2b$12$0hEBA9jDFEa3R3jnZhBSROWvM6bqLaSVtKPmEGlBfY0NYb2nnUqsO\n"
ATTACKERS = 40
STALLED = 1500
BLOB = b"small blob"


def connect(address):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)))


def read_answer(connection):
    """Status and body of one answer with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("closed")
        data += piece
    head, body = data.split(b"\r\n\r\n", 1)
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return int(head[9:12]), body


def ask(connection, line, headers="", body=b""):
    connection.sendall(f"{line} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
                       .encode() + body)
    return read_answer(connection)


def basic(user, password):
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode() + "\r\n"


def memory(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def measure(address, target, seconds, pid):
    """Seconds per read, and the most memory seen."""
    taken = []
    peak = memory(pid)
    with contextlib.closing(connect(address)) as connection:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.monotonic()
            status, body = ask(connection, f"GET {target}")
            taken.append(time.monotonic() - begun)
            assert status == 200 and body == BLOB, status
            if len(taken) % 500 == 0:
                peak = max(peak, memory(pid))
            time.sleep(0.001)  # a reader, not another attacker
    return taken, max(peak, memory(pid))


class Attack:
    """Connections that send wrong passwords until told to stop."""

    def __init__(self, address):
        self.address = address
        self.statuses = {}
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(ATTACKERS)]

    def run(self, number):
        with contextlib.closing(connect(self.address)) as connection:
            count = 0
            while not self.stop.is_set():
                count += 1
                status, _ = ask(connection, "GET /v2/app/tags/list",
                                basic("user", f"wrong-{number}-{count}"))
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
        connection = connect(address)
        connection.sendall(b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"
                           b"grant_type=password&username=")
        connections.append(connection)
    return connections


def report(name, taken, alone, grown):
    median = statistics.median(taken)
    late = statistics.quantiles(taken, n=100)[98]
    ratio = f"{median / statistics.median(alone):.2f} times alone" if alone else ""
    print(f"{name:28} median {median * 1e6:7.0f} us  p99 {late * 1e6:7.0f} us  "
          f"memory +{grown:5.1f} MiB  {ratio}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--program", default="build/release/tote")
    arguments.add_argument("--seconds", type=float, default=60)
    options = arguments.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as directory:
        users = os.path.join(directory, "users")
        with open(users, "w", encoding="ascii") as file:
            file.write(HASH)
        with open(os.path.join(directory, "rules"), "w", encoding="ascii") as file:
            file.write("anonymous ** pull,push\n* ** *\n")
        server = subprocess.Popen(
            [options.program, "registry", "serve", "--listen", "127.0.0.1:0", "--auth", "token",
             "--htpasswd", users, "--rules", os.path.join(directory, "rules")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            address = json.loads(server.stdout.readline())["address"]
            digest = "sha256:" + hashlib.sha256(BLOB).hexdigest()
            with contextlib.closing(connect(address)) as connection:
                ask(connection, f"POST /v2/app/blobs/uploads/?digest={digest}", body=BLOB)
            target = f"/v2/app/blobs/{digest}"
            measure(address, target, 1, server.pid)
            idle = memory(server.pid)
            alone, peak = measure(address, target, options.seconds / 4, server.pid)
            report("alone", alone, None, peak - idle)
            with Attack(address) as attack:
                taken, peak = measure(address, target, options.seconds, server.pid)
            report(f"{ATTACKERS} wrong passwords", taken, alone, peak - idle)
            print("  attackers were answered", dict(sorted(attack.statuses.items())))
            connections = stall(address)
            taken, peak = measure(address, target, options.seconds / 4, server.pid)
            report(f"{STALLED} stalled forms", taken, alone, peak - idle)
            for connection in connections:
                connection.close()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
