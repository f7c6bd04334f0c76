#!/usr/bin/env bash
# Builds the fuzz targets with clang's libFuzzer and runs each for so many seconds (default 60) on
# its corpus. New inputs stay below build/fuzz; a finding fails and is kept there too.
#
#   hack/fuzz.sh 300               all, five minutes each
#   hack/fuzz.sh 300 lock layer    these two
set -euo pipefail
cd "$(dirname "$0")/.."
./hack/install_deps.sh
cmake --preset fuzz >/dev/null
seconds=${1:-60}
[[ $seconds =~ ^[0-9]+$ ]] || { echo "usage: $0 [SECONDS [TARGET...]]" >&2; exit 1; }
targets=(access archive challenge docker_config docker_save encoder json_edit layer layout link_header location lock
  manifest manifest_intake place range reference registry_request yaml)
[ $# -lt 2 ] || targets=("${@:2}")
cmake --build --preset fuzz -- --quiet "${targets[@]/%/_fuzz}"
for target in "${targets[@]}"; do
  found=build/fuzz/found/$target
  mkdir -p "$found"
  echo "== $target"
  "build/fuzz/tests/fuzz/${target}_fuzz" "-max_total_time=$seconds" -print_final_stats=1 -verbosity=0 \
    -timeout=20 -rss_limit_mb=4096 "-artifact_prefix=$found/finding-" "$found" \
    "tests/fuzz/corpus/$target" 2>&1 | grep -vE '^(INFO|stat::(new|slow|avg|peak))' || exit 1
done
