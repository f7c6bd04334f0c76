#!/usr/bin/env bash
# Builds tote and shows the main job against registries of its own: push a bundle, carry it through
# an archive, pull it on the far side. Installs what it needs. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."
./hack/install_deps.sh --build-only
cmake --preset release -DTOTE_BUILD_TESTS=OFF -DTOTE_BUILD_BENCH=OFF -B build/demo >/dev/null
cmake --build build/demo -- --quiet
PATH=$PWD/build/demo:$PATH

work=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"

# A registry on a free port; its address, which it prints when it is ready, goes to $address.
start_registry() {
  tote registry serve --listen 127.0.0.1:0 >"$1.ready" &
  servers+=($!)
  until [ -s "$1.ready" ]; do kill -0 $! && sleep 0.02; done
  address=$(sed 's/.*"address":"\([^"]*\)".*/\1/' "$1.ready")
}
show() {
  echo
  echo "\$ $*"
  "$@"
}

start_registry here
here=$address
start_registry far
far=$address
echo "Two registries: $here is here, $far is on the far side of the gap."

mkdir -p app/config bundle/.imgpkg
echo "hello" >app/greeting.txt
echo "level: info" >bundle/config.yml
show tote push -i "$here/demo/app:v1" -f app
image=$(tote tag resolve -i "$here/demo/app:v1")
cat >bundle/.imgpkg/images.yml <<YAML
apiVersion: imgpkg.carvel.dev/v1alpha1
kind: ImagesLock
images:
- image: $image
YAML
show cat bundle/.imgpkg/images.yml
show tote push -b "$here/demo/bundle:v1" -f bundle
show tote copy --tty -b "$here/demo/bundle:v1" --to-tar bundle.tar
show tar tf bundle.tar
show tote copy --tty --from-tar bundle.tar --to-repo "$far/site/bundle" --lock-output lock.yml
show cat lock.yml
show tote pull --tty -b "$far/site/bundle:v1" -o pulled
show cat pulled/.imgpkg/images.yml
show tote tag list -i "$far/site/bundle" --digests
if [ "$(tote tag resolve -i "$here/demo/bundle:v1" | sed 's/.*@//')" != \
     "$(tote tag resolve -i "$far/site/bundle:v1" | sed 's/.*@//')" ]; then
  echo "the digests differ" >&2
  exit 1
fi
echo
echo "The same digest on both sides, and the lock names the far side."
