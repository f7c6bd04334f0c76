"""The embedded registry beside nginx, openssl and cp, and its memory."""
import concurrent.futures
import json
import os
import subprocess
import sys
import time

from oci_layout import MANIFEST, digest_of, digest_of_file
from processes import Nginx, Registry, Taken, run
from rounds import alternate

GIB = 1 << 30


def upload_target(digest, repository="app"):
    return f"/v2/{repository}/blobs/uploads/?digest={digest}"


def manifest_over(blob, more=""):
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest_of(blob), "size": len(blob)}
    config = dict(layer, mediaType="application/vnd.oci.image.config.v1+json")
    return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer] * 3,
                       "annotations": {"n": more}}).encode()


def put_blob(connection, blob):
    connection.ask("POST", upload_target(digest_of(blob)), blob)


def put_manifest(connection, manifest, tag=None):
    reference = tag or digest_of(manifest)
    connection.ask("PUT", f"/v2/app/manifests/{reference}", manifest, f"Content-Type: {MANIFEST}\r\n")


def make_random(path, size):
    with open(path, "wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))


def wrk(url, seconds):
    """How long a thousand requests take, of 16 connections."""
    text = subprocess.check_output(["wrk", "-t1", "-c16", f"-d{seconds}", url], text=True)
    if "Non-2xx" in text:
        raise RuntimeError(text)
    return Taken(1000 / float(text.split("Requests/sec:")[1].split()[0]))


def requests(bench):
    with bench.scratch() as scratch:
        (scratch / "www").mkdir()
        blob = os.urandom(16384)
        manifest = manifest_over(b"{}")
        (scratch / "www/blob").write_bytes(blob)
        (scratch / "www/manifest").write_bytes(manifest)
        with Nginx(scratch) as nginx, Registry(bench.tote) as memory, bench.far() as directory:
            servers = {"memory": memory, "directory": directory}
            for server in servers.values():
                fill_for_requests(server, manifest, blob)
            measure_requests(bench, nginx, servers, "1,000 small manifests", "manifest", "manifests/v1",
                             {"memory": 1, "directory": 1.25})
            measure_requests(bench, nginx, servers, "1,000 blobs of 16 KiB", "blob", f"blobs/{digest_of(blob)}",
                             {"memory": 1.11, "directory": 1.11})


def fill_for_requests(server, manifest, blob):
    with server.connect() as connection:
        put_blob(connection, b"{}")
        put_manifest(connection, manifest, "v1")
        put_blob(connection, blob)


def measure_requests(bench, nginx, servers, title, file, path, wanted):
    seconds = 1 if bench.smoke else 2
    jobs = {"nginx": lambda: wrk(f"http://{nginx.address}/{file}", seconds)}
    for name, server in servers.items():
        jobs[name] = lambda server=server: wrk(f"http://{server.address}/v2/app/{path}", seconds)
    bench.report.compare(title, alternate(bench.rounds, jobs), "nginx", wanted)


def size_of(bench, full):
    return 1 << 20 if bench.smoke else full


def download(bench):
    with bench.scratch() as scratch:
        (scratch / "www").mkdir()
        file = scratch / "www/file"
        make_random(file, size_of(bench, GIB))
        digest = digest_of_file(file)
        with Nginx(scratch) as nginx, bench.far() as registry:
            with registry.connect() as connection:
                connection.send_file("POST", upload_target(digest), file)
            samples = bench.alternate({
                "nginx": lambda: get(f"http://{nginx.address}/file"),
                "directory": lambda: get(f"http://{registry.address}/v2/app/blobs/{digest}")})
    bench.report.compare(f"download of a blob of {size_of(bench, GIB) >> 20} MiB", samples, "nginx", {"directory": 1.11})


def get(url):
    taken = run(["curl", "-sf", "-o", "/dev/null", url])
    return Taken(taken.seconds)  # what curl needs is not what is asked


def touch_memory():
    """A virtual machine may give free memory back to its host, and pays for it when it is used again: up to two
    seconds per GiB, or nothing, by chance. What has just been freed is not given back yet."""
    subprocess.run([sys.executable, "-c",
                    "import mmap\nm = mmap.mmap(-1, 3 << 30)\nfor i in range(0, 3 << 30, 4096): m[i] = 1"], check=True)


def prepare_memory(bench):
    if not bench.smoke:
        touch_memory()


def upload(bench):
    with bench.scratch() as scratch:
        file, copy = scratch / "file", scratch / "copy"
        make_random(file, size_of(bench, GIB))
        digest = digest_of_file(file)

        def limit(*command):
            copy.unlink(missing_ok=True)
            prepare_memory(bench)
            return Taken(run(command).seconds)

        samples = bench.alternate({
            "openssl dgst": lambda: limit("openssl", "dgst", "-sha256", file),
            "cp": lambda: limit("cp", file, copy),
            "upload": lambda: upload_once(bench, file, digest)})
    slower = max(("cp", "openssl dgst"), key=lambda name: samples[name].median())
    bench.report.compare(f"upload of a blob of {size_of(bench, GIB) >> 20} MiB", samples, slower, {"upload": 1.15})


def upload_once(bench, file, digest):
    with bench.far() as registry, registry.connect() as connection:
        prepare_memory(bench)
        begun = time.perf_counter()
        connection.send_file("POST", upload_target(digest), file)
        return Taken(time.perf_counter() - begun)


def memory(bench):
    number, size = (4, 1 << 20) if bench.smoke else (64, 256 << 20)
    with bench.scratch() as scratch, bench.far() as registry, \
            concurrent.futures.ThreadPoolExecutor(number) as pool:
        file = scratch / "file"
        make_random(file, size)
        digest = digest_of_file(file)
        list(pool.map(lambda i: send(registry, f"app{i}", digest, file), range(number)))
        most = registry.memory("VmHWM")
        bench.report.value(f"{number} parallel uploads of {size >> 20} MiB: peak resident", f"{most:.0f} MiB", most,
                           128, " MiB")
        list(pool.map(lambda i: receive(registry, f"app{i}", digest, size), range(number)))
        most = registry.memory("VmHWM")
        bench.report.value("and as many downloads: peak resident", f"{most:.0f} MiB", most, 128, " MiB")


def send(registry, repository, digest, file):
    with registry.connect() as connection:
        connection.send_file("POST", upload_target(digest, repository), file)


def receive(registry, repository, digest, size):
    with registry.connect() as connection:
        connection.send(connection.head("GET", f"/v2/{repository}/blobs/{digest}", 0))
        left = size
        while left > 0:
            left -= len(connection.more())


def idle(bench):
    number = 100 if bench.smoke else 10_000
    with Registry(bench.tote) as registry:
        connections = []
        for _ in range(number):
            connections.append(registry.connect())
            connections[-1].ask("GET", "/v2/")
        resident = registry.memory()
        bench.report.value(f"{number} idle connections: resident", f"{resident:.0f} MiB", resident, 256, " MiB")
        for connection in connections:
            connection.close()


def fill(tote, directory, manifests):
    """A tenth of them with tags."""
    with Registry(tote, "--dir", directory) as registry, registry.connect() as connection:
        put_blob(connection, b"{}")
        for i in range(manifests):
            put_manifest(connection, manifest_over(b"{}", str(i)), f"t{i}" if i % 10 == 0 else None)


def start(bench):
    number = 100 if bench.smoke else 10_000
    with bench.scratch() as scratch:
        fill(bench.tote, scratch / "registry", number)

        def once():
            with Registry(bench.tote, "--dir", scratch / "registry") as registry:
                return Taken(registry.seconds_to_ready)

        sample = alternate(bench.rounds, {"start": once})["start"]
    bench.report.sample(f"start to ready with {number} manifests", sample,
                        wants=[("≤ 30 ms", sample.median() <= 0.03)])


def collect(bench):
    number = 1000 if bench.smoke else 100_000
    with bench.scratch() as scratch:
        fill(bench.tote, scratch / "registry", number)
        for flags, what in ((["--dry-run"], "dry run"), ([], "removing nine tenths of them")):
            taken = bench.run_tote("registry", "gc", "--dir", scratch / "registry", "--untagged", "--grace", "0s",
                                   *flags)
            bench.report.value(f"garbage collection of {number} manifests, {what}", f"{taken.seconds:.1f} s",
                               taken.seconds, 10, " s")


SCENARIOS = {"registry.requests": requests, "registry.download": download, "registry.upload": upload,
             "registry.memory": memory, "registry.idle": idle, "registry.start": start, "registry.gc": collect}
