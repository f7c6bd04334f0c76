"""Whether the result of a job is right: looked at once, and never while the clock runs."""
import hashlib
import subprocess
import tarfile

from oci_layout import digest_of_file


def pool_file(directory, digest):
    """Where a registry keeps it (docs/formats.md)."""
    return directory / "blobs/sha256" / digest[7:]


def in_registry(directory, wanted):
    """All of `wanted` is in the directory of a registry, with its digest."""
    for digest in wanted:
        if digest_of_file(pool_file(directory, digest)) != digest:
            raise RuntimeError(f"{directory}: {digest} is something else")


def in_archive(path, wanted):
    """All of `wanted` is in an archive, and all that is in it has its digest."""
    found = set()
    with tarfile.open(path) as archive:
        for entry in archive:
            if not entry.name.startswith("blobs/sha256/"):
                continue
            with archive.extractfile(entry) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != entry.name[13:]:
                raise RuntimeError(f"{path}: {entry.name} has digest {digest}")
            found.add(f"sha256:{digest}")
    if missing := set(wanted) - found:
        raise RuntimeError(f"{path}: {len(missing)} of {len(wanted)} blobs are missing: {sorted(missing)[0]}")


def same_files(one, other):
    subprocess.run(["diff", "-rq", one, other], check=True)
