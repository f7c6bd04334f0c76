#!/usr/bin/env bash
# Builds DIR/render, Go's own template library as a yardstick for template/ (tests/data/template),
# from Debian 12's packages golang-go, golang-github-masterminds-sprig-dev,
# golang-github-masterminds-semver-dev, golang-github-burntsushi-toml-dev, golang-k8s-sigs-yaml-dev.
# Where they are not there it says so and leaves with 77.
#
#   hack/build_render.sh DIR
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)/tests/data/template/render.go
dir=$(mkdir -p "$1" && cd "$1" && pwd)
packages=/usr/share/gocode/src/github.com/Masterminds

if ! command -v go >/dev/null || [ ! -d "$packages/sprig" ]; then
  echo "skipped: no Go with sprig here" >&2
  exit 77
fi
# The packages lie without the /v3 that those who import them write.
for module in sprig semver; do
  mkdir -p "$dir/path/src/github.com/Masterminds/$module"
  ln -sfn "$packages/$module" "$dir/path/src/github.com/Masterminds/$module/v3"
done
GO111MODULE=off GOPATH=$dir/path:/usr/share/gocode GOCACHE=$dir/cache GOFLAGS=-p=2 \
  go build -o "$dir/render" "$source"
