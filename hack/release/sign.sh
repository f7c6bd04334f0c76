#!/usr/bin/env bash
# Writes SHA256SUMS for files of a directory, and SHA256SUMS.sig if there is a key.
#
#   hack/release/sign.sh DIR FILE...
#
# TOTE_SIGNING_KEY is a private key of ssh-keygen's, its file or its text. Whoever has the public key
# checks with
#   ssh-keygen -Y verify -f SIGNERS -I tote -n tote -s SHA256SUMS.sig <SHA256SUMS
# where SIGNERS holds the line "tote PUBLIC-KEY", and then sha256sum -c --ignore-missing SHA256SUMS.
set -euo pipefail
cd "$1"
rm -f SHA256SUMS.sig
sha256sum "${@:2}" >SHA256SUMS

key=${TOTE_SIGNING_KEY:-}
if [ -z "$key" ]; then
  echo "TOTE_SIGNING_KEY is not set: SHA256SUMS is not signed"
  exit
fi
if [[ $key == -----BEGIN* ]]; then
  file=$(mktemp) # readable by nobody else
  trap 'rm -f "$file"' EXIT
  printf '%s\n' "$key" >"$file"
  key=$file
fi
ssh-keygen -q -Y sign -f "$key" -n tote SHA256SUMS
