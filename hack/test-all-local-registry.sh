#!/usr/bin/env bash
# Passes the end-to-end tests that any registry has to pass, against the one at localhost:PORT
# (default 5001). If nobody listens there, a registry of our own is started for the tests.
#
#   hack/test-all-local-registry.sh [PORT] [gtest options]
#
# IMGPKG_USERNAME, IMGPKG_PASSWORD and DOCKER_CONFIG are passed on. DOCKERHUB_PROXY=HOST/PREFIX, the
# prefix of Docker Hub's images in a proxy of it, adds a copy from there; nothing else leaves this
# machine.
set -euo pipefail
cd "$(dirname "$0")/.."
port=${1:-5001}
[ $# -eq 0 ] || shift
./hack/install_deps.sh
cmake --preset dev >/dev/null
cmake --build --preset dev -- --quiet e2e_test tote

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
if ! curl -s -o "$work/answer" "http://localhost:$port/v2/"; then
  ./build/dev/tote registry serve --listen "127.0.0.1:$port" >"$work/ready" &
  server=$!
  until [ -s "$work/ready" ]; do kill -0 "$server" && sleep 0.02; done
fi
export TOTE_E2E_REGISTRY=localhost:$port
./build/dev/tests/e2e_test --gtest_filter='AnyRegistry.*' "$@"
