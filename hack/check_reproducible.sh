#!/usr/bin/env bash
# Builds the release of HEAD in a clone elsewhere, with everything made anew, at another date and
# under another umask, and fails if a byte of dist/ differs. Takes what two releases take.
#
#   hack/check_reproducible.sh [--arch amd64|arm64|all]
set -euo pipefail
cd -P "$(dirname "$0")/.."
[ -z "$(git status --porcelain)" ] || {
  echo "commit first: the clone would have other sources" >&2
  exit 1
}
./hack/release.sh "$@"

elsewhere=$(mktemp -d)/somewhere/else
trap 'rm -rf "${elsewhere%/somewhere/else}"' EXIT
umask 027
git clone -q . "$elsewhere"
# The mirror's lists are of today.
printf 'Acquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\n' >"$elsewhere/.git/apt.conf"
APT_CONFIG=$elsewhere/.git/apt.conf CCACHE_DISABLE=1 faketime -f +40d "$elsewhere/hack/release.sh" "$@"

status=0
while read -r digest name; do
  other=$(sha256sum "$elsewhere/dist/$name" | cut -d' ' -f1)
  echo "$name $digest $other"
  [ "$digest" = "$other" ] || status=1
done <dist/SHA256SUMS
exit $status
