#!/usr/bin/env bash
# Builds tote and passes the tests: format and layering, clang-tidy on what has changed, then the
# sanitized build (addresses, undefined behaviour), the thread sanitizer, and the release build.
# Installs what it needs. Safe to run again; a second run builds only what has changed.
#
#   hack/test.sh            what CI runs
#   hack/test.sh full       also what is slow and seldom says something new: clang-tidy on everything,
#                           every seed of the kill test, 300 stops of the registry, five minutes of
#                           fuzzing for each target
#   hack/test.sh PRESET     one preset: dev, ci, tsan or release; more options go to ctest
set -euo pipefail
cd "$(dirname "$0")/.."
./hack/install_deps.sh

run() {
  echo "== $1"
  cmake --preset "$1" >/dev/null
  cmake --build --preset "$1" -- --quiet
  ctest --preset "$1" "${@:2}"
}

tidy=
case ${1:-} in
  '') ;;
  full)
    tidy=all
    export TOTE_LONG_TESTS=1 TOTE_TEST_STOPS=300
    ;;
  *)
    run "$@"
    exit
    ;;
esac
./hack/check_format.sh
./hack/check_tidy.sh $tidy
run ci
# What races is in the libraries and in the program between two registries; other programs are slow
# under this sanitizer and would show nothing new.
run tsan -E 'e2e.(OtherTools|Resources)'
run release
[ -z "$tidy" ] || ./hack/fuzz.sh 300
