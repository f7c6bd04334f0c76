"""Programs as they are measured, and the servers that they talk to, each a process of its own."""
import dataclasses
import functools
import getpass
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from connection import Connection

LAUNCHER = pathlib.Path(__file__).with_name("launcher.py")


@dataclasses.dataclass
class Taken:
    """What one run of one program has taken, children that it has waited for included."""
    seconds: float
    cpu: float = 0.0  # user and system
    peak: float = 0.0  # MiB; never less than what launcher.py has, some 10 MiB
    requests: tuple = ()  # that each registry has counted


class Launcher:
    """The small process that starts the others (launcher.py). One for all, made when it is needed."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-I", "-S", LAUNCHER], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def launch(self, order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "failure" in answer:
            raise RuntimeError(f"{order['command'][0]}: {answer['failure']}")
        return answer


@functools.cache
def launcher():
    return Launcher()


def run(command, more_environment=None, stdout="/dev/null"):
    """Runs it to the end. A failure is an error with what it wrote."""
    words = [str(word) for word in command]
    with tempfile.NamedTemporaryFile() as errors:
        answer = launcher().launch({"command": words, "environment": {**os.environ, **(more_environment or {})},
                                    "stdout": str(stdout), "stderr": errors.name})
        if answer["exit"] != 0:
            text = pathlib.Path(errors.name).read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"{' '.join(words)}: exit {answer['exit']}: {text[-2000:]}")
    return Taken(answer["seconds"], answer["cpu"], answer["peak"])


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
