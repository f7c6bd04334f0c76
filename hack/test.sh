#!/usr/bin/env bash
# Builds tote and passes the tests: format and layering, clang-tidy on what has changed, half a minute
# of fuzzing, then everything, benchmarks too, with addresses and undefined behaviour sanitized, and the
# libraries with the thread sanitizer. Installs what it needs. Safe to run again; a second run builds
# only what has changed.
#
#   hack/test.sh            what CI runs
#   hack/test.sh full       also what is slow and seldom says something new: clang-tidy on everything,
#                           all tests in all three builds (what optimising may change, and the limits of
#                           memory, are seen here only), every seed of the kill tests, 300 stops of the
#                           registry, five minutes of fuzzing for each target; the static files, and
#                           where they run
#   hack/test.sh PRESET     one preset: dev, ci, tsan or release; more options go to ctest
#   hack/test.sh program FILE    the end-to-end tests on a program that is there; more options go to
#                           ctest. FILE may be for arm64 (then by qemu-aarch64-static, without the
#                           tests that an emulator can not pass), or a script that starts one
set -euo pipefail
cd "$(dirname "$0")/.."
./hack/install_deps.sh

build() {
  echo "== $1"
  cmake --preset "$1" >/dev/null
  cmake --build --preset "$1" -- --quiet "${@:2}"
}

run() {
  build "$1"
  ctest --preset "$1" "${@:2}"
}

# What races is in the libraries on the lower floors: their tests bring client and server together, each
# with its threads. What starts tasks on these, and the registry's own tests, take long to build: they
# are for "full".
test_threads() {
  local rooms=(base transport registry copy)
  build tsan "${rooms[@]/%/_test}"
  ctest --preset tsan -R "^($(IFS='|'; echo "${rooms[*]}"))\."
}

# The program's messages begin with the name that it was called by: it is tried as "tote".
run_program() {
  local file tried=$PWD/build/tried/tote without=()
  file=$(realpath -e "$1")
  echo "== end-to-end tests on $file"
  cmake --preset dev >/dev/null
  cmake --build --preset dev -- --quiet e2e_test
  mkdir -p "${tried%/*}"
  ln -sf "$file" "$tried"
  if [ "$(uname -m)" != aarch64 ] && readelf -h "$file" 2>/dev/null | grep -q AArch64; then
    rm "$tried"
    printf '#!/bin/sh\nexec qemu-aarch64-static -0 "$0" "%s" "$@"\n' "$file" >"$tried"
    chmod 755 "$tried"
    # The emulator does not tell a parent that its child could not be started, and is too slow and too
    # large for the tests of random moments and of limits.
    without=(-E '(KillTest|Resources|ServeStop|Serve\.SaysWhyACommandCanNotRun)')
  fi
  TOTE_PROGRAM=$tried ctest --preset dev -R '^e2e\.' "${without[@]}" "${@:2}"
}

tidy=
case ${1:-} in
  '') ;;
  full)
    tidy=all
    export TOTE_LONG_TESTS=1 TOTE_TEST_STOPS=300
    ;;
  program)
    run_program "${@:2}"
    exit
    ;;
  *)
    run "$@"
    exit
    ;;
esac
./hack/check_format.sh
./hack/check_tidy.sh $tidy
# Half a minute, of parsers on the lower floors: to build the others with clang would take minutes more.
# From one seed: what fails here fails again, and not by luck; new inputs are for "full".
[ -n "$tidy" ] || FUZZ_SEED=1 ./hack/fuzz.sh 10 json_edit manifest yaml
[ -n "$tidy" ] || test_threads
run ci
if [ -n "$tidy" ]; then
  # Other programs are slow under this sanitizer, and would show nothing new.
  run tsan -E '^(fuzz|docs|layering|e2e.(OtherTools|Resources))'
  run release
  ./hack/fuzz.sh 300
  ./hack/release.sh
  for arch in amd64 arm64; do
    file=dist/$(sed -nE "s/^[0-9a-f]+  (.*-$arch)\$/\1/p" dist/SHA256SUMS)
    run_program "$file"
    [ $arch = arm64 ] || ./hack/try_static.sh "$file"
  done
fi
