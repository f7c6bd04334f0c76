#!/usr/bin/env bash
# Fails on an include against the arrows of docs/architecture.md, and on a third-party header in a
# place that other folders include.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A may=(
  [base]="base"
  [oci]="oci base"
  [archive]="archive oci base"
  [registry]="registry oci base"
  [copy]="copy oci base"
  [bundle]="bundle copy registry archive oci base"
  [testregistry]="testregistry archive oci base"
  [cmd]="cmd bundle testregistry copy registry archive oci base"
)
failed=0
for folder in "${!may[@]}"; do
  while IFS=: read -r file line include; do
    target=${include#*\"}
    target=${target%%/*}
    if ! grep -qw -- "$target" <<<"${may[$folder]}"; then
      echo "$file:$line: $folder/ must not include $target/"
      failed=1
    fi
  done < <(grep -rnE '^#include "' "$folder" --include='*.h' --include='*.cc')
done

# Headers show no third-party type, except to their own folder: session_context.h and tls_context.h say so themselves.
while IFS=: read -r file line include; do
  case $file in testregistry/session_context.h | testregistry/tls_context.h) continue ;; esac
  echo "$file:$line: a third-party header in a header: $include"
  failed=1
done < <(grep -rnE '^#include <(boost|curl|openssl|nlohmann|archive|yaml|zlib|crypt)' \
  base oci archive registry copy bundle testregistry cmd --include='*.h')
exit $failed
