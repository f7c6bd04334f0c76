#!/usr/bin/env bash
# Builds the release program and measures it beside its peers and limits (docs/performance.md).
#
#   hack/bench.sh [--rounds N] [--only REGEX] [--work DIR] [--smoke] [--tote FILE] [--write-docs]
#
# --only takes scenarios by their names; --work says where workloads and copies are (some 40 GB of
# disk), and what was made there stays for the next run; --smoke runs everything once with tiny
# workloads and judges nothing; --tote measures a program that is there; --write-docs writes the table
# of docs/performance.md. Nothing else should run on the machine meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."
./hack/install_deps.sh
case " $* " in
  *' --tote'* | *' -h '* | *' --help '*) ;;
  *)
    cmake --preset release >/dev/null
    cmake --build --preset release -- --quiet tote
    ;;
esac
exec ./bench/run_bench.py "$@"
