#!/usr/bin/env bash
# Fails on an include against the arrows of docs/architecture.md, on a third-party header in a place
# that other folders include, and on a header of a folder's rooms that is not for others.
set -euo pipefail
cd "$(dirname "$0")/.."

# registry/ and testregistry/ are divided into rooms, each with arrows of its own. Client and server
# share the HTTP client of transport/, and nothing of the protocol.
rooms="testregistry/values testregistry/http testregistry/storage testregistry/storage/directory testregistry/storage/layout
  testregistry/api testregistry/access testregistry/ops"
declare -A may=(
  [base]="base"
  [base/codec]="base/codec base"
  [oci]="oci base"
  [archive]="archive oci base/codec base"
  [transport]="transport base"
  [registry/auth]="registry/auth transport oci base"
  [registry]="registry registry/auth transport oci base"
  [copy]="copy oci base"
  [bundle/discover]="bundle/discover chart oci base/codec base"
  [chart]="chart base/codec base"
  [template]="template base"
  [bundle]="bundle bundle/discover chart copy registry transport archive oci base/codec base"
  [bundle/working_copy]="bundle/working_copy bundle bundle/discover copy registry transport archive
    oci base/codec base"
  [testregistry/values]="testregistry/values base"
  [testregistry/http]="testregistry/http testregistry/values base"
  [testregistry/storage]="testregistry/storage testregistry/values transport archive oci base/codec
    base"
  [testregistry/storage/directory]="testregistry/storage/directory testregistry/storage
    testregistry/values oci base"
  [testregistry/storage/layout]="testregistry/storage/layout testregistry/storage testregistry/values
    archive oci base"
  [testregistry/api]="testregistry/api testregistry/http testregistry/storage testregistry/values oci
    base"
  [testregistry/access]="testregistry/access testregistry/api testregistry/http testregistry/values
    oci base"
  [testregistry/ops]="testregistry/ops testregistry/http testregistry/storage testregistry/values
    transport base"
  [testregistry]="testregistry $rooms transport copy archive oci base"
  [cmd/cli]="cmd/cli base"
  [cmd]="cmd cmd/cli bundle bundle/working_copy bundle/discover chart testregistry $rooms copy registry transport archive oci base"
)
failed=0

# The folder or room that a file is in: the longest path above it that has arrows.
place_of() {
  place=${1%/*}
  while [ -z "${may[$place]:-}" ]; do
    if [[ $place != */* ]]; then return; fi
    place=${place%/*}
  done
}

while IFS=: read -r file line include; do
  include=${include#*\"}
  place_of "$file"
  from=$place
  place_of "${include%\"*}"
  if [[ " ${may[$from]//[[:space:]]/ } " != *" $place "* ]]; then
    echo "$file:$line: $from/ must not include $place/"
    failed=1
  fi
done < <(grep -rnE '^#include "' base oci chart template archive transport registry copy bundle testregistry cmd \
  --include='*.h' --include='*.cc')

# Headers show no third-party type, except to their own folder: these say so themselves.
while IFS=: read -r file line include; do
  case $file in
    testregistry/http/session_context.h | testregistry/http/tls_context.h) continue ;;
    transport/curl_handles.h) continue ;;
  esac
  echo "$file:$line: a third-party header in a header: $include"
  failed=1
done < <(grep -rnE '^#include <(boost|curl|openssl|nlohmann|archive|yaml|toml|zlib|zstd|crypt|isa-l|re2)' \
  base oci chart template archive transport registry copy bundle testregistry cmd --include='*.h')

while IFS=: read -r file line include; do
  echo "$file:$line: only transport/ may include ${include#*include }"
  failed=1
done < <(grep -rnE '^#include "transport/curl_(connections|errors|exchange|handles|options)\.h"' \
  base oci chart template archive registry copy bundle testregistry cmd tests bench --include='*.h' --include='*.cc')

# What stands in a room is for the rooms; these headers are for others too. Tests of the rooms may
# include what they test.
public="registry.h registry_config.h access/access.h http/error_response.h http/filter.h
  snapshot.h storage/storage.h values/names.h"
while IFS=: read -r file line include; do
  header=${include#*\"testregistry/}
  if [[ " ${public//[[:space:]]/ } " != *" ${header%\"} "* ]]; then
    echo "$file:$line: only testregistry/ may include ${header%\"}"
    failed=1
  fi
done < <(grep -rnE '^#include "testregistry/' cmd bench tests --include='*.h' --include='*.cc' \
  --exclude-dir=testregistry --exclude-dir=fuzz)
exit $failed
