#!/usr/bin/env bash
# Builds tote and passes the tests: format and layering, then the sanitized build (addresses,
# undefined behaviour), the thread sanitizer, and the release build. Installs what it needs. Safe to
# run again; a second run builds only what has changed.
#
#   hack/test.sh            everything
#   hack/test.sh dev        one preset: dev, ci, tsan or release
set -euo pipefail
cd "$(dirname "$0")/.."
./hack/install_deps.sh

run() {
  echo "== $1"
  cmake --preset "$1" >/dev/null
  cmake --build --preset "$1" -- --quiet
  ctest --preset "$1" "${@:2}"
}

if [ $# -gt 0 ]; then
  run "$@"
  exit
fi
./hack/check_format.sh
run ci
# What races is in the libraries and in the program between two registries; other programs are slow
# under this sanitizer and would show nothing new.
run tsan -E 'e2e.(OtherTools|Resources)'
run release
