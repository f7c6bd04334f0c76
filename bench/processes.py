"""Programs as they are measured, and the servers that they talk to, each a process of its own."""
import dataclasses
import getpass
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from connection import Connection


@dataclasses.dataclass
class Taken:
    """What one run of one program has taken, children that it has waited for included."""
    seconds: float
    cpu: float = 0.0  # user and system
    peak: float = 0.0  # MiB; never less than what this script has itself, some 15 MiB: so Linux counts
    requests: tuple = ()  # that each registry has counted


def run(command, more_environment=None, **options):
    """Runs it to the end. A failure is an error with what it wrote."""
    environment = {**os.environ, **(more_environment or {})}
    with tempfile.TemporaryFile() as errors:
        begun = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], env=environment, stdin=subprocess.DEVNULL,
                                   stdout=options.pop("stdout", subprocess.DEVNULL), stderr=errors, **options)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(map(str, command))}: exit {process.returncode}: "
                               + errors.read().decode(errors="replace")[-2000:])
    return Taken(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def shell(script, *arguments):
    """The same for a pipeline; `$1`, `$2`, ... are the arguments."""
    return run(["bash", "-o", "pipefail", "-c", script, "sh", *arguments])


class Registry:
    """`tote registry serve`, until the end of the `with`; without --dir among the flags it is in memory."""

    def __init__(self, tote, *flags):
        begun = time.perf_counter()
        self.process = subprocess.Popen(
            [tote, "registry", "serve", "--listen", "127.0.0.1:0", "--log-level", "error", *map(str, flags)],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a registry with {' '.join(map(str, flags))} did not start")
        self.address = json.loads(line)["address"]
        self.seconds_to_ready = time.perf_counter() - begun

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def connect(self):
        return Connection(self.address)

    def memory(self, what="VmRSS"):
        """MiB; VmHWM is the most that it ever was."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(what):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"no {what} of a registry")

    def requests(self):
        """How many it has answered so far, those for this number not among them."""
        with self.connect() as connection:
            _, text = connection.get("/metrics")
        return sum(int(line.split()[-1]) for line in text.decode().splitlines()
                   if line.startswith("tote_requests_total{"))


class FreshRegistry(Registry):
    """One with an empty directory, which goes with it."""

    def __init__(self, tote, directory, *flags):
        self.directory = pathlib.Path(directory)
        shutil.rmtree(self.directory, ignore_errors=True)
        super().__init__(tote, "--dir", self.directory, *flags)

    def stop(self):
        super().stop()
        shutil.rmtree(self.directory)


def count(registries, action):
    """What `action` returns, with the requests of each registry meanwhile."""
    before = [registry.requests() for registry in registries]
    taken = action()
    taken.requests = tuple(registry.requests() - number for registry, number in zip(registries, before))
    return taken


class Nginx:
    """One worker, no access log, everything else as Debian ships it; serves DIRECTORY/www."""

    def __init__(self, directory):
        port = socket.create_server(("127.0.0.1", 0)).getsockname()[1]
        temporary = "".join(f"{name}_temp_path {directory}/{name};"
                            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""  # its worker has to reach the files
        (directory / "nginx.conf").write_text(
            f"{user} worker_processes 1; daemon off; pid {directory}/pid; error_log {directory}/errors;"
            "events { worker_connections 768; }"
            f"http {{ access_log off; sendfile on; tcp_nopush on; types_hash_max_size 2048; {temporary}"
            f"server {{ listen 127.0.0.1:{port}; root {directory}/www; }} }}", encoding="ascii")
        self.address = f"127.0.0.1:{port}"
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", directory / "nginx.conf"],
                                        stderr=subprocess.DEVNULL)
        self.wait_until_ready()

    def wait_until_ready(self):
        while self.process.poll() is None:
            try:
                Connection(self.address).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)
        raise RuntimeError("nginx did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
