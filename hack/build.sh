#!/usr/bin/env bash
# Checks the format, builds the optimised program and leaves it at build/bin/tote, with the link
# build/bin/imgpkg beside it. Installs what building needs. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."
./hack/install_deps.sh --build-only
if command -v clang-format-14 >/dev/null; then
  ./hack/check_format.sh
else
  echo "clang-format-14 is not installed: the format is not checked" >&2
fi
# Apart from build/release, which has the tests and the benchmarks too.
cmake --preset release -DTOTE_BUILD_TESTS=OFF -DTOTE_BUILD_BENCH=OFF -B build/program >/dev/null
cmake --build build/program -- --quiet
cmake --install build/program --prefix build >/dev/null
./build/bin/tote version
