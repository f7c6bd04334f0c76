"""The peer of copies: `curl -Z` moves the same blobs, many at a time, and hashes nothing."""
import shutil

from processes import run, shell


def write_config(path, transfers):
    """`transfers`: dicts of long options without their dashes, one for each URL."""
    lines = ["parallel", "silent", 'write-out = "%{http_code}\\n"']
    lines += [f'{name} = "{value}"' for transfer in transfers for name, value in transfer.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class Curl:
    """Jobs on the blobs of a source.Source, with files in `work`."""

    def __init__(self, work):
        self.work = work
        self.folder = work / "curl-blobs"
        self.config = work / "curl.config"
        self.answers = work / "curl.answers"

    def run(self, transfers, status, script='curl -K "$1" >"$2"', *arguments):
        write_config(self.config, transfers)
        taken = shell(script, self.config, self.answers, *arguments)
        answered = self.answers.read_text(encoding="ascii").split()
        if answered != [status] * len(transfers):
            raise RuntimeError(f"curl: {len(transfers)} transfers were answered {sorted(set(answered))}")
        return taken

    def fetch(self, source, blobs, and_sync=False):
        """From the registry into files, which stay until remove()."""
        self.remove()
        self.folder.mkdir()
        transfers = [{"url": source.url("blobs", digest), "output": self.folder / digest[7:]} for digest in blobs]
        script = 'curl -K "$1" >"$2"' + (' && sync "$3"/*' if and_sync else "")
        return self.run(transfers, "200", script, self.folder)

    def send(self, registry, blobs):
        """What fetch() has left, into sessions that are open before the clock runs."""
        with registry.connect() as connection:
            targets = {digest: self.open_session(connection, registry, digest) for digest in blobs}
        transfers = [{"url": url, "upload-file": self.folder / digest[7:], "output": "/dev/null"}
                     for digest, url in targets.items()]
        return self.run(transfers, "201")

    @staticmethod
    def open_session(connection, registry, digest):
        _, headers = connection.ask("POST", "/v2/curl/blobs/uploads/")
        location = headers["location"]
        separator = "&" if "?" in location else "?"
        return f"http://{registry.address}{location}{separator}digest={digest}"

    def head_manifests(self, registry, repository, manifests):
        transfers = [{"url": f"http://{registry.address}/v2/{repository}/manifests/{digest}", "output": "/dev/null"}
                     for digest in manifests]
        write_config(self.config, transfers)
        return run(["curl", "-K", self.config, "--head", "--fail"])

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
