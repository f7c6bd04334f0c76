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
key=${TOTE_SIGNING_KEY:-}
[ ! -f "$key" ] || key=$(realpath "$key")
cd "$1"
rm -f SHA256SUMS.sig
sha256sum "${@:2}" >SHA256SUMS

if [ -z "$key" ]; then
  echo "TOTE_SIGNING_KEY is not set: SHA256SUMS is not signed"
  exit
fi
if [ ! -f "$key" ]; then
  # Its text, as blanks and line breaks of another system have come around it; never shown.
  if [[ $key != *-----BEGIN*PRIVATE* ]]; then
    echo "TOTE_SIGNING_KEY is neither a file nor a private key" >&2
    exit 1
  fi
  file=$(mktemp) # readable by nobody else
  trap 'rm -f "$file"' EXIT
  printf '%s\n' "$key" | tr -d '\r' | sed -n '/-----BEGIN/,$p' | sed 's/^[ \t]*//' >"$file"
  key=$file
fi
ssh-keygen -q -Y sign -f "$key" -n tote SHA256SUMS
