#!/usr/bin/env bash
# Builds the fuzz targets with clang's libFuzzer and runs each for so many seconds (default 60) on
# its corpus. New inputs stay below build/fuzz; a finding fails and is kept there too.
#
#   hack/fuzz.sh 300               all, five minutes each
#   hack/fuzz.sh 300 lock layer    these two
#   FUZZ_SEED=1 hack/fuzz.sh 10    the same inputs each time (default 0: others each time)
set -euo pipefail
cd "$(dirname "$0")/.."
./hack/install_deps.sh
cmake --preset fuzz >/dev/null
seconds=${1:-60}
[[ $seconds =~ ^[0-9]+$ ]] || { echo "usage: $0 [SECONDS [TARGET...]]" >&2; exit 1; }
targets=(tests/fuzz/*_fuzz.cc)
targets=("${targets[@]##*/}")
targets=("${targets[@]%_fuzz.cc}")
[ $# -lt 2 ] || targets=("${@:2}")
cmake --build --preset fuzz -- --quiet "${targets[@]/%/_fuzz}"

# What one says is shown when it has ended, since several run at once.
fuzz() {
  local target=$1 found=build/fuzz/found/$1 said status=0
  mkdir -p "$found"
  said=$("build/fuzz/tests/fuzz/${target}_fuzz" "-max_total_time=$2" "-seed=${FUZZ_SEED:-0}" -print_final_stats=1 -verbosity=0 \
    -timeout=20 -rss_limit_mb=4096 "-artifact_prefix=$found/finding-" "$found" \
    "tests/fuzz/corpus/$target" 2>&1) || status=1
  printf '== %s\n%s\n' "$target" "$(grep -vE '^(INFO|stat::(new|slow|avg|peak))' <<<"$said")"
  return $status
}
export -f fuzz
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c "fuzz {} $seconds"
