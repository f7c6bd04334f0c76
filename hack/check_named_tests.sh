#!/usr/bin/env bash
# Fails if a test that the given documents name does not exist. Names stand in backticks in the last
# column of tables: `Suite.Test`, `Suite.Test/Row`.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- docs/imgpkg-tests.md
sources=$(find tests -name '*_test.cc' -not -path '*/data/*' -exec cat {} +)
# One line per macro: clang-format may have broken them.
known=$(tr '\n' ' ' <<<"$sources" | grep -oE 'TEST(_F|_P)?\( *[A-Za-z0-9_]+, *[A-Za-z0-9_]+\)' |
  sed -E 's/.*\( *([A-Za-z0-9_]+), *([A-Za-z0-9_]+)\)/\1.\2/' | sort -u)
count=0
missing=0
for name in $(grep -hE '^\|.*\|$' "$@" | awk -F'|' '{print $(NF-1)}' |
  grep -oE '`[A-Z][A-Za-z0-9]*\.[A-Z][A-Za-z0-9]*(/[A-Za-z0-9]+)?`' | tr -d '`' | sort -u); do
  count=$((count + 1))
  if ! grep -qxF "${name%%/*}" <<<"$known"; then
    echo "no such test: $name" >&2
    missing=1
  elif [[ $name == */* ]] && ! grep -qF "\"${name##*/}\"" <<<"$sources"; then
    echo "no such row: $name" >&2
    missing=1
  fi
done
echo "$count tests named"
[ "$count" -gt 0 ] && exit "$missing"
