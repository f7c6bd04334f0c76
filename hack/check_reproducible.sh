#!/usr/bin/env bash
# Builds the release of HEAD a second time, in a clone elsewhere, later, under another umask and with
# everything made anew, and fails if a byte of dist/ differs. Takes what two releases take.
#
#   hack/check_reproducible.sh [--arch amd64|arm64|all]
set -euo pipefail
cd -P "$(dirname "$0")/.."
[ -z "$(git status --porcelain)" ] || {
  echo "commit first: the clone would have other sources" >&2
  exit 1
}
./hack/release.sh "$@"

elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
umask 027
git clone -q . "$elsewhere/another-name"
"$elsewhere/another-name/hack/release.sh" "$@"

status=0
while read -r digest name; do
  other=$(sha256sum "$elsewhere/another-name/dist/$name" | cut -d' ' -f1)
  echo "$name $digest $other"
  [ "$digest" = "$other" ] || status=1
done <dist/SHA256SUMS
exit $status
