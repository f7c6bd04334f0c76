#!/usr/bin/env python3
"""Records what Go's templates make of the cases in cases/, one file of JSON lines a family.

  hack/build_render.sh /tmp/render && tests/data/template/record.py /tmp/render/render

A case is a template, alone or with data: `TEMPLATE` or `TEMPLATE  ## DATA` with DATA in JSON; "\\n"
in a template is a line break. Lines that begin with "# " say something to people; "%data JSON" is
what cases below have that name none, "%missing OPTION" the option missingkey.
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def requests(path):
    data, missing = None, "zero"
    for line in path.read_text().splitlines():
        if not line or line.startswith("# "):
            continue
        word, _, rest = line.partition(" ")
        if word == "%data":
            data = json.loads(rest)
            continue
        if word == "%missing":
            missing = rest
            continue
        text, mark, own = line.partition("  ## ")
        request = {"template": text.replace("\\n", "\n"), "data": json.loads(own) if mark else data}
        if missing != "zero":
            request["missing"] = missing
        yield request


def main():
    for path in sorted((HERE / "cases").glob("*.txt")):
        asked = list(requests(path))
        lines = "".join(json.dumps(request) + "\n" for request in asked)
        run = subprocess.run([sys.argv[1]], input=lines, capture_output=True, text=True, check=True)
        said = [json.loads(line) for line in run.stdout.splitlines()]
        assert len(said) == len(asked), path
        with open(HERE / (path.stem + ".jsonl"), "w") as out:
            for request, answer in zip(asked, said):
                out.write(json.dumps(request | answer, sort_keys=True) + "\n")
        print(path.stem, len(asked))


main()
