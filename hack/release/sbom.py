#!/usr/bin/env python3
"""Writes the SPDX 2.3 list of what a static tote holds, as JSON, to stdout.

What is linked in is read from the linker's map, what is only compiled in (templates) from the
compiler's lists of headers: nothing here is a list that somebody has to keep up to date. A file of
the sysroot belongs to one of Debian's binary packages, one of the prefix to a source package, any
other (libstdc++, libgcc) to a package that is installed with the compiler.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

# Where the libraries in prefix/ come from.
BUILT = {
    "libfmt": "fmtlib", "fmt": "fmtlib", "libspdlog": "spdlog", "spdlog": "spdlog",
    "libcurl": "curl", "curl": "curl", "libarchive": "libarchive", "archive": "libarchive",
    "archive_entry": "libarchive",
}


class Origins:
    """Which package each file is of."""

    def __init__(self, root: pathlib.Path):
        self.sysroot = root / "sysroot"
        self.prefix = root / "prefix"
        self.files = {}
        self.urls = {}
        for listing in (root / "files").iterdir():
            for line in listing.read_text().splitlines():
                self.files[line.removeprefix("./")] = listing.name
        for line in (root / "origins").read_text().splitlines():
            url, name, digest = line.split()
            self.urls[name] = (at_debian(url), digest)

    def packages_of(self, paths):
        """The packages of the paths, by their identifiers."""
        found, others = [], []
        for path in sorted(paths):
            if path.is_relative_to(self.prefix):
                found.append(self._source(path.relative_to(self.prefix)))
            elif path.is_relative_to(self.sysroot):
                found.append(self._binary(path.relative_to(self.sysroot)))
            else:
                others.append(path)
        return {one["SPDXID"]: one for one in found + installed(others)}

    def _source(self, path: pathlib.Path):
        top = path.parts[1]
        name = BUILT[top.split(".")[0]]
        dsc = next(file for file in self.urls if file.startswith(name + "_") and file.endswith(".dsc"))
        version = dsc.removeprefix(name + "_").removesuffix(".dsc")
        return package(name, version, "source", *self.urls[dsc])

    def _binary(self, path: pathlib.Path):
        # /lib is a link to /usr/lib.
        listing = self.files.get(str(path)) or self.files.get("usr/" + str(path)) \
            or self.files.get(str(path).removeprefix("usr/"))
        name, version, arch = listing.split("_")
        return package(name, version.replace("%3a", ":"), arch, *self.urls[listing + ".deb"])


def at_debian(url):
    """Where Debian has what came from some mirror, whose name is nobody's business."""
    path = url[url.index("/pool/"):]
    archive = "debian-security" if path.startswith("/pool/updates/") else "debian"
    return f"http://deb.debian.org/{archive}{path}"


def installed(paths):
    """Packages of this system."""
    if not paths:
        return []
    owners = ask("dpkg", "-S", *map(str, paths))
    names = sorted({line.rsplit(": ", 1)[0].split(",")[0] for line in owners.splitlines()})
    shown = ask("dpkg-query", "-W", "-f", "${Package} ${Version} ${Architecture}\n", *names)
    return [package(*line.split(), "NOASSERTION", None) for line in shown.splitlines()]


def ask(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def package(name, version, arch, url, digest):
    purl_version = version.replace(":", "%3A").replace("+", "%2B")
    found = {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", f"{name}-{arch}"),
        "name": name,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "downloadLocation": url,
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": f"pkg:deb/debian/{name}@{purl_version}?arch={arch}&distro=bookworm",
        }],
    }
    if digest:
        found["checksums"] = [{"algorithm": "SHA256", "checksumValue": digest}]
    return found


def linked_files(map_file: pathlib.Path):
    """The archives and objects that gave the program something: those in the map's memory part."""
    text = map_file.read_text().split("Linker script and memory map", 1)[1]
    # "LOAD" names all that were offered; sections with a size name what was taken.
    taken = re.findall(r"0x[0-9a-f]{16}\s+0x[0-9a-f]+ (/\S+?)(?:\(\S+\))?$", text, re.MULTILINE)
    return {pathlib.Path(os.path.normpath(name)) for name in set(taken)}


def headers(build: pathlib.Path):
    deps = ask("ninja", "-C", str(build), "-t", "deps")
    named = {line.strip() for line in deps.splitlines() if line.startswith("    ")}
    return {pathlib.Path(os.path.normpath(build / name)) for name in named}


def document(args, digest, linked, compiled):
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    name = f"tote-{args.version}-linux-{args.arch}"
    program = {
        "SPDXID": "SPDXRef-tote",
        "name": "tote",
        "versionInfo": args.version,
        "packageFileName": name,
        "primaryPackagePurpose": "APPLICATION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
    }
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-tote", None)]
    relations += [("SPDXRef-tote", "STATIC_LINK", one, None) for one in sorted(linked)]
    relations += [("SPDXRef-tote", "CONTAINS", one, "headers only") for one in sorted(compiled)]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": f"https://spdx.org/spdxdocs/{name}-{digest}",
        "creationInfo": {
            "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: tote-release-{args.version}"],
        },
        "packages": [program] + [one for _, one in sorted((linked | compiled).items())],
        "relationships": [
            {"spdxElementId": source, "relationshipType": kind, "relatedSpdxElement": target,
             **({"comment": comment} if comment else {})}
            for source, kind, target, comment in relations
        ],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--version", required=True)
    parser.add_argument("--arch", required=True)
    parser.add_argument("--root", type=pathlib.Path, required=True, help="sysroot, prefix, files, origins")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="where tote was built")
    parser.add_argument("program", type=pathlib.Path)
    args = parser.parse_args()
    args.build, args.root = args.build.resolve(), args.root.resolve()

    origins = Origins(args.root)
    source = pathlib.Path(__file__).resolve().parents[2]
    own = [args.build] + [source / name for name in os.listdir(source) if name not in ("build", "dist")]
    def packages(files):
        return origins.packages_of(
            {path for path in files if not any(path.is_relative_to(directory) for directory in own)})

    linked = packages(linked_files(args.build / "tote.map"))
    compiled = packages(headers(args.build))
    compiled = {key: one for key, one in compiled.items() if key not in linked}
    digest = hashlib.sha256(args.program.read_bytes()).hexdigest()
    json.dump(document(args, digest, linked, compiled), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
