#!/usr/bin/env python3
"""The embedded registry beside nginx, openssl and cp, in one run: medians of alternating rounds.

    bench/registry_bench.py [--tote build/release/tote] [--rounds 7] [PART...]

Parts: requests, download, upload, memory, idle, start, gc; all of them by default. Needs wrk and
nginx (hack/install_deps.sh) and, for `memory`, some 20 GB of disk in --dir.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Connection:
    """HTTP/1.1 by hand: what is measured is the server."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.buffer = b""

    def head(self, method, target, length, more=""):
        return (f"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{more}\r\n").encode()

    def ask(self, method, target, body=b"", more=""):
        self.socket.sendall(self.head(method, target, len(body), more) + body)
        return self.answer()

    def send_file(self, method, target, path):
        self.socket.sendall(self.head(method, target, os.path.getsize(path)))
        with open(path, "rb") as file:
            self.socket.sendfile(file)
        return self.answer()

    def answer(self):
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        left = int(headers.get("content-length", 0))
        while len(self.buffer) < left:
            self.buffer += self.more()
        self.buffer = self.buffer[left:]
        status = int(lines[0].split()[1])
        assert status < 400, lines
        return status, headers

    def more(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise EOFError("the registry closed the connection")
        return data


class Registry:
    def __init__(self, tote, *flags):
        begun = time.perf_counter()
        self.process = subprocess.Popen([tote, "registry", "serve", "--listen", "127.0.0.1:0", *flags],
                                        stdout=subprocess.PIPE, text=True)
        self.address = json.loads(self.process.stdout.readline())["address"]
        self.seconds_to_ready = time.perf_counter() - begun

    def connect(self):
        return Connection(self.address)

    def memory(self, what="VmRSS"):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(what):
                return int(line.split()[1]) / 1024  # MiB

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def put_blob(self, path, repository="app"):
        digest = sha256_of(path)
        self.connect().send_file("POST", f"/v2/{repository}/blobs/uploads/?digest={digest}", path)
        return f"/v2/{repository}/blobs/{digest}"


def sha256_of(path):
    return "sha256:" + subprocess.check_output(["sha256sum", path], text=True).split()[0]


def manifest_over(blob, more=""):
    digest = "sha256:" + hashlib.sha256(blob).hexdigest()
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest, "size": len(blob)}
    config = dict(layer, mediaType="application/vnd.oci.image.config.v1+json")
    return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config,
                       "layers": [layer] * 3, "annotations": {"n": more}}).encode()


def put_small_blob(connection, blob):
    digest = "sha256:" + hashlib.sha256(blob).hexdigest()
    connection.ask("POST", f"/v2/app/blobs/uploads/?digest={digest}", blob)


def put_manifest(connection, manifest, tag=None):
    reference = tag or "sha256:" + hashlib.sha256(manifest).hexdigest()
    connection.ask("PUT", f"/v2/app/manifests/{reference}", manifest, f"Content-Type: {MANIFEST}\r\n")
    return f"/v2/app/manifests/{reference}"


def start_nginx(directory):
    """One worker, no access log, everything else as Debian ships it."""
    port = socket.create_server(("127.0.0.1", 0)).getsockname()[1]
    temporary = "".join(f"{name}_temp_path {directory}/{name};"
                        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    directory.chmod(0o755)  # its worker runs as another user
    (directory / "nginx.conf").write_text(
        f"worker_processes 1; daemon off; pid {directory}/pid; error_log {directory}/errors;"
        "events { worker_connections 768; }"
        f"http {{ access_log off; sendfile on; tcp_nopush on; types_hash_max_size 2048; {temporary}"
        f"server {{ listen 127.0.0.1:{port}; root {directory}/www; }} }}")
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", directory / "nginx.conf"], stderr=subprocess.DEVNULL)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process, f"127.0.0.1:{port}"
        except ConnectionRefusedError:
            time.sleep(0.01)


def wrk(url, seconds=2):
    out = subprocess.check_output(["wrk", "-t1", "-c16", f"-d{seconds}", url], text=True)
    assert "Non-2xx" not in out, out
    return float(out.split("Requests/sec:")[1].split()[0])


def alternate(rounds, measures):
    """What the functions return, one after the other, round by round."""
    results = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            results[name].append(measure())
    return results


def row(what, value, wanted):
    print(f"{what:<58} {value:>22}   {wanted}", flush=True)


def ratios(title, results, base, unit, wanted):
    """Medians, each beside that of `base`, and the range of each."""
    medians = {name: statistics.median(values) for name, values in results.items()}
    for name, value in medians.items():
        digits = 0 if value > 10 else 3
        row(f"{title}: {name}", f"{value:.{digits}f} {unit}",
            f"{value / medians[base]:.2f} of {base}, from {min(results[name]):.{digits}f} to {max(results[name]):.{digits}f}"
            + (f" (wanted {wanted[name]})" if name in wanted else ""))


def bench_requests(args, work):
    (work / "www").mkdir()
    blob = os.urandom(16384)
    (work / "www/blob").write_bytes(blob)
    manifest = manifest_over(b"{}")
    (work / "www/manifest").write_bytes(manifest)
    nginx, nginx_address = start_nginx(work)
    servers = {"memory": Registry(args.tote), "directory": Registry(args.tote, "--dir", str(work / "r"))}
    for server in servers.values():
        connection = server.connect()
        put_small_blob(connection, b"{}")
        put_manifest(connection, manifest, "v1")
        put_small_blob(connection, blob)
    digest = "sha256:" + hashlib.sha256(blob).hexdigest()
    for title, file, path, wanted in (
            ("small manifest", "manifest", "v2/app/manifests/v1", {"memory": ">= 1.0", "directory": ">= 0.8"}),
            ("16 KiB blob", "blob", f"v2/app/blobs/{digest}", {"memory": ">= 0.9", "directory": ">= 0.9"})):
        measures = {"nginx": lambda: wrk(f"http://{nginx_address}/{file}")}
        for name, server in servers.items():
            measures[name] = lambda server=server: wrk(f"http://{server.address}/{path}")
        ratios(title, alternate(args.rounds, measures), "nginx", "requests/s", wanted)
    for server in servers.values():
        server.stop()
    nginx.terminate()


def make_gib(path):
    subprocess.run(["dd", "if=/dev/urandom", f"of={path}", "bs=1M", "count=1024", "status=none"], check=True)


def bench_download(args, work):
    (work / "www").mkdir(exist_ok=True)
    make_gib(work / "www/gib")
    nginx, nginx_address = start_nginx(work)
    registry = Registry(args.tote, "--dir", str(work / "r"))
    path = registry.put_blob(work / "www/gib")

    def get(url):
        out = subprocess.check_output(["curl", "-s", "-o", "/dev/null", "-w", "%{speed_download}", url], text=True)
        return float(out) / 1e6

    results = alternate(args.rounds, {"nginx": lambda: get(f"http://{nginx_address}/gib"),
                                      "directory": lambda: get(f"http://{registry.address}{path}")})
    ratios("1 GiB blob", results, "nginx", "MB/s", {"directory": ">= 0.9"})
    registry.stop()
    nginx.terminate()


def touch_memory():
    """A virtual machine may give free memory back to its host, and pays for it when it is used again: up to two
    seconds per GiB, or nothing, by chance. What has just been freed is not given back yet."""
    subprocess.run([sys.executable, "-c",
                    "import mmap\nm = mmap.mmap(-1, 3 << 30)\nfor i in range(0, 3 << 30, 4096): m[i] = 1"], check=True)


def bench_upload(args, work):
    make_gib(work / "gib")
    digest = sha256_of(work / "gib")
    registry = Registry(args.tote, "--dir", str(work / "r"))

    def timed(action, undo=lambda: None):
        touch_memory()
        begun = time.perf_counter()
        action()
        seconds = time.perf_counter() - begun
        undo()
        return seconds

    def upload():
        registry.connect().send_file("POST", f"/v2/app/blobs/uploads/?digest={digest}", work / "gib")

    def remove():
        registry.connect().ask("DELETE", f"/v2/app/blobs/{digest}")
        (work / "r/blobs/sha256" / digest[7:]).unlink()

    results = alternate(args.rounds, {
        "openssl": lambda: timed(lambda: subprocess.run(["openssl", "dgst", "-sha256", work / "gib"],
                                                        stdout=subprocess.DEVNULL, check=True)),
        "cp": lambda: timed(lambda: subprocess.run(["cp", work / "gib", work / "copy"], check=True),
                            (work / "copy").unlink),
        "upload": lambda: timed(upload, remove)})
    slower = max(("cp", "openssl"), key=lambda name: statistics.median(results[name]))
    ratios("upload of 1 GiB", results, slower, "s", {"upload": "<= 1.2"})
    registry.stop()


def bench_memory(args, work):
    with open(work / "part", "wb") as file:
        for _ in range(256):
            file.write(os.urandom(1 << 20))
    registry = Registry(args.tote, "--dir", str(work / "r"))
    digest = sha256_of(work / "part")

    def upload(i):
        registry.connect().send_file("POST", f"/v2/app{i}/blobs/uploads/?digest={digest}", work / "part")

    def download(i):
        connection = registry.connect()
        connection.socket.sendall(connection.head("GET", f"/v2/app{i}/blobs/{digest}", 0))
        left = 256 << 20
        while left > 0:
            left -= len(connection.more())

    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        list(pool.map(upload, range(64)))
        row("64 parallel uploads of 256 MiB: peak resident", f"{registry.memory('VmHWM'):.0f} MiB", "(wanted < 128)")
        list(pool.map(download, range(64)))
    row("and as many downloads: peak resident", f"{registry.memory('VmHWM'):.0f} MiB", "(wanted < 128)")
    registry.stop()


def bench_idle(args, work):
    registry = Registry(args.tote)
    connections = []
    for _ in range(10_000):
        connections.append(registry.connect())
        connections[-1].ask("GET", "/v2/")
    row("10,000 idle connections: resident", f"{registry.memory():.0f} MiB", "(wanted < 256)")
    registry.stop()


def fill(registry, manifests, tag_every):
    connection = registry.connect()
    put_small_blob(connection, b"{}")
    for i in range(manifests):
        tag = f"t{i}" if i % tag_every == 0 else None
        put_manifest(connection, manifest_over(b"{}", str(i)), tag)


def bench_start(args, work):
    registry = Registry(args.tote, "--dir", str(work / "r"))
    fill(registry, 10_000, 10)
    registry.stop()

    def start():
        again = Registry(args.tote, "--dir", str(work / "r"))
        again.stop()
        return again.seconds_to_ready * 1000

    results = alternate(args.rounds, {"start": start})
    row("start to ready with 10,000 manifests", f"{statistics.median(results['start']):.1f} ms", "(wanted < 30)")


def bench_gc(args, work):
    registry = Registry(args.tote, "--dir", str(work / "r"))
    fill(registry, 100_000, 10)
    registry.stop()
    for flags, what in ((["--dry-run"], "dry run"), ([], "removing 90,000 of them")):
        begun = time.perf_counter()
        subprocess.run([args.tote, "registry", "gc", "--dir", work / "r", "--untagged", "--grace", "0s", *flags],
                       check=True, stdout=subprocess.DEVNULL)
        row(f"garbage collection of 100,000 manifests, {what}", f"{time.perf_counter() - begun:.1f} s",
            "(wanted < 10)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--tote", default=str(root / "build/release/tote"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--dir", default=None, help="where to make large files")
    parser.add_argument("parts", nargs="*")
    args = parser.parse_args()
    parts = {name[6:]: function for name, function in globals().items() if name.startswith("bench_")}
    for name in args.parts or parts:
        if name not in parts:
            sys.exit(f"no part '{name}': there are {', '.join(parts)}")
        work = pathlib.Path(tempfile.mkdtemp(prefix="tote-bench-", dir=args.dir))
        try:
            parts[name](args, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
